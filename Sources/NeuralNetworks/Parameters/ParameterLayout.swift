public import ComputationGraph

/// What a parameter does in its layer.
public enum ParameterRole: String, Hashable, Sendable, Codable, CaseIterable {
  /// Filters of a convolution or matrix of a linear layer.
  case weight
  /// Summand per channel of a convolution or linear layer.
  case bias
  /// Factor per channel of a normalisation layer (gamma).
  case normScale
  /// Summand per channel of a normalisation layer (beta).
  case normShift
  /// Table whose rows are chosen by indices.
  case embedding
  /// Learned slopes of a leaky ReLU.
  case slope

  /// All roles as options name them, like `weight, bias`.
  public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// One named tensor of a flat parameter vector.
public struct ParameterSegment: Hashable, Sendable {
  /// Name as in the PyTorch original, like `layer1.0.conv1.weight`.
  public let name: String
  /// Shape of the tensor; elements are row-major.
  public let shape: Shape
  /// What the parameter does.
  public let role: ParameterRole
  /// The axis along which the outputs of the layer lie, if the tensor has two or more axes.
  ///
  /// The first one where weights are stored as PyTorch does; the last one of a linear weight
  /// `[in, out]`.
  public let filterAxis: Int
  /// Place of the elements in the flat vector.
  public let range: Range<Int>

  /// Whether the tensor has at most one axis: biases, scale and shift of batch norms.
  public var isVector: Bool { shape.rank <= 1 }

  /// Number of filters: extent of the filter axis of a tensor with two or more axes, otherwise 1.
  public var filterCount: Int { isVector ? 1 : shape[filterAxis] }

  /// Number of inputs that one output of the layer is computed from (weights only).
  public var fanIn: Int { shape.count / max(filterCount, 1) }

  /// Places of the elements of one filter in the flat vector, ascending.
  ///
  /// One range where the filter axis is the first one, otherwise one for each index of the axes
  /// before it.
  public func filterRanges(_ filter: Int) -> [Range<Int>] {
    guard !isVector else { return [range] }
    let outer = shape.dimensions[..<filterAxis].reduce(1, *)
    let inner = shape.dimensions[(filterAxis + 1)...].reduce(1, *)
    return (0..<outer).map { index in
      let start = range.lowerBound + (index * shape[filterAxis] + filter) * inner
      return start..<start + inner
    }
  }
}

/// A parameter before it has a place: what a layout is made of.
package struct ParameterTensor: Hashable, Sendable {
  /// Name as in the original.
  package let name: String
  /// Shape of the tensor.
  package let shape: Shape
  /// What the parameter does.
  package let role: ParameterRole
  /// The axis along which the outputs of the layer lie.
  package let filterAxis: Int

  /// Describes a parameter.
  ///
  /// - Precondition: The filter axis is one of the tensor, or 0.
  package init(_ name: String, _ shape: Shape, _ role: ParameterRole, filterAxis: Int = 0) {
    precondition(filterAxis == 0 || (1..<shape.rank).contains(filterAxis), "axis of \(name)")
    self.name = name
    self.shape = shape
    self.role = role
    self.filterAxis = filterAxis
  }
}

/// Names, shapes and order of all parameters of a network; immutable.
///
/// The order is that of the model definition, which is the order in the checkpoint files.
public struct ParameterLayout: Hashable, Sendable {
  /// The tensors in order; their ranges follow one another without gaps.
  public let segments: [ParameterSegment]

  /// Number of elements of all tensors.
  public var count: Int { segments.last?.range.upperBound ?? 0 }

  /// Lays tensors out behind one another.
  ///
  /// - Precondition: Names are unique.
  package init(_ tensors: [ParameterTensor]) {
    precondition(Set(tensors.map(\.name)).count == tensors.count, "two parameters have one name")
    var start = 0
    var segments: [ParameterSegment] = []
    segments.reserveCapacity(tensors.count)
    for tensor in tensors {
      let end = start + tensor.shape.count
      segments.append(
        ParameterSegment(
          name: tensor.name, shape: tensor.shape, role: tensor.role,
          filterAxis: tensor.filterAxis, range: start..<end))
      start = end
    }
    self.segments = segments
  }

  /// The tensor with a name, if there is one.
  ///
  /// - Complexity: Linear in the number of tensors.
  public subscript(name: String) -> ParameterSegment? {
    segments.first { $0.name == name }
  }
}

extension ParameterLayout: Codable {
  private struct Entry: Codable {
    let name: String
    let shape: [Int]
    let role: ParameterRole
    /// Absent where it is the first one.
    let filterAxis: Int?
  }

  /// Writes name, shape, role and filter axis of each tensor; the ranges follow from them.
  public func encode(to encoder: any Encoder) throws {
    let entries = segments.map {
      Entry(
        name: $0.name, shape: $0.shape.dimensions, role: $0.role,
        filterAxis: $0.filterAxis == 0 ? nil : $0.filterAxis)
    }
    try entries.encode(to: encoder)
  }

  /// Reads a layout, refusing repeated names, negative extents and sizes that overflow.
  public init(from decoder: any Decoder) throws {
    let entries = try [Entry](from: decoder)
    var total = 0
    var names: Set<String> = []
    for entry in entries {
      guard names.insert(entry.name).inserted else {
        throw Self.corrupt(decoder, "parameter \(entry.name) appears twice")
      }
      var count = 1
      for extent in entry.shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow else {
          throw Self.corrupt(decoder, "parameter \(entry.name) has the shape \(entry.shape)")
        }
        count = product
      }
      guard entry.filterAxis.map({ (1..<max(entry.shape.count, 1)).contains($0) }) ?? true else {
        throw Self.corrupt(decoder, "parameter \(entry.name) has no axis \(entry.filterAxis ?? 0)")
      }
      let (sum, overflow) = total.addingReportingOverflow(count)
      guard !overflow else { throw Self.corrupt(decoder, "the parameters are too large") }
      total = sum
    }
    self.init(
      entries.map {
        ParameterTensor($0.name, Shape($0.shape), $0.role, filterAxis: $0.filterAxis ?? 0)
      })
  }

  private static func corrupt(_ decoder: any Decoder, _ reason: String) -> DecodingError {
    .dataCorrupted(
      DecodingError.Context(codingPath: decoder.codingPath, debugDescription: reason))
  }
}
