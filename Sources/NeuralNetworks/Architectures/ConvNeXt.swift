internal import ComputationGraph

/// ConvNeXt: 7x7 filters per channel, layer norms and wide linear layers.
///
/// Liu et al. 2022, arXiv:2201.03545. Whole blocks are never dropped in training.
struct ConvNeXt: TabulatedFamily {
  struct Plan {
    let blocks: [Int]
    let channels: Int
    let isOfTimm: Bool
  }

  static let plans: [String: Plan] = {
    var plans: [String: Plan] = [:]
    for (size, blocks, channels) in [
      ("tiny", [3, 3, 9, 3], 96), ("small", [3, 3, 27, 3], 96), ("base", [3, 3, 27, 3], 128),
      ("large", [3, 3, 27, 3], 192),
    ] {
      for (source, isOfTimm) in [("imagenet", false), ("timm", true)] {
        plans["convnext-\(size)-\(source)"] = Plan(
          blocks: blocks, channels: channels, isOfTimm: isOfTimm)
      }
    }
    return plans
  }()

  let name: String
  let plan: Plan

  private static let epsilon = 1e-6

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let isOfTimm = plan.isOfTimm
    let stem = isOfTimm ? "stem" : "features.0"
    let biased = UnitStyle(activation: .identity, hasBias: true)
    var x = try network.unit(
      images, UnitNames("\(stem).0", nil), channels: plan.channels, kernel: 4, stride: 4,
      padding: 0, style: biased)
    x = try normalizedChannels(x, "\(stem).1", in: &network)
    for (stage, count) in plan.blocks.enumerated() {
      if stage > 0 {
        let name = isOfTimm ? "stages.\(stage).downsample" : "features.\(2 * stage)"
        x = try normalizedChannels(x, "\(name).0", in: &network)
        x = try network.unit(
          x, UnitNames("\(name).1", nil), channels: plan.channels << stage, kernel: 2, stride: 2,
          padding: 0, style: biased)
      }
      for place in 0..<count {
        let name =
          isOfTimm ? "stages.\(stage).blocks.\(place)" : "features.\(2 * stage + 1).\(place)"
        x = try block(x, name, in: &network)
      }
    }
    let mean = try network.globalAverage(x)
    let norm = network.layerNorm(
      isOfTimm ? "head.norm" : "classifier.0", width: plan.channels << 3, epsilon: Self.epsilon)
    return try network.linear(
      network.apply(norm, to: mean), isOfTimm ? "head.fc" : "classifier.2",
      outputs: architecture.classCount)
  }

  /// `x + gamma mlp(norm(depthwise(x)))`.
  private func block(
    _ x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let channels = network.graph.shape(of: x)[1]
    let isOfTimm = plan.isOfTimm
    let part = isOfTimm ? name : "\(name).block"
    let gamma = network.parameter(
      isOfTimm ? "\(name).gamma" : "\(name).layer_scale",
      isOfTimm ? [channels] : [channels, 1, 1], .normScale)
    var y = try network.unit(
      x, UnitNames("\(part).\(isOfTimm ? "conv_dw" : "0")", nil), channels: channels, kernel: 7,
      groups: channels, style: UnitStyle(activation: .identity, hasBias: true))
    y = try network.graph.transpose(y, [0, 2, 3, 1])
    let norm = network.layerNorm(
      "\(part).\(isOfTimm ? "norm" : "2")", width: channels, epsilon: Self.epsilon)
    y = try network.apply(norm, to: y)
    y = try network.linear(y, "\(part).\(isOfTimm ? "mlp.fc1" : "3")", outputs: 4 * channels)
    y = try network.linear(
      network.graph.gelu(y), "\(part).\(isOfTimm ? "mlp.fc2" : "5")", outputs: channels)
    y = try network.graph.transpose(y, [0, 3, 1, 2])
    let scale = try network.graph.reshape(gamma, to: [channels])
    return try network.add(x, network.graph.multiplyPerChannel(y, scale))
  }

  /// Layer norm over the channels of each pixel.
  private func normalizedChannels(
    _ x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let norm = network.layerNorm(
      name, width: network.graph.shape(of: x)[1], epsilon: Self.epsilon)
    let last = try network.graph.transpose(x, [0, 2, 3, 1])
    return try network.graph.transpose(network.apply(norm, to: last), [0, 3, 1, 2])
  }
}
