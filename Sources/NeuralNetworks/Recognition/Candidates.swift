internal import ComputationGraph

extension FoundTensors {
  /// Architectures that the tensors could belong to, the likelier first.
  ///
  /// Numbers of tensors tell which networks of fixed depth come into question, counts of filters the
  /// depths of the others, and the first filters their width.
  func candidates(input: Architecture.Input?, stated: String? = nil) -> [Architecture] {
    namedCandidates(input: input) + encoders(input: input, stated: stated)
  }

  private func namedCandidates(input: Architecture.Input?) -> [Architecture] {
    guard let first = filters.first else {
      let named = patchNetworks(input: input) + recurrentNetworks(input: input)
      return named.isEmpty ? languageModels(input: input) + perceptrons(input: input) : named
    }
    let small = input ?? Architecture.Input(channels: first[1], height: 32, width: 32)
    var result: [Architecture] = []
    func propose(_ name: String) {
      result += architecture(name, input: small).map { [$0] } ?? []
    }
    // Filters of one pixel are shortcuts, or the ends of bottlenecks; the others make depth.
    let wide = filters.count { $0[2] > 1 || $0[3] > 1 }
    let narrow = filters.count - wide
    guard wide < 1000 else { return [] }
    if narrow <= 4 {
      for option in ["", "-b", "-chenyaofo", "-noshort"] {
        propose("resnet\(wide + 1)\(option)-w\(first[0])")
      }
      propose("preresnet\(wide + 1)-w\(first[0])")
      let widest = filters.map { $0[0] }.max() ?? 0
      for option in ["", "-weiaicunzai"] {
        propose("wideresnet-\(wide + 3)-\(widest / 64)\(option)")
      }
    }
    // Two in each bottleneck and three shortcuts.
    if abs(narrow - 2 * wide - 1) <= 2 {
      propose("resnet\(3 * wide - 1)-bottleneck-w\(first[0])")
      propose("preresnet\(3 * wide - 1)-bottleneck-w\(first[0])")
    }
    // One in each layer and two transitions.
    if abs(narrow - wide - 1) <= 2 { propose("densenet-\(2 * wide + 2)-\(first[0] / 2)") }
    for name in visionTransformers { propose(name) }
    for name in ConvMixer.names(filters: filters, isOfTimm: shapes["stem.0.weight"] != nil) {
      propose(name)
    }
    if let name = MLPMixer.name(parameters: shapes, channels: input?.imageChannels) {
      propose(name)
    }
    result += KnownNetwork.all.filter { $0.counts == counts }
      .compactMap { architecture($0, input: input) }
    if filters.count == 2 {
      let lenet = input ?? leNetInput(channels: first[1])
      result += architecture("lenet", input: lenet).map { [$0] } ?? []
    }
    return result
  }

  /// Names of vision transformers: one convolution of patches, and in each block a matrix from hidden units.
  private var visionTransformers: [String] {
    guard filters.count == 1, let first = filters.first, first[2] == first[3],
      let last = matrices.last(where: { $0[0] == first[0] && $0[1] != first[0] })
    else { return [] }
    return VisionTransformer.names(
      patch: first[2], width: first[0], layers: matrices.count { $0 == last }, hidden: last[1])
  }

  /// Networks that read patches as rows of pixels, without filters, by the names of lucidrains' packages.
  private func patchNetworks(input: Architecture.Input?) -> [Architecture] {
    let shapes = shapes
    let channels = input?.imageChannels
    if let (names, extent) = LucidrainsTransformer.names(parameters: shapes, channels: channels) {
      let square = Architecture.Input(channels: channels ?? 3, height: extent, width: extent)
      return names.compactMap { architecture($0, input: input ?? square) }
    }
    let square = Architecture.Input(channels: channels ?? 3, height: 32, width: 32)
    return MLPMixer.name(parameters: shapes, channels: channels).flatMap {
      architecture($0, input: input ?? square)
    }.map { [$0] } ?? []
  }

  /// Vision transformers with tensors of any names, and the one that is stated: of their decisions only the likely ones are
  /// among these.
  private func encoders(input: Architecture.Input?, stated: String?) -> [Architecture] {
    guard buffers.isEmpty,
      let found = EncoderTensors(parameters, channels: input?.imageChannels)
    else { return [] }
    let side = found.side ?? 32
    let square = Architecture.Input(
      channels: filters.first?[1] ?? 3, height: side, width: side)
    let others = stated.map { [$0] } ?? []
    return (found.names + others.filter { !found.names.contains($0) }).compactMap { name in
      guard EncoderTransformer(name: name) != nil else { return nil }
      return try? Architecture.named(
        name, input: input ?? square, classCount: found.outputCount)
    }
  }

