/// One layer of a plain network, as a value.
package indirect enum Layer: Hashable, Sendable {
  /// Convolution of images.
  case convolution(ConvolutionSettings)
  /// `x W^T + b` of features.
  case linear(outputs: Int, hasBias: Bool)
  /// Batch, group or layer norm.
  case normalization(NormalizationSettings)
  /// A function of every element.
  case activation(ActivationFunction)
  /// Largest element or mean of windows.
  case pool(PoolSettings)
  /// Images to one number per channel.
  case globalPool(PoolSettings.Kind)
  /// Means over `extent x extent` parts of images.
  case adaptiveAverage(extent: Int)
  /// Images to features, channels first.
  case flatten
  /// Dropout of elements, or of whole channels; a rate of nil is chosen by the training.
  case dropout(rate: Double?, wholeChannels: Bool)
  /// A border of zeros around images.
  case pad(Int)
  /// Every so many-th pixel.
  case subsample(Int)
  /// Channels of zeros before and behind the others.
  case zeroChannels(before: Int, after: Int)
  /// Sum of two branches; an empty shortcut is the identity.
  case residual(body: [Layer], shortcut: [Layer])
  /// Probabilities.
  case softmax
  /// Logarithms of probabilities.
  case logSoftmax
}

/// Settings of a convolution.
package struct ConvolutionSettings: Hashable, Sendable {
  /// Number of output channels.
  package var outputs: Int
  /// Height and width of the filters.
  package var kernel: [Int]
  /// Step along height and width.
  package var stride: [Int]
  /// Zeros on both sides of height and width.
  package var padding: [Int]
  /// Distance between the taps.
  package var dilation: Int
  /// Number of independent groups of channels.
  package var groups: Int
  /// Whether a bias is added.
  package var hasBias: Bool

  /// Joins settings; the defaults are PyTorch's.
  package init(
    outputs: Int, kernel: [Int], stride: [Int] = [1, 1], padding: [Int] = [0, 0], dilation: Int = 1,
    groups: Int = 1, hasBias: Bool = true
  ) {
    precondition([kernel, stride, padding].allSatisfy { $0.count == 2 }, "height and width")
    self.outputs = outputs
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.hasBias = hasBias
  }
}

/// Settings of a norm.
package struct NormalizationSettings: Hashable, Sendable {
  /// What the statistics are taken over.
  package enum Kind: Hashable, Sendable {
    /// All samples and pixels of a channel.
    case batch
    /// A group of channels of one sample.
    case group(Int)
    /// All features of one sample.
    case layer
  }

  /// What the statistics are taken over.
  package var kind: Kind
  /// Added to the variance.
  package var epsilon: Double
  /// Weight of a new batch in the running statistics.
  package var momentum: Double
  /// Whether there are scales and shifts.
  package var isAffine: Bool

  /// Joins settings; the defaults are PyTorch's.
  package init(
    _ kind: Kind = .batch, epsilon: Double = NormalizationMode.epsilon,
    momentum: Double = NormalizationMode.momentum, isAffine: Bool = true
  ) {
    self.kind = kind
    self.epsilon = epsilon
    self.momentum = momentum
    self.isAffine = isAffine
  }
}

/// Settings of a pooling.
package struct PoolSettings: Hashable, Sendable {
  /// What is taken of a window.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case max
    case average
  }

  /// What is taken of a window.
  package var kind: Kind
  /// Extent of the windows.
  package var size: Int
  /// Step of the windows.
  package var stride: Int
  /// Border on all sides.
  package var padding: Int
  /// Whether the last window may stick out.
  package var roundsUp: Bool

  /// Joins settings; a stride of nil is the size.
  package init(
    _ kind: Kind, size: Int, stride: Int? = nil, padding: Int = 0, roundsUp: Bool = false
  ) {
    self.kind = kind
    self.size = size
    self.stride = stride ?? size
    self.padding = padding
    self.roundsUp = roundsUp
  }
}

extension Layer {
  /// Whether it has tensors of its own.
  package var hasParameters: Bool {
    switch self {
    case .convolution, .linear: true
    case .normalization(let norm): norm.isAffine || norm.kind == .batch
    case .activation(let activation): activation.parameterCount != nil
    default: false
    }
  }

  /// Layers with tensors in the order of computation: those of a residual layer's body, then those of
  /// its shortcut.
  package static func parametric(_ layers: [Layer]) -> [Layer] {
    layers.flatMap { layer in
      if case .residual(let body, let shortcut) = layer {
        return parametric(body) + parametric(shortcut)
      }
      return layer.hasParameters ? [layer] : []
    }
  }
}
