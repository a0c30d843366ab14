internal import ComputationGraph

/// ResNet with squeeze-and-excitation, named as in weiaicunzai/pytorch-cifar100.
///
/// Hu et al. 2017, arXiv:1709.01507. Convolutions have biases, and a ReLU stands before the gate.
struct SEResNet: TabulatedFamily {
  struct Plan {
    let blocks: [Int]
    var isBottleneck = true
  }

  static let plans = [
    "seresnet18-weiaicunzai": Plan(blocks: [2, 2, 2, 2], isBottleneck: false),
    "seresnet34-weiaicunzai": Plan(blocks: [3, 4, 6, 3], isBottleneck: false),
    "seresnet50-weiaicunzai": Plan(blocks: [3, 4, 6, 3]),
    "seresnet101-weiaicunzai": Plan(blocks: [3, 4, 23, 3]),
    "seresnet152-weiaicunzai": Plan(blocks: [3, 8, 36, 3]),
  ]

  let name: String
  let plan: Plan

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let style = UnitStyle(hasBias: true)
    var x = try network.unit(images, .sequence("pre"), channels: 64, kernel: 3, style: style)
    for (stage, count) in plan.blocks.enumerated() {
      for place in 0..<count {
        let channels = 64 << stage
        let stride = stage > 0 && place == 0 ? 2 : 1
        x = try block(
          x, "stage\(stage + 1).\(place)", channels: channels, stride: stride, in: &network)
      }
    }
    return try network.linear(
      network.globalAverage(x), "linear", outputs: architecture.classCount)
  }

  private func block(
    _ x: Value, _ name: String, channels: Int, stride: Int, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let style = UnitStyle(hasBias: true)
    let shortcut = Shortcut.projection(name: "shortcut")
    var block =
      plan.isBottleneck
      ? ResidualBlock.bottleneck(
        inner: channels, channels: 4 * channels, stride: stride, shortcut: shortcut)
      : .basic(channels: channels, stride: stride, shortcut: shortcut)
    let outputs = plan.isBottleneck ? 4 * channels : channels
    block.names = .sequence("residual")
    block.style = style
    block.activatesResult = true
    block.squeeze = SqueezeExcitation(
      names: ("\(name).excitation.0", "\(name).excitation.2"), channels: outputs / 16,
      isLinear: true)
    // The gates of bottlenecks stand before their shortcut.
    block.squeezesFirst = plan.isBottleneck
    return try network.residualBlock(x, name, block)
  }
}
