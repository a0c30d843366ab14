internal import ComputationGraph

/// Dual path network: some channels of a block's result are added, the others put behind.
///
/// Chen et al. 2017, arXiv:1707.01629, with a 3x3 stem, named as in kuangliu/pytorch-cifar.
struct DualPathNetwork: TabulatedFamily {
  /// Blocks of each stage.
  static let plans = ["dpn26": [2, 2, 2, 2], "dpn92": [3, 4, 20, 3]]

  let name: String
  let plan: [Int]

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try network.unit(images, UnitNames("conv1", "bn1"), channels: 64, kernel: 3)
    for (stage, count) in plan.enumerated() {
      for block in 0..<count {
        x = try self.block(
          x, "layer\(stage + 1).\(block)", inner: 96 << stage, added: 256 << stage,
          growth: [16, 32, 24, 128][stage], stride: stage > 0 && block == 0 ? 2 : 1,
          isFirst: block == 0, in: &network)
      }
    }
    return try network.linear(
      network.globalAverage(x), "linear", outputs: architecture.classCount)
  }

  private func block(
    _ x: Value, _ name: String, inner: Int, added: Int, growth: Int, stride: Int, isFirst: Bool,
    in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let names = BlockNames.numbered
    let linear = UnitStyle(activation: .identity)
    var y = try network.unit(x, names.unit(0, in: name), channels: inner)
    y = try network.unit(
      y, names.unit(1, in: name), channels: inner, kernel: 3, stride: stride, groups: 32)
    y = try network.unit(y, names.unit(2, in: name), channels: added + growth, style: linear)
    var carried = x
    if isFirst {
      carried = try network.unit(
        x, .sequence("\(name).shortcut"), channels: added + growth, stride: stride, style: linear)
    }
    let sum = try network.add(
      network.channels(of: carried, from: 0, count: added),
      network.channels(of: y, from: 0, count: added))
    let others = network.graph.shape(of: carried)[1] - added
    return try network.relu(
      network.concatenate([
        sum, network.channels(of: carried, from: added, count: others),
        network.channels(of: y, from: added, count: growth),
      ]))
  }
}
