internal import ComputationGraph

/// Vision transformer with the names of torchvision or timm, of a usual size or of any other.
///
/// Dosovitskiy et al. 2020, arXiv:2010.11929.
struct VisionTransformer: TabulatedFamily {
  struct Plan {
    let isOfTimm: Bool
    let width: Int
    let layers: Int
    let heads: Int
    let patch: Int
    /// Units of the hidden layer of each block.
    let hidden: Int
  }

  static let patterns: [ArchitecturePattern] = [
    (
      "vit-patchP-wW-dD-hH-mM",
      "vision transformer: patches of P pixels, W numbers each, D blocks of H heads and M hidden units; "
        + "behind it -timm for the names of timm"
    )
  ]

  static let plans: [String: Plan] = {
    var plans: [String: Plan] = [:]
    for (size, letter, width, layers, heads) in [
      ("tiny", nil, 192, 12, 3), ("small", nil, 384, 12, 6), ("base", "b", 768, 12, 12),
      ("large", "l", 1024, 24, 16),
    ] as [(String, String?, Int, Int, Int)] {
      for patch in [16, 32] {
        func plan(_ isOfTimm: Bool) -> Plan {
          Plan(
            isOfTimm: isOfTimm, width: width, layers: layers, heads: heads, patch: patch,
            hidden: 4 * width)
        }
        if let letter { plans["vit-\(letter)-\(patch)-imagenet"] = plan(false) }
        plans["vit-\(size)-patch\(patch)-224-timm"] = plan(true)
      }
    }
    return plans
  }()

  let name: String
  let plan: Plan

  private static let epsilon = 1e-6

  static func plan(reading parts: ArchitectureName) -> Plan? {
    var parts = parts
    guard parts.take("vit"), let (patch, width, layers) = parts.takePatches(),
      let heads = parts.takeNumber(after: "h", in: 1...1024), width.isMultiple(of: heads),
      let hidden = parts.takeNumber(after: "m", in: 1...1_000_000)
    else { return nil }
    let isOfTimm = parts.take("timm")
    guard parts.isEmpty else { return nil }
    return Plan(
      isOfTimm: isOfTimm, width: width, layers: layers, heads: heads, patch: patch, hidden: hidden)
  }

  /// Names of networks of a size that the table does not have, the likelier numbers of heads first.
  ///
  /// Tensors do not say how many heads there are: they share the rows of three matrices.
  static func names(patch: Int, width: Int, layers: Int, hidden: Int) -> [String] {
    let isUsual = plans.values.contains {
      $0.patch == patch && $0.width == width && $0.layers == layers && $0.hidden == hidden
    }
    guard !isUsual, width > 0, layers > 0 else { return [] }
    let heads = likelyHeads(width: width)
    return ["-timm", ""].flatMap { names in
      heads.map { "vit-patch\(patch)-w\(width)-d\(layers)-h\($0)-m\(hidden)\(names)" }
    }
  }

  /// Numbers of heads that rows of `width` numbers can have, the likelier first: most heads have 64 or 32 numbers.
  static func likelyHeads(width: Int) -> [Int] {
    (1...32).filter { width.isMultiple(of: $0) && width / $0 >= 4 }.sorted {
      rarity(width / $0) < rarity(width / $1)
    }
  }

  private static func rarity(_ size: Int) -> Int {
    switch size {
    case 64: 0
    case 32: 1
    case 16: 2
    default: 3 + abs(size - 48)
    }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let isOfTimm = plan.isOfTimm
    let width = plan.width
    let shape = network.graph.shape(of: images)
    let (rows, columns) = (shape[2] / plan.patch, shape[3] / plan.patch)
    let positionShape: Shape = [1, rows * columns + 1, width]
    let token = network.parameter(
      isOfTimm ? "cls_token" : "class_token", [1, 1, width], .embedding)
    var positions: Value?
    if isOfTimm {
      positions = network.parameter("pos_embed", positionShape, .embedding, filterAxis: 1)
    }
    let embedded = try network.patches(
      images, isOfTimm ? "patch_embed.proj" : "conv_proj", width: width, extent: plan.patch)
    let table =
      positions
      ?? network.parameter("encoder.pos_embedding", positionShape, .embedding, filterAxis: 1)
    var x = try network.sequence(token, embedded, positions: table)
    for layer in 0..<plan.layers {
      let name = isOfTimm ? "blocks.\(layer)" : "encoder.layers.encoder_layer_\(layer)"
      x = try block(x, name, in: &network)
    }
    let norm = network.layerNorm(
      isOfTimm ? "norm" : "encoder.ln", width: width, epsilon: Self.epsilon)
    x = try network.apply(norm, to: network.graph.slice(x, axis: 1, start: 0, size: 1))
    return try network.linear(
      network.graph.reshape(x, to: [shape[0], width]), isOfTimm ? "head" : "heads.head",
      outputs: architecture.classCount)
  }

  private func block(
    _ x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let isOfTimm = plan.isOfTimm
    let width = plan.width
    let firstNorm = network.layerNorm(
      "\(name).\(isOfTimm ? "norm1" : "ln_1")", width: width, epsilon: Self.epsilon)
    var y = try network.apply(firstNorm, to: x)
    let attention = "\(name).\(isOfTimm ? "attn" : "self_attention")"
    let projection = LinearLayer(
      weight: network.parameter(
        isOfTimm ? "\(attention).qkv.weight" : "\(attention).in_proj_weight", [3 * width, width],
        .weight),
      bias: network.parameter(
        isOfTimm ? "\(attention).qkv.bias" : "\(attention).in_proj_bias", [3 * width], .bias),
      isTransposed: false)
    let all = try network.apply(projection, to: y)
    func part(_ place: Int) throws(ShapeError) -> Value {
      try network.graph.slice(all, axis: 2, start: place * width, size: width)
    }
    y = try network.attention(
      queries: part(0), keys: part(1), values: part(2), heads: plan.heads, mask: nil, dropout: 0)
    y = try network.linear(y, "\(attention).\(isOfTimm ? "proj" : "out_proj")", outputs: width)
    let sum = try network.add(x, y)
    let secondNorm = network.layerNorm(
      "\(name).\(isOfTimm ? "norm2" : "ln_2")", width: width, epsilon: Self.epsilon)
    let mlp = "\(name).mlp"
    return try network.add(
      sum,
      network.perceptron(
        network.apply(secondNorm, to: sum), isOfTimm ? "\(mlp).fc1" : "\(mlp).0",
        isOfTimm ? "\(mlp).fc2" : "\(mlp).3", inner: plan.hidden))
  }
}
