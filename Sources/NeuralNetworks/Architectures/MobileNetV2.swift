internal import ComputationGraph

/// MobileNetV2: inverted residuals with linear ends.
///
/// Sandler et al. 2018, arXiv:1801.04381, table 2.
struct MobileNetV2: TabulatedFamily {
  enum Source { case kuangliu, weiaicunzai, chenyaofo, imageNet, timm }

  struct Plan {
    var source: Source
    /// Factor on all channels.
    var width = 1.0
  }

  static let plans: [String: Plan] = [
    "mobilenetv2": Plan(source: .kuangliu),
    "mobilenetv2-weiaicunzai": Plan(source: .weiaicunzai),
    "mobilenetv2-x0-5-chenyaofo": Plan(source: .chenyaofo, width: 0.5),
    "mobilenetv2-x0-75-chenyaofo": Plan(source: .chenyaofo, width: 0.75),
    "mobilenetv2-x1-0-chenyaofo": Plan(source: .chenyaofo),
    "mobilenetv2-x1-4-chenyaofo": Plan(source: .chenyaofo, width: 1.4),
    "mobilenet-v2-imagenet": Plan(source: .imageNet),
    "mobilenetv2-100-timm": Plan(source: .timm),
  ]

  let name: String
  let plan: Plan

  /// Factor on the inner channels, channels, blocks and stride of each stage.
  private static let stages = [
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
  ]

  private var style: UnitStyle {
    switch plan.source {
    case .kuangliu: UnitStyle()
    case .weiaicunzai: UnitStyle(activation: .relu6, hasBias: true)
    case .chenyaofo, .imageNet, .timm: UnitStyle(activation: .relu6)
    }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try stem(images, in: &network)
    var place = 0
    for (stage, (factor, channels, count, usualStride)) in Self.stages.enumerated() {
      // Images of 32 x 32 pixels are halved less often.
      let stride =
        switch plan.source {
        case .kuangliu, .chenyaofo: stage == 1 ? 1 : usualStride
        case .weiaicunzai: stage == 5 ? 1 : usualStride
        case .imageNet, .timm: usualStride
        }
      for block in 0..<count {
        place += 1
        let inner = network.graph.shape(of: x)[1] * factor
        let names = names(stage: stage, block: block, place: place, expands: factor > 1)
        let residual = InvertedResidual(
          expand: names.expand, depthwise: names.depthwise, project: names.project, inner: inner,
          channels: roundedChannels(plan.width * Double(channels)),
          stride: block == 0 ? stride : 1, style: style)
        x =
          plan.source == .kuangliu
          ? try projectingBlock(x, "layers.\(place - 1)", residual, in: &network)
          : try network.invertedResidual(x, residual)
      }
    }
    return try head(x, for: architecture, in: &network)
  }

  private func stem(
    _ images: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let channels = roundedChannels(32 * plan.width)
    switch plan.source {
    case .kuangliu:
      return try network.unit(images, UnitNames("conv1", "bn1"), channels: channels, kernel: 3)
    case .weiaicunzai:
      return try network.unit(
        images, .sequence("pre"), channels: channels, kernel: 1, padding: 1, style: style)
    case .chenyaofo:
      return try network.unit(
        images, .sequence("features.0"), channels: channels, kernel: 3, style: style)
    case .imageNet:
      return try network.unit(
        images, .sequence("features.0"), channels: channels, kernel: 3, stride: 2, style: style)
    case .timm:
      return try network.unit(
        images, UnitNames("conv_stem", "bn1"), channels: channels, kernel: 3, stride: 2,
        style: style)
    }
  }

  private func head(
    _ x: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let channels = roundedChannels(1280 * max(1, plan.width))
    let names: UnitNames =
      switch plan.source {
      case .kuangliu: UnitNames("conv2", "bn2")
      case .weiaicunzai: .sequence("conv1")
      case .chenyaofo, .imageNet: .sequence("features.18")
      case .timm: UnitNames("conv_head", "bn2")
      }
    let y = try network.unit(x, names, channels: channels, style: style)
    switch plan.source {
    case .kuangliu:
      return try network.linear(
        network.globalAverage(y), "linear", outputs: architecture.classCount)
    case .weiaicunzai:
      let mean = try network.graph.reduceMean(y, axes: [2, 3])
      return try network.flatten(
        network.unit(
          mean, UnitNames("conv2", nil), channels: architecture.classCount,
          style: style.with(.identity)))
    case .chenyaofo, .imageNet:
      return try network.linear(
        network.dropout(network.globalAverage(y), rate: 0.2), "classifier.1",
        outputs: architecture.classCount)
    case .timm:
      return try network.linear(
        network.globalAverage(y), "classifier", outputs: architecture.classCount)
    }
  }

  private func names(
    stage: Int, block: Int, place: Int, expands: Bool
  ) -> (expand: UnitNames?, depthwise: UnitNames, project: UnitNames) {
    switch plan.source {
    case .kuangliu:
      let name = "layers.\(place - 1)"
      return (
        UnitNames("\(name).conv1", "\(name).bn1"), UnitNames("\(name).conv2", "\(name).bn2"),
        UnitNames("\(name).conv3", "\(name).bn3")
      )
    case .weiaicunzai:
      let isStageABlock = stage == 0 || stage == 6
      let name = "stage\(stage + 1)" + (isStageABlock ? "" : ".\(block)") + ".residual"
      return (
        UnitNames("\(name).0", "\(name).1"), UnitNames("\(name).3", "\(name).4"),
        UnitNames("\(name).6", "\(name).7")
      )
    case .chenyaofo, .imageNet:
      let name = "features.\(place).conv"
      let first = expands ? 1 : 0
      return (
        expands ? .sequence("\(name).0") : nil, .sequence("\(name).\(first)"),
        UnitNames("\(name).\(first + 1)", "\(name).\(first + 2)")
      )
    case .timm:
      let name = "blocks.\(stage).\(block)"
      return expands
        ? (
          UnitNames("\(name).conv_pw", "\(name).bn1"), UnitNames("\(name).conv_dw", "\(name).bn2"),
          UnitNames("\(name).conv_pwl", "\(name).bn3")
        )
        : (
          nil, UnitNames("\(name).conv_dw", "\(name).bn1"),
          UnitNames("\(name).conv_pw", "\(name).bn2")
        )
    }
  }

  /// The block of pytorch-cifar: with stride 1 a projection carries the input past it too.
  private func projectingBlock(
    _ x: Value, _ name: String, _ block: InvertedResidual, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let y = try network.invertedResidual(x, block)
    guard block.stride == 1, network.graph.shape(of: x)[1] != block.channels else { return y }
    let shortcut = try network.unit(
      x, .sequence("\(name).shortcut"), channels: block.channels, style: style.with(.identity))
    return try network.add(y, shortcut)
  }
}
