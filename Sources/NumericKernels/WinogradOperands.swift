extension WinogradConvolution {
  /// One summand of a convolution: an input and the weights that are applied to it.
  ///
  /// The tangent of a convolution, `W * dx + dW * x`, has two.
  package struct Term {
    /// `[N][inputChannels / block][inputHeight][inputWidth][block]`.
    package var input: UnsafePointer<Float>
    /// The weights that are applied to it, as written by ``WinogradKernels/prepare(_:for:to:)``.
    package var weights: UnsafePointer<Float>

    package init(input: UnsafePointer<Float>, weights: UnsafePointer<Float>) {
      self.input = input
      self.weights = weights
    }
  }

  /// One summand of a filter gradient: an input and the gradient by the output it led to.
  ///
  /// The tangent of a filter gradient has two: (`dx`, `gradient`) and (`x`, `d gradient`).
  package struct GradientTerm {
    /// `[N][inputChannels / block][inputHeight][inputWidth][block]`.
    package var input: UnsafePointer<Float>
    /// `[N][outputChannels / block][outputHeight][outputWidth][block]`.
    package var outputGradient: UnsafePointer<Float>

    package init(input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>) {
      self.input = input
      self.outputGradient = outputGradient
    }
  }

  /// The weights of a convolution as a network holds them.
  package struct Weights {
    /// `[outputs][inputs][3][3]`.
    package var values: UnsafePointer<Float>
    /// Filters, at most the (padded) output channels.
    package var outputs: Int
    /// Channels of a filter, at most the (padded) input channels.
    package var inputs: Int
    package init(values: UnsafePointer<Float>, outputs: Int, inputs: Int) {
      self.values = values
      self.outputs = outputs
      self.inputs = inputs
    }
  }
}
