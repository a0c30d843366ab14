internal import ComputationGraph

/// MNASNet-B1 as in torchvision.
///
/// Tan et al. 2018, arXiv:1807.11626.
struct MNASNet: TabulatedFamily {
  static let plans = [
    "mnasnet0-5-imagenet": 0.5, "mnasnet0-75-imagenet": 0.75, "mnasnet1-0-imagenet": 1,
    "mnasnet1-3-imagenet": 1.3,
  ]

  let name: String
  /// Factor on all channels.
  let plan: Double

  /// Channels, kernel, stride, factor on the inner channels and blocks of each stage.
  private static let stages = [
    (24, 3, 2, 3, 3), (40, 5, 2, 3, 3), (80, 5, 2, 6, 3), (96, 3, 1, 6, 2), (192, 5, 2, 6, 4),
    (320, 3, 1, 6, 1),
  ]

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let style = UnitStyle(momentum: 1 - 0.9997)
    let first = roundedChannels(32 * plan)
    var x = try network.unit(
      images, names("layers", 0), channels: first, kernel: 3, stride: 2, style: style)
    x = try network.unit(
      x, names("layers", 3), channels: first, kernel: 3, groups: first, style: style)
    x = try network.unit(
      x, names("layers", 6), channels: roundedChannels(16 * plan), style: style.with(.identity))
    for (stage, (channels, kernel, stride, factor, count)) in Self.stages.enumerated() {
      for block in 0..<count {
        let name = "layers.\(stage + 8).\(block).layers"
        x = try network.invertedResidual(
          x,
          InvertedResidual(
            expand: names(name, 0), depthwise: names(name, 3), project: names(name, 6),
            inner: network.graph.shape(of: x)[1] * factor,
            channels: roundedChannels(plan * Double(channels)), kernel: kernel,
            stride: block == 0 ? stride : 1, style: style))
      }
    }
    x = try network.unit(x, names("layers", 14), channels: 1280, style: style)
    return try network.linear(
      network.dropout(network.globalAverage(x), rate: 0.2), "classifier.1",
      outputs: architecture.classCount)
  }

  private func names(_ name: String, _ place: Int) -> UnitNames {
    UnitNames("\(name).\(place)", "\(name).\(place + 1)")
  }
}
