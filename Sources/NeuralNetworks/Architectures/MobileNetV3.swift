internal import ComputationGraph

/// MobileNetV3, large and small.
///
/// Howard et al. 2019, arXiv:1905.02244, tables 1 and 2.
struct MobileNetV3: TabulatedFamily {
  struct Plan {
    let isLarge: Bool
    let isOfTimm: Bool
  }

  static let plans: [String: Plan] = [
    "mobilenet-v3-large-imagenet": Plan(isLarge: true, isOfTimm: false),
    "mobilenet-v3-small-imagenet": Plan(isLarge: false, isOfTimm: false),
    "mobilenetv3-large-100-timm": Plan(isLarge: true, isOfTimm: true),
    "mobilenetv3-small-100-timm": Plan(isLarge: false, isOfTimm: true),
  ]

  let name: String
  let plan: Plan

  /// Inner channels, channels, kernel, stride, whether it has a gate, whether hard swish.
  private typealias Block = (
    inner: Int, channels: Int, kernel: Int, stride: Int, hasGate: Bool, isHardSwish: Bool
  )

  /// Blocks of each stage.
  private static let large: [[Block]] = [
    [(16, 16, 3, 1, false, false)],
    [(64, 24, 3, 2, false, false), (72, 24, 3, 1, false, false)],
    [(72, 40, 5, 2, true, false), (120, 40, 5, 1, true, false), (120, 40, 5, 1, true, false)],
    [
      (240, 80, 3, 2, false, true), (200, 80, 3, 1, false, true), (184, 80, 3, 1, false, true),
      (184, 80, 3, 1, false, true),
    ],
    [(480, 112, 3, 1, true, true), (672, 112, 3, 1, true, true)],
    [(672, 160, 5, 2, true, true), (960, 160, 5, 1, true, true), (960, 160, 5, 1, true, true)],
  ]

  private static let small: [[Block]] = [
    [(16, 16, 3, 2, true, false)],
    [(72, 24, 3, 2, false, false), (88, 24, 3, 1, false, false)],
    [(96, 40, 5, 2, true, true), (240, 40, 5, 1, true, true), (240, 40, 5, 1, true, true)],
    [(120, 48, 5, 1, true, true), (144, 48, 5, 1, true, true)],
    [(288, 96, 5, 2, true, true), (576, 96, 5, 1, true, true), (576, 96, 5, 1, true, true)],
  ]

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let isOfTimm = plan.isOfTimm
    let style =
      isOfTimm
      ? UnitStyle(activation: .hardSwish)
      : UnitStyle(activation: .hardSwish, epsilon: 1e-3, momentum: 0.01)
    let stages = plan.isLarge ? Self.large : Self.small
    var x = try network.unit(
      images, isOfTimm ? UnitNames("conv_stem", "bn1") : .sequence("features.0"), channels: 16,
      kernel: 3, stride: 2, style: style)
    var place = 0
    for (stage, blocks) in stages.enumerated() {
      for (index, block) in blocks.enumerated() {
        place += 1
        let expands = block.inner != network.graph.shape(of: x)[1]
        let name = isOfTimm ? "blocks.\(stage).\(index)" : "features.\(place).block"
        x = try network.invertedResidual(
          x,
          residual(name, block, expands: expands, style: style))
      }
    }
    let last = plan.isLarge ? 960 : 576
    x = try network.unit(
      x,
      isOfTimm
        ? UnitNames("blocks.\(stages.count).0.conv", "blocks.\(stages.count).0.bn1")
        : .sequence("features.\(place + 1)"),
      channels: last, style: style)
    return try head(x, for: architecture, in: &network)
  }

  private func head(
    _ x: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let units = plan.isLarge ? 1280 : 1024
    guard !plan.isOfTimm else {
      let mean = try network.graph.reduceMean(x, axes: [2, 3])
      let hidden = try network.unit(
        mean, UnitNames("conv_head", nil), channels: units,
        style: UnitStyle(activation: .hardSwish, hasBias: true))
      return try network.linear(
        network.flatten(hidden), "classifier", outputs: architecture.classCount)
    }
    let hidden = try network.linear(network.globalAverage(x), "classifier.0", outputs: units)
    return try network.linear(
      network.dropout(network.graph.hardSwish(hidden), rate: 0.2), "classifier.3",
      outputs: architecture.classCount)
  }

  private func residual(
    _ name: String, _ block: Block, expands: Bool, style: UnitStyle
  ) -> InvertedResidual {
    let first = expands ? 1 : 0
    let isOfTimm = plan.isOfTimm
    // torchvision counts the units of a block, gates included.
    let expand: UnitNames =
      isOfTimm ? UnitNames("\(name).conv_pw", "\(name).bn1") : .sequence("\(name).0")
    let depthwise: UnitNames =
      isOfTimm
      ? UnitNames("\(name).conv_dw", "\(name).bn\(first + 1)") : .sequence("\(name).\(first)")
    let project: UnitNames =
      isOfTimm
      ? UnitNames(
        "\(name).\(expands ? "conv_pwl" : "conv_pw")", "\(name).bn\(first + 2)")
      : .sequence("\(name).\(first + (block.hasGate ? 2 : 1))")
    let gate = isOfTimm ? "\(name).se" : "\(name).\(first + 1)"
    let squeeze = SqueezeExcitation(
      names: isOfTimm
        ? ("\(gate).conv_reduce", "\(gate).conv_expand") : ("\(gate).fc1", "\(gate).fc2"),
      channels: roundedChannels(Double(block.inner) / 4), gate: .hardSigmoid)
    return InvertedResidual(
      expand: expands ? expand : nil, depthwise: depthwise,
      squeeze: block.hasGate ? squeeze : nil, project: project, inner: block.inner,
      channels: block.channels, kernel: block.kernel, stride: block.stride,
      style: style.with(block.isHardSwish ? .hardSwish : .relu))
  }
}
