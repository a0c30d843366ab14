internal import ComputationGraph

/// Vision transformer with the names of lucidrains/vit-pytorch, of any size.
///
/// It differs from that of Dosovitskiy et al. 2020 (arXiv:2010.11929) in places: patches are rows of pixels
/// with all channels of a pixel together, queries, keys and values have no biases, heads may be of any size, and
/// the norms depend on the version of the package.
struct LucidrainsTransformer: ArchitectureDefinition {
  /// Versions of the package from which on the network is another one.
  enum Version: String, CaseIterable {
    /// Functions are wrapped in norms; a norm stands before the last layer.
    case v0
    /// Norms before and behind the embedding of patches too.
    case v1 = "v1.0"
    /// No wrappers; the norm before the last layer belongs to the transformer.
    case v1_4 = "v1.4"
    /// Token and positions without an axis for samples.
    case v1_26 = "v1.26"
  }

  static let patterns: [ArchitecturePattern] = [
    (
      "vit-patchP-wW-dD-hH-kK-mM-lucidrains-V",
      "vision transformer of vit-pytorch: H heads of K numbers; V is the version of the package from which on it "
        + "is this one: v0, v1.0, v1.4, v1.26; -mean behind it takes the mean over the patches"
    )
  ]

  let patch: Int
  let width: Int
  let layers: Int
  let heads: Int
  /// Numbers of a head.
  let headWidth: Int
  /// Units of the hidden layer of each block.
  let hidden: Int
  let version: Version
  /// Whether the mean over all rows takes the place of the token.
  let takesMean: Bool

  private static let epsilon = 1e-5

  var name: String {
    "vit-patch\(patch)-w\(width)-d\(layers)-h\(heads)-k\(headWidth)-m\(hidden)-lucidrains-\(version.rawValue)"
      + (takesMean ? "-mean" : "")
  }

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard parts.take("vit"), let (patch, width, layers) = parts.takePatches(),
      let heads = parts.takeNumber(after: "h", in: 1...1024),
      let headWidth = parts.takeNumber(after: "k", in: 1...65536),
      let hidden = parts.takeNumber(after: "m", in: 1...1_000_000), parts.take("lucidrains"),
      let version = parts.take(Version.self)
    else { return nil }
    (self.patch, self.width, self.layers) = (patch, width, layers)
    (self.heads, self.headWidth, self.hidden, self.version) = (heads, headWidth, hidden, version)
    takesMean = parts.take("mean")
    // Without a token there is a tensor of no elements.
    guard parts.isEmpty, !takesMean || version != .v1_26 else { return nil }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let patches = try network.patchRows(images, extent: patch, channelsLast: true)
    let shape = network.graph.shape(of: patches)
    let (table, token) = embeddings(rows: shape[1] + 1, in: &network)
    let embedding = "to_patch_embedding"
    var x = patches
    if version == .v0 {
      x = try network.linear(x, "\(embedding).1", outputs: width)
    } else {
      x = try normalized(x, "\(embedding).1", in: &network)
      x = try network.linear(x, "\(embedding).2", outputs: width)
      x = try normalized(x, "\(embedding).3", in: &network)
    }
    x = try network.sequence(token, x, positions: table)
    let isWrapped = version == .v0 || version == .v1
    let lastNorm =
      isWrapped
      ? nil : network.layerNorm("transformer.norm", width: width, epsilon: Self.epsilon)
    for layer in 0..<layers {
      x = try block(x, "transformer.layers.\(layer)", isWrapped: isWrapped, in: &network)
    }
    func pooled(_ x: Value, in network: inout ModelBuilder) throws(ShapeError) -> Value {
      let row =
        takesMean
        ? try network.graph.reduceMean(x, axes: [1])
        : try network.graph.slice(x, axis: 1, start: 0, size: 1)
      return try network.graph.reshape(row, to: [shape[0], width])
    }
    if let lastNorm {
      x = try pooled(network.apply(lastNorm, to: x), in: &network)
      return try network.linear(x, "mlp_head", outputs: architecture.classCount)
    }
    x = try normalized(pooled(x, in: &network), "mlp_head.0", in: &network)
    return try network.linear(x, "mlp_head.1", outputs: architecture.classCount)
  }

  /// Positions and token, in the order of the version.
  private func embeddings(
    rows: Int, in network: inout ModelBuilder
  ) -> (table: Value, token: Value) {
    if version == .v1_26 {
      let token = network.parameter("cls_token", [1, width], .embedding)
      return (network.parameter("pos_embedding", [rows, width], .embedding), token)
    }
    let table = network.parameter("pos_embedding", [1, rows, width], .embedding, filterAxis: 1)
    return (table, network.parameter("cls_token", [1, 1, width], .embedding))
  }

  private func block(
    _ x: Value, _ name: String, isWrapped: Bool, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let attention = isWrapped ? "\(name).0.fn" : "\(name).0"
    let inner = heads * headWidth
    let rows = try normalized(x, "\(name).0.norm", in: &network)
    let all = try network.apply(
      network.linearLayer("\(attention).to_qkv", inputs: width, outputs: 3 * inner, bias: false),
      to: rows)
    func part(_ place: Int) throws(ShapeError) -> Value {
      try network.graph.slice(all, axis: 2, start: place * inner, size: inner)
    }
    var y = try network.attention(
      queries: part(0), keys: part(1), values: part(2), heads: heads, mask: nil, dropout: 0)
    // One head of the width of the rows is the sum itself.
    if heads > 1 || headWidth != width {
      y = try network.linear(y, "\(attention).to_out.0", outputs: width)
    }
    let sum = try network.add(x, y)
    let norm = isWrapped ? "\(name).1.norm" : "\(name).1.net.0"
    let layers =
      isWrapped
      ? ("\(name).1.fn.net.0", "\(name).1.fn.net.3") : ("\(name).1.net.1", "\(name).1.net.4")
    return try network.add(
      sum,
      network.perceptron(
        normalized(sum, norm, in: &network), layers.0, layers.1, inner: hidden))
  }

  private func normalized(
    _ x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let shape = network.graph.shape(of: x)
    let norm = network.layerNorm(name, width: shape[shape.rank - 1], epsilon: Self.epsilon)
    return try network.apply(norm, to: x)
  }
}

