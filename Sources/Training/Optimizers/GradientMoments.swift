package import LinearAlgebra

/// What a base optimizer remembers of the gradients of earlier steps.
package struct GradientMoments: Sendable, Equatable {
  /// The velocity of SGD, or the moving mean of the gradient of AdamW.
  package var first: Vector<Float>
  /// The moving mean of the squared gradient of AdamW; nil for SGD.
  package var second: Vector<Float>?

  /// Joins the parts.
  package init(first: Vector<Float>, second: Vector<Float>? = nil) {
    self.first = first
    self.second = second
  }
}
