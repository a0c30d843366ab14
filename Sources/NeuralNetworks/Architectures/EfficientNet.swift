internal import ComputationGraph

/// EfficientNet: inverted residuals with gates, scaled in width and depth together.
///
/// Tan and Le 2019, arXiv:1905.11946, table 1. In pytorch-cifar the first block keeps convolution and
/// batch norm of an expansion that it does not use. Whole blocks are never dropped in training.
struct EfficientNet: TabulatedFamily {
  enum Source { case kuangliu, imageNet, timm }

  struct Plan {
    var source: Source
    var width = 1.0
    var depth = 1.0
    var dropout = 0.2
    var style = UnitStyle(activation: .silu)
  }

  static let plans: [String: Plan] = {
    var plans = ["efficientnetb0": Plan(source: .kuangliu)]
    let scales = [
      (1, 1, 0.2), (1, 1.1, 0.2), (1.1, 1.2, 0.3), (1.2, 1.4, 0.3), (1.4, 1.8, 0.4),
      (1.6, 2.2, 0.4), (1.8, 2.6, 0.5), (2, 3.1, 0.5),
    ]
    for (size, (width, depth, dropout)) in scales.enumerated() {
      var plan = Plan(source: .timm, width: width, depth: depth, dropout: dropout)
      plans["efficientnet-b\(size)-timm"] = plan
      plan.source = .imageNet
      if size >= 5 { (plan.style.epsilon, plan.style.momentum) = (1e-3, 0.01) }
      plans["efficientnet-b\(size)-imagenet"] = plan
    }
    return plans
  }()

  let name: String
  let plan: Plan

  /// Factor on the inner channels, channels, blocks, stride and kernel of each stage.
  private static let stages = [
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5), (6, 320, 1, 1, 3),
  ]

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let style = plan.style
    let stem: UnitNames =
      switch plan.source {
      case .kuangliu: UnitNames("conv1", "bn1")
      case .imageNet: .sequence("features.0")
      case .timm: UnitNames("conv_stem", "bn1")
      }
    var x = try network.unit(
      images, stem, channels: roundedChannels(32 * plan.width), kernel: 3,
      stride: plan.source == .kuangliu ? 1 : 2, style: style)
    var place = 0
    for (stage, (factor, channels, usualCount, stride, kernel)) in Self.stages.enumerated() {
      for block in 0..<Int((plan.depth * Double(usualCount)).rounded(.up)) {
        let inputs = network.graph.shape(of: x)[1]
        let name =
          switch plan.source {
          case .kuangliu: "layers.\(place)"
          case .imageNet: "features.\(stage + 1).\(block).block"
          case .timm: "blocks.\(stage).\(block)"
          }
        if plan.source == .kuangliu && factor == 1 {
          // Registered, but not used: its statistics stay as they are.
          _ = network.convolutionLayer(
            UnitNames("\(name).conv1", "\(name).bn1"), inputs: inputs, channels: inputs,
            filter: [1, 1], geometry: ConvolutionGeometry(), style: UnitStyle(momentum: 0))
        }
        let names = names(name, expands: factor > 1)
        x = try network.invertedResidual(
          x,
          InvertedResidual(
            expand: names.expand, depthwise: names.depthwise,
            squeeze: SqueezeExcitation(
              names: names.squeeze, channels: max(1, inputs / 4), activation: .silu),
            project: names.project, inner: inputs * factor,
            channels: roundedChannels(plan.width * Double(channels)), kernel: kernel,
            stride: block == 0 ? stride : 1, style: style))
        place += 1
      }
    }
    if plan.source != .kuangliu {
      x = try network.unit(
        x, plan.source == .timm ? UnitNames("conv_head", "bn2") : .sequence("features.8"),
        channels: roundedChannels(1280 * plan.width), style: style)
    }
    let classifier =
      switch plan.source {
      case .kuangliu: "linear"
      case .imageNet: "classifier.1"
      case .timm: "classifier"
      }
    return try network.linear(
      network.dropout(network.globalAverage(x), rate: plan.dropout), classifier,
      outputs: architecture.classCount)
  }

  private func names(
    _ name: String, expands: Bool
  ) -> (
    expand: UnitNames?, depthwise: UnitNames, squeeze: (reduce: String, expand: String),
    project: UnitNames
  ) {
    let first = expands ? 1 : 0
    switch plan.source {
    case .kuangliu:
      return (
        expands ? UnitNames("\(name).conv1", "\(name).bn1") : nil,
        UnitNames("\(name).conv2", "\(name).bn2"), ("\(name).se.se1", "\(name).se.se2"),
        UnitNames("\(name).conv3", "\(name).bn3")
      )
    case .imageNet:
      return (
        expands ? .sequence("\(name).0") : nil, .sequence("\(name).\(first)"),
        ("\(name).\(first + 1).fc1", "\(name).\(first + 1).fc2"),
        .sequence("\(name).\(first + 2)")
      )
    case .timm:
      return (
        expands ? UnitNames("\(name).conv_pw", "\(name).bn1") : nil,
        UnitNames("\(name).conv_dw", "\(name).bn\(first + 1)"),
        ("\(name).se.conv_reduce", "\(name).se.conv_expand"),
        UnitNames("\(name).\(expands ? "conv_pwl" : "conv_pw")", "\(name).bn\(first + 2)")
      )
    }
  }
}
