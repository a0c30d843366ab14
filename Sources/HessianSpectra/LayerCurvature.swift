package import Krylov

/// Curvature of one layer's block of a matrix.
package struct LayerCurvature: Sendable, Hashable, Codable {
  /// Name of the layer.
  package let name: String
  /// Names of its tensors.
  package let tensors: [String]
  /// Number of its parameters.
  package let parameters: Int
  /// Trace of the block.
  package let trace: TraceEstimate
  /// Largest eigenvalue of the block.
  package let largest: RitzValue
  /// Error of the products as a distance of eigenvalues, see `arithmeticError`; no residual bound below
  /// it is to be believed.
  package let arithmeticFloor: Double
  /// Products that the eigenvalues took, beside those of the trace.
  package let products: Int

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
