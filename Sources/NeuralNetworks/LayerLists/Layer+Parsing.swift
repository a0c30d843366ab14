extension Layer {
  /// Layers at most, nested ones counted.
  static let maximumCount = 1 << 12

  /// Reads a layer list.
  ///
  /// - Throws: `LayerListError` with the place of what is not understood.
  package static func list(_ text: String) throws(LayerListError) -> [Layer] {
    let layers = try list(LayerTermParser.terms(text))
    guard !layers.isEmpty else { throw LayerListError("layer list: names no layer") }
    guard count(layers) <= maximumCount else {
      throw LayerListError("layer list: more than \(maximumCount) layers")
    }
    return layers
  }

  private static func list(_ terms: [LayerTerm]) throws(LayerListError) -> [Layer] {
    var layers: [Layer] = []
    for term in terms {
      if term.word == "identity" { continue }
      layers.append(try layer(term))
    }
    return layers
  }

  private static func count(_ layers: [Layer]) -> Int {
    layers.reduce(0) { sum, layer in
      guard case .residual(let body, let shortcut) = layer else { return sum + 1 }
      return sum + 1 + count(body) + count(shortcut)
    }
  }

  private static func layer(_ term: LayerTerm) throws(LayerListError) -> Layer {
    let word = LayerWords.synonyms[term.word] ?? term.word
    if word == "residual" { return try residual(term) }
    var settings = LayerSettings(term)
    guard let layer = try layer(word, &settings) else {
      let words = LayerWords.meanings.map { $0.word.prefix { $0 != "(" } }.joined(separator: ", ")
      throw LayerListError("unknown layer \"\(term.word)\"; use \(words)", at: term.place)
    }
    try settings.finish()
    return layer
  }

  private static func residual(_ term: LayerTerm) throws(LayerListError) -> Layer {
    guard (1...2).contains(term.branches.count), let body = term.branches.first, !body.isEmpty
    else {
      throw LayerListError(
        "residual takes a list, or a list and a shortcut: residual(conv(8,3,padding=1) | identity)",
        at: term.place)
    }
    return .residual(
      body: try list(body), shortcut: term.branches.count == 2 ? try list(term.branches[1]) : [])
  }

  private static func layer(
    _ word: String, _ settings: inout LayerSettings
  ) throws(LayerListError) -> Layer? {
    switch word {
    case "conv": return .convolution(try convolution(&settings))
    case "linear":
      let outputs = try settings.required("outputs")
      let hasBias = !settings.flag("nobias")
      return .linear(outputs: outputs, hasBias: try settings.answer("bias", default: hasBias))
    case "batchnorm": return try normalization(.batch, &settings, hasEpsilon: true)
    case "layernorm": return try normalization(.layer, &settings, hasEpsilon: true)
    case "groupnorm":
      return try normalization(
        .group(try settings.required("groups")), &settings, hasEpsilon: false)
    case "maxpool": return .pool(try pool(.max, &settings))
    case "avgpool": return .pool(try pool(.average, &settings))
    case "globalaverage": return .globalPool(.average)
    case "globalmax": return .globalPool(.max)
    case "averageto": return .adaptiveAverage(extent: try settings.required("extent"))
    case "flatten": return .flatten
    case "dropout", "dropout2d":
      let rate = try settings.number("p", "rate", positional: true)
      if let rate, !(0..<1).contains(rate) {
        throw settings.error("rate is \(rate) instead of 0 or more and less than 1")
      }
      return .dropout(rate: rate, wholeChannels: word == "dropout2d")
    case "pad": return .pad(try settings.required("border"))
    case "subsample": return .subsample(try settings.required("stride"))
    case "zeros":
      guard let before = try settings.integer("before", in: 0...1 << 24, positional: true),
        let after = try settings.integer("behind", in: 0...1 << 24, positional: true)
      else { throw settings.error("needs two numbers, channels before and behind: zeros(4,4)") }
      return .zeroChannels(before: before, after: after)
    case "softmax": return .softmax
    case "logsoftmax": return .logSoftmax
    default: return try activation(word, &settings).map { .activation($0) }
    }
  }

  private static func convolution(
    _ settings: inout LayerSettings
  ) throws(LayerListError) -> ConvolutionSettings {
    let outputs = try settings.required("outputs")
    guard let kernel = try settings.extents("kernel", "k", positional: true) else {
      throw settings.error("needs the size of its filters: conv(32,3)")
    }
    let hasBias = !settings.flag("nobias")
    let isSame = settings.flag("same")
    let layer = ConvolutionSettings(
      outputs: outputs, kernel: kernel,
      stride: try settings.extents("stride", "s") ?? [1, 1],
      padding: try settings.extents("padding", "p", from: 0)
        ?? (isSame ? kernel.map { ($0 - 1) / 2 } : [0, 0]),
      dilation: try settings.integer("dilation", "d") ?? 1,
      groups: try settings.integer("groups", "g") ?? 1,
      hasBias: try settings.answer("bias", default: hasBias))
    guard outputs.isMultiple(of: layer.groups) else {
      throw settings.error("has \(layer.groups) groups, which do not divide \(outputs) channels")
    }
    return layer
  }

  private static func normalization(
    _ kind: NormalizationSettings.Kind, _ settings: inout LayerSettings, hasEpsilon: Bool
  ) throws(LayerListError) -> Layer {
    let epsilon = try settings.number("eps", "epsilon", positional: hasEpsilon)
    let momentum = try settings.number("momentum")
    let isAffine = try settings.answer("affine", default: true)
    if let epsilon, epsilon < 0 { throw settings.error("eps is \(epsilon), which is negative") }
    return .normalization(
      NormalizationSettings(
        kind, epsilon: epsilon ?? NormalizationMode.epsilon,
        momentum: momentum ?? NormalizationMode.momentum, isAffine: isAffine))
  }

  private static func pool(
    _ kind: PoolSettings.Kind, _ settings: inout LayerSettings
  ) throws(LayerListError) -> PoolSettings {
    let size = try settings.required("size")
    let layer = PoolSettings(
      kind, size: size, stride: try settings.integer("stride", "s"),
      padding: try settings.integer("padding", "p", in: 0...size / 2) ?? 0,
      roundsUp: settings.flag("ceil"))
    return layer
  }

  private static func activation(
    _ word: String, _ settings: inout LayerSettings
  ) throws(LayerListError) -> ActivationFunction? {
    switch word {
    case "relu": .relu
    case "relu6": .relu6
    case "leakyrelu": .leakyReLU(try settings.number("slope", positional: true) ?? 0.01)
    case "prelu":
      .parametricReLU(count: try settings.integer("count", positional: true) ?? 1)
    case "elu": .elu(try settings.number("alpha", positional: true) ?? 1)
    case "selu": .selu
    case "gelu":
      settings.flag("tanh") ? .geluByTanh : settings.flag("quick") ? .quickGELU : .gelu
    case "silu": .silu
    case "mish": .mish
    case "tanh": .tanh
    case "sigmoid": .sigmoid
    case "softplus": .softplus
    case "hardswish": .hardSwish
    case "hardsigmoid": .hardSigmoid
    case "hardtanh": .hardTanh
    default: nil
    }
  }
}