extension LucidrainsTransformer {
  /// Names of networks that have such tensors, the likelier numbers of heads first.
  ///
  /// Tensors say neither how many heads there are nor whether the mean is taken.
  static func names(
    parameters: [String: Shape], channels: Int?
  ) -> (names: [String], extent: Int)? {
    let wrapped = parameters["transformer.layers.0.0.fn.to_qkv.weight"]
    let hasNorms = parameters["to_patch_embedding.3.weight"] != nil
    guard let qkv = wrapped ?? parameters["transformer.layers.0.0.to_qkv.weight"], qkv.rank == 2,
      let table = parameters["pos_embedding"], table.rank == 2 || table.rank == 3,
      let embedding = parameters["to_patch_embedding.\(hasNorms ? 2 : 1).weight"],
      embedding.rank == 2,
      let hidden = parameters[
        wrapped == nil
          ? "transformer.layers.0.1.net.1.weight" : "transformer.layers.0.1.fn.net.0.weight"],
      hidden.rank == 2
    else { return nil }
    let version: Version =
      if wrapped != nil { hasNorms ? .v1 : .v0 } else { table.rank == 3 ? .v1_4 : .v1_26 }
    let (inner, width, patches) = (qkv[0] / 3, qkv[1], table[table.rank - 2] - 1)
    let layers = parameters.keys.count {
      $0.hasPrefix("transformer.layers.") && $0.hasSuffix("to_qkv.weight")
    }
    guard let patch = PatchEmbedding.side(ofRows: embedding[1], channels: channels),
      let side = PatchEmbedding.side(ofSquare: patches), inner > 0
    else { return nil }
    let heads = VisionTransformer.likelyHeads(width: inner)
    return (
      heads.flatMap { heads in
        (version == .v1_26 ? [""] : ["", "-mean"]).map { pool in
          "vit-patch\(patch)-w\(width)-d\(layers)-h\(heads)-k\(inner / heads)-m\(hidden[0])-lucidrains-"
            + version.rawValue + pool
        }
      }, patch * side
    )
  }
}
