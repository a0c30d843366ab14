internal import ComputationGraph

/// MLP-Mixer: linear layers across patches and across channels in turn, with the names of timm or of
/// lucidrains/mlp-mixer-pytorch, of a usual size or of any other.
///
/// Tolstikhin et al. 2021, arXiv:2105.01601.
struct MLPMixer: TabulatedFamily {
  struct Plan: Equatable {
    let isOfTimm: Bool
    let patch: Int
    let width: Int
    let layers: Int
    /// Units of the hidden layer across patches.
    let tokenUnits: Int
    /// Units of the hidden layer across channels.
    let channelUnits: Int
  }

  static let patterns: [ArchitecturePattern] = [
    (
      "mixer-patchP-wW-dD-tT-mM-timm",
      "MLP-Mixer: patches of P pixels, W numbers each, D blocks of T hidden units across patches and M across "
        + "channels; -lucidrains in place of -timm for the names of mlp-mixer-pytorch"
    )
  ]

  static let plans: [String: Plan] = {
    var plans: [String: Plan] = [:]
    for (size, width, layers) in [("s", 512, 8), ("b", 768, 12), ("l", 1024, 24)] {
      for patch in [16, 32] {
        plans["mixer-\(size)\(patch)-224-timm"] = Plan(
          isOfTimm: true, patch: patch, width: width, layers: layers, tokenUnits: width / 2,
          channelUnits: 4 * width)
      }
    }
    return plans
  }()

  let name: String
  let plan: Plan

  static func plan(reading parts: ArchitectureName) -> Plan? {
    var parts = parts
    guard parts.take("mixer"), let (patch, width, layers) = parts.takePatches(),
      let tokenUnits = parts.takeNumber(after: "t", in: 1...1_000_000),
      let channelUnits = parts.takeNumber(after: "m", in: 1...1_000_000)
    else { return nil }
    let isOfTimm = parts.take("timm")
    guard isOfTimm || parts.take("lucidrains"), parts.isEmpty else { return nil }
    return Plan(
      isOfTimm: isOfTimm, patch: patch, width: width, layers: layers, tokenUnits: tokenUnits,
      channelUnits: channelUnits)
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x =
      plan.isOfTimm
      ? try network.patches(images, "stem.proj", width: plan.width, extent: plan.patch)
      : try network.linear(
        network.patchRows(images, extent: plan.patch, channelsLast: true), "1", outputs: plan.width)
    for layer in 0..<plan.layers {
      x =
        plan.isOfTimm
        ? try block(x, "blocks.\(layer)", in: &network)
        : try lucidrainsBlock(x, "\(layer + 2)", in: &network)
    }
    let rows = try normalized(x, plan.isOfTimm ? "norm" : "\(plan.layers + 2)", in: &network)
    let mean = try network.graph.reshape(
      network.graph.reduceMean(rows, axes: [1]), to: [network.graph.shape(of: x)[0], plan.width])
    return try network.linear(
      mean, plan.isOfTimm ? "head" : "\(plan.layers + 4)", outputs: architecture.classCount)
  }

  private func block(
    _ x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let columns = try network.graph.transpose(
      normalized(x, "\(name).norm1", in: &network), [0, 2, 1])
    let tokens = try network.perceptron(
      columns, "\(name).mlp_tokens.fc1", "\(name).mlp_tokens.fc2", inner: plan.tokenUnits)
    let sum = try network.add(x, network.graph.transpose(tokens, [0, 2, 1]))
    return try network.add(
      sum,
      network.perceptron(
        normalized(sum, "\(name).norm2", in: &network), "\(name).mlp_channels.fc1",
        "\(name).mlp_channels.fc2", inner: plan.channelUnits))
  }

  /// Layers across patches are convolutions of rows there, and norms come behind the layers that read them.
  private func lucidrainsBlock(
    _ x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let (patches, width) = (network.graph.shape(of: x)[1], plan.width)
    let first = try pointwise(
      "\(name).0.fn.0", inputs: patches, outputs: plan.tokenUnits, in: &network)
    let second = try pointwise(
      "\(name).0.fn.3", inputs: plan.tokenUnits, outputs: patches, in: &network)
    let columns = try network.graph.transpose(
      normalized(x, "\(name).0.norm", in: &network), [0, 2, 1])
    let units = try network.graph.gelu(network.apply(first, to: columns))
    let sum = try network.add(
      x, network.graph.transpose(network.apply(second, to: units), [0, 2, 1]))
    let third = network.linearLayer(
      "\(name).1.fn.0", inputs: width, outputs: plan.channelUnits)
    let fourth = network.linearLayer(
      "\(name).1.fn.3", inputs: plan.channelUnits, outputs: width)
    let channels = try network.graph.gelu(
      network.apply(third, to: normalized(sum, "\(name).1.norm", in: &network)))
    return try network.add(sum, network.apply(fourth, to: channels))
  }

  /// A linear layer with the weight `[outputs, inputs, 1]` of a convolution of rows.
  private func pointwise(
    _ name: String, inputs: Int, outputs: Int, in network: inout ModelBuilder
  ) throws(ShapeError) -> LinearLayer {
    let weight = network.parameter("\(name).weight", [outputs, inputs, 1], .weight)
    return LinearLayer(
      weight: try network.graph.reshape(weight, to: [outputs, inputs]),
      bias: network.parameter("\(name).bias", [outputs], .bias), isTransposed: false)
  }

  private func normalized(
    _ x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let norm = network.layerNorm(
      name, width: plan.width, epsilon: plan.isOfTimm ? 1e-6 : 1e-5)
    return try network.apply(norm, to: x)
  }
}

extension MLPMixer {
  /// The name of the network of another size than the usual ones that has such tensors.
  static func name(parameters: [String: Shape], channels: Int?) -> String? {
    func plan(isOfTimm: Bool, patch: Int, layers: Int, _ tokens: Shape, _ units: Shape) -> Plan {
      Plan(
        isOfTimm: isOfTimm, patch: patch, width: units[1], layers: layers, tokenUnits: tokens[0],
        channelUnits: units[0])
    }
    var found: Plan?
    if let stem = parameters["stem.proj.weight"], stem.rank == 4,
      let tokens = parameters["blocks.0.mlp_tokens.fc1.weight"], tokens.rank == 2,
      let units = parameters["blocks.0.mlp_channels.fc1.weight"], units.rank == 2
    {
      found = plan(
        isOfTimm: true, patch: stem[2],
        layers: parameters.keys.count { $0.hasSuffix(".mlp_tokens.fc1.weight") }, tokens, units)
    } else if let stem = parameters["1.weight"], stem.rank == 2,
      let tokens = parameters["2.0.fn.0.weight"], tokens.rank == 3,
      let units = parameters["2.1.fn.0.weight"], units.rank == 2
    {
      guard let patch = PatchEmbedding.side(ofRows: stem[1], channels: channels) else { return nil }
      found = plan(
        isOfTimm: false, patch: patch,
        layers: parameters.keys.count { $0.hasSuffix(".0.fn.0.weight") }, tokens, units)
    }
    guard let found, !plans.values.contains(found) else { return nil }
    return
      "mixer-patch\(found.patch)-w\(found.width)-d\(found.layers)-t\(found.tokenUnits)-m\(found.channelUnits)-"
      + (found.isOfTimm ? "timm" : "lucidrains")
  }
}
