extension Layer: CustomStringConvertible {
  /// The text that `list` reads back.
  package var description: String {
    switch self {
    case .convolution(let layer): layer.description
    case .linear(let outputs, let hasBias): "linear(\(outputs)\(hasBias ? "" : ",bias=no"))"
    case .normalization(let layer): layer.description
    case .activation(let activation): activation.description
    case .pool(let layer): layer.description
    case .globalPool(let kind): kind == .max ? "globalmax" : "globalaverage"
    case .adaptiveAverage(let extent): "averageto(\(extent))"
    case .flatten: "flatten"
    case .dropout(let rate, let wholeChannels):
      (wholeChannels ? "dropout2d" : "dropout") + (rate.map { "(\($0))" } ?? "")
    case .pad(let border): "pad(\(border))"
    case .subsample(let stride): "subsample(\(stride))"
    case .zeroChannels(let before, let after): "zeros(\(before),\(after))"
    case .residual(let body, let shortcut):
      "residual(\(Layer.text(body)) | "
        + (shortcut.isEmpty ? "identity" : Layer.text(shortcut)) + ")"
    case .softmax: "softmax"
    case .logSoftmax: "logsoftmax"
    }
  }

  /// The text of a list.
  package static func text(_ layers: [Layer]) -> String {
    layers.map(\.description).joined(separator: " ")
  }
}

/// A word with settings, those that are nil left out.
private func term(_ word: String, _ settings: [String?]) -> String {
  let given = settings.compactMap(\.self)
  return given.isEmpty ? word : "\(word)(\(given.joined(separator: ",")))"
}

private func extents(_ pair: [Int]) -> String {
  pair[0] == pair[1] ? "\(pair[0])" : "\(pair[0])x\(pair[1])"
}

extension ConvolutionSettings: CustomStringConvertible {
  /// Text like `conv(32,5,padding=2)`.
  package var description: String {
    term(
      "conv",
      [
        "\(outputs)", extents(kernel), stride == [1, 1] ? nil : "stride=\(extents(stride))",
        padding == [0, 0] ? nil : "padding=\(extents(padding))",
        dilation == 1 ? nil : "dilation=\(dilation)", groups == 1 ? nil : "groups=\(groups)",
        hasBias ? nil : "bias=no",
      ])
  }
}

extension NormalizationSettings: CustomStringConvertible {
  /// Text like `batchnorm(eps=0.001)`.
  package var description: String {
    let (word, groups): (String, String?) =
      switch kind {
      case .batch: ("batchnorm", nil)
      case .group(let count): ("groupnorm", "\(count)")
      case .layer: ("layernorm", nil)
      }
    return term(
      word,
      [
        groups, epsilon == NormalizationMode.epsilon ? nil : "eps=\(epsilon)",
        momentum == NormalizationMode.momentum ? nil : "momentum=\(momentum)",
        isAffine ? nil : "affine=no",
      ])
  }
}

extension PoolSettings: CustomStringConvertible {
  /// Text like `maxpool(3,stride=2,padding=1)`.
  package var description: String {
    term(
      kind == .max ? "maxpool" : "avgpool",
      [
        "\(size)", stride == size ? nil : "stride=\(stride)",
        padding == 0 ? nil : "padding=\(padding)", roundsUp ? "ceil" : nil,
      ])
  }
}

extension ActivationFunction: CustomStringConvertible {
  /// Text like `leakyrelu(0.2)`.
  package var description: String {
    switch self {
    case .identity: "identity"
    case .relu: "relu"
    case .relu6: "relu6"
    case .leakyReLU(let slope): "leakyrelu(\(slope))"
    case .parametricReLU(let count): "prelu(\(count))"
    case .elu(let alpha): alpha == 1 ? "elu" : "elu(\(alpha))"
    case .selu: "selu"
    case .gelu: "gelu"
    case .geluByTanh: "gelu(tanh)"
    case .quickGELU: "gelu(quick)"
    case .silu: "silu"
    case .mish: "mish"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .softplus: "softplus"
    case .hardSwish: "hardswish"
    case .hardSigmoid: "hardsigmoid"
    case .hardTanh: "hardtanh"
    }
  }
}
