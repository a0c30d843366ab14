internal import ComputationGraph

/// Vision transformer of the usual layers, whatever their authors called them: its name says how they are joined.
///
/// Dosovitskiy et al. 2020, arXiv:2010.11929, and the layers of `torch.nn.TransformerEncoderLayer` (norms behind
/// the sums, ReLU). `EncoderTensors` finds which tensors of a file are whose.
struct EncoderTransformer: ArchitectureDefinition {
  /// What differs from the usual: filters over patches, a token and a table of positions with an axis for samples, queries,
  /// keys and values of one matrix, norms before the sums, GELU, a norm before the last layer, which reads the token.
  enum Option: String, CaseIterable {
    /// A matrix over patches in the order channel, row, column.
    case rows
    /// A matrix over patches in the order row, column, channel.
    case pixels
    case notoken, token1, token2
    case nopositions, positions2
    /// Queries, keys and values have matrices of their own.
    case split
    /// Queries, keys and values of one head stand together.
    case headwise
    /// Queries, keys and values have no biases.
    case nobias
    /// Heads are not mixed by a matrix.
    case nooutput
    /// Norms stand behind the sums.
    case post
    case relu
    /// A function behind the second layer of each block too.
    case twice
    /// Scores are divided by the root of the width, not of the width of a head.
    case widescale
    /// No norm before the last layer.
    case nonorm
    /// The last layer reads the mean over the normalised rows.
    case mean
    /// The last layer reads the normalised mean.
    case meannorm
    /// Functions behind the hidden layer of the head in place of tanh.
    case headrelu, headgelu

    /// Those of which a network has at most one.
    static let exclusive: [Set<Option>] = [
      [.rows, .pixels], [.notoken, .token1, .token2], [.nopositions, .positions2],
      [.split, .headwise], [.mean, .meannorm], [.nonorm, .meannorm], [.headrelu, .headgelu],
    ]
  }

  static let patterns: [ArchitecturePattern] = [
    (
      "encoder-patchP-wW-dD-hH-mM",
      "vision transformer with tensors of any names: patches of P pixels, W numbers each, D blocks of H heads and M hidden "
        + "units; behind it, in this order, what is unusual: " + options
    )
  ]

  private static let options =
    "rows or pixels (a matrix over patches, in the order channel, row, column or row, column, channel), notoken, token1, "
    + "token2 (its number of axes), nopositions, positions2, split or headwise (queries, keys and values have matrices of "
    + "their own, or stand together by heads), nobias (theirs), nooutput (no matrix behind the heads), post (norms behind "
    + "the sums), relu, twice (GELU behind both layers), widescale (scores over the root of W), nonorm (before the last "
    + "layer), mean or meannorm (of all rows), headN (N hidden units with tanh before the last layer), headrelu, headgelu"

  let patch: Int
  let width: Int
  let layers: Int
  let heads: Int
  /// Units of the hidden layer of each block.
  let hidden: Int
  /// Units of a hidden layer before the last one; nil for none.
  let headUnits: Int?
  let options: Set<Option>

  private static let epsilon = 1e-5

  var name: String {
    text(heads: heads, options)
  }

  private func text(heads: Int, _ options: Set<Option>) -> String {
    Self.text(
      patch: patch, width: width, layers: layers, heads: heads, hidden: hidden,
      headUnits: headUnits,
      options)
  }