  /// Networks of recurrent layers, over square images where nothing says what they read.
  private func recurrentNetworks(input: Architecture.Input?) -> [Architecture] {
    guard let (names, features) = RecurrentNetwork.names(parameters: parameters) else { return [] }
    let square = Architecture.Input(channels: 1, height: features, width: features)
    return names.compactMap { architecture($0, input: input ?? square) }
  }

  /// Networks of fixed depth with almost as many tensors, the closest first.
  func nearCandidates(input: Architecture.Input?) -> [Architecture] {
    func distance(_ network: KnownNetwork) -> Int {
      abs(network.counts.parameters - counts.parameters)
        + abs(network.counts.buffers - counts.buffers)
    }
    let limit = max(6, counts.parameters / 20)
    return KnownNetwork.all.map { (distance($0), $0) }.filter { (1...limit).contains($0.0) }
      .sorted { $0.0 < $1.0 }.prefix(12).compactMap { architecture($0.1, input: input) }
  }

  /// A network of fixed depth with the width and outputs of the tensors.
  private func architecture(
    _ network: KnownNetwork, input: Architecture.Input?
  ) -> Architecture? {
    guard let first = filters.first else { return nil }
    let name = network.takesWidth ? "\(network.name)-w\(first[0])" : network.name
    let usual = Architecture.Input(
      channels: first[1], height: network.usualExtent, width: network.usualExtent)
    return architecture(name, input: input ?? usual)
  }

  /// An architecture, with as many outputs as its last layer has in the file.
  ///
  /// A name or size that is out of range is simply no candidate.
  private func architecture(_ name: String, input: Architecture.Input) -> Architecture? {
    guard let outputs = weights.last?[0] else { return nil }
    return try? Architecture.named(name, input: input, classCount: outputs)
  }

  /// The images whose 16 feature maps the first matrix takes: extent `4 k + 12` leaves `k x k`.
  private func leNetInput(channels: Int) -> Architecture.Input {
    let area = (matrices.first?[1] ?? 0) / 16
    let extent = 4 * squareRoot(area) + 12
    return Architecture.Input(channels: channels, height: extent, width: extent)
  }

  /// A table of embeddings, the only matrix without a bias, then a perceptron that reads several of
  /// its rows.
  private func languageModels(input: Architecture.Input?) -> [Architecture] {
    let biases = parameters.count { $0.shape.rank == 1 }
    guard matrices.count > 1, biases == matrices.count - 1 else { return [] }
    let (table, first) = (matrices[0], matrices[1])
    guard table[1] > 0, first[1].isMultiple(of: table[1]) else { return [] }
    let context = first[1] / table[1]
    var length = context
    if let input {
      guard case .tokens(let count, _) = input else { return [] }
      length = count
    }
    let sizes = [context, table[1]] + matrices.dropFirst().dropLast().map { $0[0] }
    let name = "nplm-" + sizes.map(String.init).joined(separator: "-")
    return architecture(name, input: .tokens(length: length, vocabulary: table[0])).map { [$0] }
      ?? []
  }

  private func perceptrons(input: Architecture.Input?) -> [Architecture] {
    guard let first = matrices.first else { return [] }
    let hidden = matrices.dropLast().map { String($0[0]) }
    let name = hidden.isEmpty ? "linear" : "mlp-" + hidden.joined(separator: "-")
    return architecture(name, input: input ?? imageInput(features: first[1])).map { [$0] } ?? []
  }

  /// Square images of three channels or one with so many elements, or else a row of numbers.
  private func imageInput(features: Int) -> Architecture.Input {
    for channels in [3, 1] where features.isMultiple(of: channels) {
      let extent = squareRoot(features / channels)
      if extent * extent * channels == features {
        return Architecture.Input(channels: channels, height: extent, width: extent)
      }
    }
    return Architecture.Input(channels: features, height: 1, width: 1)
  }

  /// Largest integer whose square is at most `n`, and 0 for what no image could have.
  private func squareRoot(_ n: Int) -> Int {
    guard (0...Architecture.limits.elements).contains(n) else { return 0 }
    return Int(Double(n).squareRoot())
  }
}
