public import Krylov

/// Curvature of one layer's block of a matrix.
public struct LayerCurvature: Sendable, Hashable, Codable {
  /// Name of the layer.
  public let name: String
  /// Names of its tensors.
  public let tensors: [String]
  /// Number of its parameters.
  public let parameters: Int
  /// Trace of the block.
  public let trace: TraceEstimate
  /// Largest eigenvalue of the block.
  public let largest: RitzValue
  /// Error of the products as a distance of eigenvalues, see `arithmeticError`; no residual bound below
  /// it is to be believed.
  public let arithmeticFloor: Double
  /// Products that the eigenvalues took, beside those of the trace.
  public let products: Int

  /// Creates the description of a layer.
  package init(
    name: String, tensors: [String], parameters: Int, trace: TraceEstimate,
    largest: RitzValue, arithmeticFloor: Double, products: Int
  ) {
    self.name = name
    self.tensors = tensors
    self.parameters = parameters
    self.trace = trace
    self.largest = largest
    self.arithmeticFloor = arithmeticFloor
    self.products = products
  }
}
