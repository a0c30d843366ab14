internal import ComputationGraph

/// RepVGG as it is trained: 3x3, 1x1 and identity side by side, each with a batch norm.
///
/// Ding et al. 2021, arXiv:2101.03697, with a stem and a first stage of stride 1, named as in
/// chenyaofo/pytorch-cifar-models.
struct RepVGG: TabulatedFamily {
  /// Channels of the stem and of the four stages.
  static let plans = [
    "repvgg-a0-chenyaofo": [48, 48, 96, 192, 1280],
    "repvgg-a1-chenyaofo": [64, 64, 128, 256, 1280],
    "repvgg-a2-chenyaofo": [64, 96, 192, 384, 1408],
  ]

  let name: String
  let plan: [Int]

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try block(images, "stage0", channels: plan[0], stride: 1, in: &network)
    for (stage, count) in [2, 4, 14, 1].enumerated() {
      for place in 0..<count {
        x = try block(
          x, "stage\(stage + 1).\(place)", channels: plan[stage + 1],
          stride: stage > 0 && place == 0 ? 2 : 1, in: &network)
      }
    }
    return try network.linear(
      network.globalAverage(x), "linear", outputs: architecture.classCount)
  }

  private func block(
    _ x: Value, _ name: String, channels: Int, stride: Int, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let style = UnitStyle(activation: .identity)
    let keepsShape = stride == 1 && network.graph.shape(of: x)[1] == channels
    let identity =
      keepsShape ? try network.normalized(x, "\(name).rbr_identity", style: style) : nil
    func names(_ branch: String) -> UnitNames {
      UnitNames("\(name).\(branch).conv", "\(name).\(branch).bn")
    }
    let dense = try network.unit(
      x, names("rbr_dense"), channels: channels, kernel: 3, stride: stride, style: style)
    let point = try network.unit(
      x, names("rbr_1x1"), channels: channels, stride: stride, style: style)
    var y = try network.add(dense, point)
    if let identity { y = try network.add(y, identity) }
    return try network.relu(y)
  }
}
