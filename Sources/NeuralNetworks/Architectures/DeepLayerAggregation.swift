internal import ComputationGraph

/// Deep layer aggregation: trees of residual blocks whose results meet in 1x1 convolutions.
///
/// Yu et al. 2017, arXiv:1707.06484, named as in kuangliu/pytorch-cifar, which has a simple variant.
struct DeepLayerAggregation: TabulatedFamily {
  enum Plan { case usual, simple }

  static let plans: [String: Plan] = ["dla": .usual, "simpledla": .simple]

  let name: String
  let plan: Plan

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = images
    for (name, channels) in [("base", 16), ("layer1", 16), ("layer2", 32)] {
      x = try network.unit(x, .sequence(name), channels: channels, kernel: 3)
    }
    for (place, (channels, level, stride)) in [(64, 1, 1), (128, 2, 2), (256, 2, 2), (512, 1, 2)]
      .enumerated()
    {
      x = try tree(
        x, "layer\(place + 3)", channels: channels, level: level, stride: stride, in: &network)
    }
    return try network.linear(
      network.globalAverage(x), "linear", outputs: architecture.classCount)
  }

  /// A tree; the convolution at its root is registered before what it reads.
  private func tree(
    _ x: Value, _ name: String, channels: Int, level: Int, stride: Int,
    in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let parts = plan == .simple || level == 1 ? 2 : level + 2
    let root = network.convolutionLayer(
      UnitNames("\(name).root.conv", "\(name).root.bn"), inputs: parts * channels,
      channels: channels, filter: [1, 1], geometry: ConvolutionGeometry())
    func block(
      _ x: Value, _ part: String, stride: Int = 1
    ) throws(ShapeError) -> Value {
      try network.residualBlock(
        x, "\(name).\(part)",
        .basic(channels: channels, stride: stride, shortcut: .projection(name: "shortcut")))
    }
    var results: [Value] = []
    if plan == .simple {
      func subtree(_ x: Value, _ part: String, stride: Int) throws(ShapeError) -> Value {
        level == 1
          ? try block(x, part, stride: stride)
          : try tree(
            x, "\(name).\(part)", channels: channels, level: level - 1, stride: stride,
            in: &network)
      }
      let left = try subtree(x, "left_tree", stride: stride)
      results = [left, try subtree(left, "right_tree", stride: 1)]
    } else {
      var y = x
      for lower in (1..<level).reversed() {
        y = try tree(
          y, "\(name).level_\(lower)", channels: channels, level: lower, stride: stride,
          in: &network)
        results.append(y)
      }
      if level > 1 { results.insert(try block(x, "prev_root", stride: stride), at: 0) }
      y = try block(y, "left_node", stride: level == 1 ? stride : 1)
      results += [y, try block(y, "right_node")]
    }
    return try network.relu(network.apply(root, to: network.concatenate(results)))
  }
}
