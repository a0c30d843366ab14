package import LinearAlgebra

/// Where a model stands: its weights and buffers, each checked against its layout.
package struct ModelPoint: Sendable, Equatable {
  /// The weights.
  package var weights: ParameterVector
  /// Running statistics of batch norms.
  package var buffers: Buffers

  /// Joins the parts.
  package init(weights: ParameterVector, buffers: Buffers) {
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