  private static func text(
    patch: Int, width: Int, layers: Int, heads: Int, hidden: Int, headUnits: Int?,
    _ options: Set<Option>
  ) -> String {
    Option.allCases.filter(options.contains).reduce(
      "encoder-patch\(patch)-w\(width)-d\(layers)-h\(heads)-m\(hidden)"
        + (headUnits.map { "-head\($0)" } ?? "")
    ) { $0 + "-\($1.rawValue)" }
  }

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard parts.take("encoder"), let (patch, width, layers) = parts.takePatches(),
      let heads = parts.takeNumber(after: "h", in: 1...1024), width.isMultiple(of: heads),
      let hidden = parts.takeNumber(after: "m", in: 1...1_000_000)
    else { return nil }
    (self.patch, self.width, self.layers) = (patch, width, layers)
    (self.heads, self.hidden) = (heads, hidden)
    headUnits = parts.takeNumber(after: "head", in: 1...65536)
    let options = Set(Option.allCases.filter { parts.take($0.rawValue) })
    self.options = options
    let takesMean = options.contains(.mean) || options.contains(.meannorm)
    guard parts.isEmpty, takesMean || !options.contains(.notoken),
      Option.exclusive.allSatisfy({ $0.intersection(options).count <= 1 }),
      headUnits != nil || options.isDisjoint(with: [.headrelu, .headgelu])
    else { return nil }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try embedded(images, in: &network)
    let count = network.graph.shape(of: x)[0]
    for layer in 0..<layers { x = try block(x, "layers.\(layer)", in: &network) }
    let norm =
      options.contains(.nonorm)
      ? nil : network.layerNorm("norm", width: width, epsilon: Self.epsilon)
    func normalized(_ x: Value) throws(ShapeError) -> Value {
      if let norm { try network.apply(norm, to: x) } else { x }
    }
    if options.contains(.mean) {
      x = try network.graph.reduceMean(normalized(x), axes: [1])
    } else if options.contains(.meannorm) {
      x = try normalized(network.graph.reduceMean(x, axes: [1]))
    } else {
      x = try normalized(network.graph.slice(x, axis: 1, start: 0, size: 1))
    }
    x = try network.graph.reshape(x, to: [count, width])
    if let headUnits {
      x = try network.linear(x, "hidden", outputs: headUnits)
      x =
        options.contains(.headrelu)
        ? try network.relu(x)
        : options.contains(.headgelu)
          ? try network.graph.gelu(x) : try network.graph.unary(.tanh, x)
    }
    return try network.linear(x, "head", outputs: architecture.classCount)
  }

  /// Patches with their token and positions.
  private func embedded(
    _ images: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let extents = network.graph.shape(of: images)
    let patches = (extents[2] / patch) * (extents[3] / patch)
    let count = options.contains(.notoken) ? patches : patches + 1
    let token =
      options.contains(.notoken)
      ? nil
      : network.parameter(
        "token",
        options.contains(.token1)
          ? [width] : options.contains(.token2) ? [1, width] : [1, 1, width],
        .embedding)
    let isFlat = options.contains(.positions2)
    let table =
      options.contains(.nopositions)
      ? nil
      : network.parameter(
        "positions", isFlat ? [count, width] : [1, count, width], .embedding,
        filterAxis: isFlat ? 0 : 1)
    var x: Value
    if options.contains(.rows) || options.contains(.pixels) {
      let rows = try network.patchRows(
        images, extent: patch, channelsLast: options.contains(.pixels))
      x = try network.linear(rows, "embedding", outputs: width)
    } else {
      x = try network.patches(images, "embedding", width: width, extent: patch)
    }
    func repeated(_ value: Value, rows: Int) throws(ShapeError) -> Value {
      try network.graph.broadcast(
        network.graph.reshape(value, to: [1, rows, width]), to: [extents[0], rows, width])
    }
    if let token {
      x = try network.graph.concatenate([repeated(token, rows: 1), x], axis: 1)
    }
    guard let table else { return x }
    return try network.add(x, repeated(table, rows: count))
  }

  private func block(
    _ x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let norms = ["norm1", "norm2"].map {
      network.layerNorm("\(name).\($0)", width: width, epsilon: Self.epsilon)
    }
    let inner: (inout ModelBuilder, Value) throws(ShapeError) -> Value = {
      network, x throws(ShapeError) in
      let first = try network.linear(x, "\(name).linear1", outputs: hidden)
      let active = try activated(first, in: &network)
      let second = try network.linear(active, "\(name).linear2", outputs: width)
      return options.contains(.twice) ? try activated(second, in: &network) : second
    }
    guard options.contains(.post) else {
      let sum = try network.add(
        x, attention(network.apply(norms[0], to: x), "\(name).attention", in: &network))
      return try network.add(sum, inner(&network, network.apply(norms[1], to: sum)))
    }
    let sum = try network.apply(
      norms[0], to: network.add(x, attention(x, "\(name).attention", in: &network)))
    return try network.apply(norms[1], to: network.add(sum, inner(&network, sum)))
  }

  private func activated(
    _ x: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    options.contains(.relu) ? try network.relu(x) : try network.graph.gelu(x)
  }

  private func attention(
    _ x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let parts = try projections(of: x, name, in: &network)
    let mixed = try network.attention(
      queries: parts[0], keys: parts[1], values: parts[2], heads: heads, mask: nil,
      scale: options.contains(.widescale) ? 1 / Double(width).squareRoot() : nil, dropout: 0)
    guard !options.contains(.nooutput) else { return mixed }
    return try network.linear(mixed, "\(name).output", outputs: width)
  }

  /// Queries, keys and values, each `[n, t, width]`.
  private func projections(
    of x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    let hasBias = !options.contains(.nobias)
    guard !options.contains(.split) else {
      var parts: [Value] = []
      for part in ["queries", "keys", "values"] {
        let layer = network.linearLayer(
          "\(name).\(part)", inputs: width, outputs: width, bias: hasBias)
        parts.append(try network.apply(layer, to: x))
      }
      return parts
    }
    let layer = network.linearLayer(
      "\(name).projections", inputs: width, outputs: 3 * width, bias: hasBias)
    var all = try network.apply(layer, to: x)
    let shape = network.graph.shape(of: all)
    if options.contains(.headwise) {
      let size = width / heads
      let byHeads = try network.graph.reshape(all, to: [shape[0], shape[1], heads, 3, size])
      all = try network.graph.reshape(
        network.graph.transpose(byHeads, [0, 1, 3, 2, 4]), to: shape)
    }
    var parts: [Value] = []
    for part in 0..<3 {
      parts.append(try network.graph.slice(all, axis: 2, start: part * width, size: width))
    }
    return parts
  }
}

