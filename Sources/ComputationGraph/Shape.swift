/// Extents of a tensor along its axes; rank 0 is a scalar.
public struct Shape: Hashable, Sendable, Codable, ExpressibleByArrayLiteral,
  CustomStringConvertible
{
  /// Extent of each axis.
  public let dimensions: [Int]

  /// Creates a shape from its extents.
  public init(_ dimensions: [Int]) {
    self.dimensions = dimensions
  }

  /// Creates a shape from a literal of its extents.
  public init(arrayLiteral elements: Int...) {
    dimensions = elements
  }

  /// Number of axes.
  public var rank: Int { dimensions.count }

  /// Number of elements.
  public var count: Int { dimensions.reduce(1, *) }

  /// Elements at most: more than any memory holds, and few enough that sizes can be added up and multiplied.
  private static let maximumCount = 1 << 48

  /// Whether a tensor may have this shape: no extent is negative, and no product of extents beyond the bound.
  public var isPossible: Bool {
    var bound = 1
    for extent in dimensions {
      let (product, overflow) = bound.multipliedReportingOverflow(by: max(extent, 1))
      guard extent >= 0, !overflow, product <= Self.maximumCount else { return false }
      bound = product
    }
    return true
  }

  /// Extent of one axis.
  public subscript(axis: Int) -> Int { dimensions[axis] }

  /// Text like `[64, 3, 32, 32]`.
  public var description: String {
    "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
  }

  /// Distance in elements between neighbours along each axis, row-major.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    return strides
  }

  /// The shape with some axes reduced to one element.
  public func reducing(_ axes: [Int]) -> Shape {
    Shape(dimensions.enumerated().map { axes.contains($0.offset) ? 1 : $0.element })
  }

  /// The shape with one axis replaced.
  public func replacing(axis: Int, with extent: Int) -> Shape {
    var copy = dimensions
    copy[axis] = extent
    return Shape(copy)
  }
}

/// Shapes that an operation cannot work on.
public struct ShapeError: Error, Hashable, CustomStringConvertible {
  /// Name of the operation.
  public let operation: String
  /// What is wrong.
  public let reason: String

  /// Creates the error.
  public init(_ operation: String, _ reason: String) {
    self.operation = operation
    self.reason = reason
  }

  /// One line for the user.
  public var description: String { "\(operation): \(reason)" }
}
