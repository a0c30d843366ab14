package import LinearAlgebra

/// Where a model stands: its weights and buffers, each checked against its layout.
public struct ModelPoint: Sendable, Equatable {
  /// The weights.
  public var weights: ParameterVector
  /// Running statistics of batch norms.
  public var buffers: Buffers

  /// Joins the parts.
  public init(weights: ParameterVector, buffers: Buffers) {
    self.weights = weights
    self.buffers = buffers
  }

  /// Gives flat vectors the layouts of a model.
  ///
  /// - Precondition: As many elements as the layouts ask for.
  package init(_ model: Model, weights: Vector<Float>, buffers: Vector<Float>) {
    self.init(
      weights: ParameterVector(layout: model.layout, elements: weights),
      buffers: Buffers(layout: model.bufferLayout, elements: buffers))
  }

  /// Whether the layouts are those of a model.
  package func fits(_ model: Model) -> Bool {
    weights.layout == model.layout && buffers.layout == model.bufferLayout
  }
}
