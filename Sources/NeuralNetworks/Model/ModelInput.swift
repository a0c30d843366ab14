public import ComputationGraph

/// What the numbers of a tensor mean.
public enum ElementKind: Hashable, Sendable {
  /// Real numbers.
  case real
  /// Whole numbers in `0 ..< bound`, like tokens or classes; they choose rows and have no derivative.
  case index(bound: Int)
}

/// One named input of a model.
public struct ModelInput: Hashable, Sendable, CustomStringConvertible {
  /// Name, as in the graph and in data with named arrays.
  public let name: String
  /// What its numbers mean.
  public let kind: ElementKind
  /// Shape of one sample; in the graph the sample axis comes before it.
  public let shape: Shape

  /// Creates an input.
  public init(_ name: String, _ shape: Shape, kind: ElementKind = .real) {
    self.name = name
    self.kind = kind
    self.shape = shape
  }

  /// Text like `images [3, 32, 32]`.
  public var description: String { "\(name) \(shape)" }
}
