internal import ComputationGraph

/// MobileNet: a filter per channel, then a 1x1 convolution.
///
/// Howard et al. 2017, arXiv:1704.04861, with a 3x3 stem of stride 1.
struct MobileNet: TabulatedFamily {
  enum Plan { case kuangliu, weiaicunzai }

  static let plans: [String: Plan] = [
    "mobilenet": .kuangliu, "mobilenet-weiaicunzai": .weiaicunzai,
  ]

  let name: String
  let plan: Plan

  /// Channels and stride of each block.
  private static let blocks = [
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
    (512, 1), (512, 1), (1024, 2), (1024, 1),
  ]

  /// Where pytorch-cifar100 has these blocks.
  private static let places =
    ["stem.1", "conv1.0", "conv1.1", "conv2.0", "conv2.1"] + (0..<6).map { "conv3.\($0)" }
    + ["conv4.0", "conv4.1"]

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let isKuangliu = plan == .kuangliu
    var x = try network.unit(
      images, isKuangliu ? UnitNames("conv1", "bn1") : UnitNames("stem.0.conv", "stem.0.bn"),
      channels: 32, kernel: 3)
    for (place, (channels, stride)) in Self.blocks.enumerated() {
      let name = isKuangliu ? "layers.\(place)" : Self.places[place]
      let inputs = network.graph.shape(of: x)[1]
      x = try network.unit(
        x,
        isKuangliu ? UnitNames("\(name).conv1", "\(name).bn1") : .sequence("\(name).depthwise"),
        channels: inputs, kernel: 3, stride: stride, groups: inputs)
      x = try network.unit(
        x,
        isKuangliu ? UnitNames("\(name).conv2", "\(name).bn2") : .sequence("\(name).pointwise"),
        channels: channels, style: UnitStyle(hasBias: !isKuangliu))
    }
    return try network.linear(
      network.globalAverage(x), isKuangliu ? "linear" : "fc", outputs: architecture.classCount)
  }
}
