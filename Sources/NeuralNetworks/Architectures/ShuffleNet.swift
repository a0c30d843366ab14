internal import ComputationGraph

/// ShuffleNet: grouped 1x1 convolutions whose channels are shuffled.
///
/// Zhang et al. 2017, arXiv:1707.01083, with a 1x1 stem, named as in kuangliu/pytorch-cifar.
struct ShuffleNet: TabulatedFamily {
  struct Plan {
    let groups: Int
    let channels: [Int]
  }

  static let plans = [
    "shufflenetg2": Plan(groups: 2, channels: [200, 400, 800]),
    "shufflenetg3": Plan(groups: 3, channels: [240, 480, 960]),
  ]

  let name: String
  let plan: Plan

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try network.unit(images, UnitNames("conv1", "bn1"), channels: 24)
    for (stage, channels) in plan.channels.enumerated() {
      for block in 0..<[4, 8, 4][stage] {
        x = try self.block(
          x, "layer\(stage + 1).\(block)", channels: channels, isFirst: block == 0, in: &network)
      }
    }
    return try network.linear(
      network.globalAverage(x), "linear", outputs: architecture.classCount)
  }

  /// The first block of a stage halves the images and puts its input, averaged, behind its result.
  private func block(
    _ x: Value, _ name: String, channels: Int, isFirst: Bool, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let inputs = network.graph.shape(of: x)[1]
    let added = isFirst ? channels - inputs : channels
    let inner = added / 4
    let groups = inputs == 24 ? 1 : plan.groups
    var y = try network.unit(
      x, UnitNames("\(name).conv1", "\(name).bn1"), channels: inner, groups: groups)
    y = try network.shuffleChannels(y, groups: groups)
    y = try network.unit(
      y, UnitNames("\(name).conv2", "\(name).bn2"), channels: inner, kernel: 3,
      stride: isFirst ? 2 : 1, groups: inner)
    y = try network.unit(
      y, UnitNames("\(name).conv3", "\(name).bn3"), channels: added, groups: plan.groups,
      style: UnitStyle(activation: .identity))
    guard isFirst else { return try network.relu(network.add(y, x)) }
    let carried = try network.averagePool(x, size: 3, stride: 2, padding: 1)
    return try network.relu(network.concatenate([y, carried]))
  }
}