extension EncoderTransformer {
  /// Networks of the same tensors to begin with, the likelier first: such a network, with the options that the tensors show
  /// and in all ways in which wrong ones do no better than guessing.
  static func likely(
    patch: Int, width: Int, layers: Int, hidden: Int, headUnits: Int?, shown options: Set<Option>,
    normIsOfHead: Bool
  ) -> [String] {
    let means: [Set<Option>] =
      options.contains(.nonorm)
      ? [[.mean]] : normIsOfHead ? [[.meannorm], [.mean]] : [[.mean], [.meannorm]]
    let ends = (options.contains(.notoken) ? [] : [[]]) + means
    // Wrong in one of these a network is no better than guessing, and shows no way to the right one.
    let orders: [Set<Option>] = options.contains(.split) ? [[]] : [[], [.headwise]]
    // The layers of PyTorch have norms behind the sums and ReLU; who puts the norms in front takes GELU too.
    let norms: [Set<Option>] = options.contains(.relu) ? [[.post, .relu], []] : [[], [.post]]
    let shown = options.subtracting([.relu])
    let variants = orders.flatMap { order in
      norms.flatMap { norms in ends.map { shown.union(order).union(norms).union($0) } }
    }
    return VisionTransformer.likelyHeads(width: width).prefix(2).flatMap { heads in
      variants.map {
        text(
          patch: patch, width: width, layers: layers, heads: heads, hidden: hidden,
          headUnits: headUnits, $0)
      }
    }
  }

  /// Decisions that weights of another one do nearly as well with, or better: a smoother function suits a network that is
  /// too sure of itself.
  func cost(beside usual: any ArchitectureDefinition) -> Double {
    guard let usual = usual as? EncoderTransformer else { return 0 }
    var expected = usual.options
    if !options.contains(.post) { expected.remove(.relu) }
    return options.symmetricDifference(expected).reduce(0) { sum, option in
      switch option {
      case .relu, .twice, .widescale, .mean, .meannorm: sum + 2
      case .headwise: sum + 1
      default: sum
      }
    }
  }

  /// Networks of the same tensors that differ in one decision.
  var lookalikes: [String] {
    let heads = VisionTransformer.likelyHeads(width: width).filter { $0 != self.heads }
    var toggled: [Set<Option>] = [[.post], [.relu], [.twice], [.widescale]]
    if !options.contains(.split) { toggled.append([.headwise]) }
    if options.contains(.rows) || options.contains(.pixels) { toggled.append([.rows, .pixels]) }
    var changed = toggled.map { options.symmetricDifference($0) }
    func choose(_ choices: [Option]) {
      for choice in [[]] + choices.map({ [$0] }) {
        changed.append(options.subtracting(choices).union(choice))
      }
    }
    choose([.mean, .meannorm])
    if headUnits != nil { choose([.headrelu, .headgelu]) }
    let names =
      heads.map { text(heads: $0, options) } + changed.map { text(heads: self.heads, $0) }
    return names.filter { $0 != name && EncoderTransformer(name: $0) != nil }
  }
}
