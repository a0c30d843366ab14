internal import ComputationGraph

/// ShuffleNetV2: half of the channels pass a block, then all are shuffled.
///
/// Ma et al. 2018, arXiv:1807.11164.
struct ShuffleNetV2: TabulatedFamily {
  enum Source { case kuangliu, weiaicunzai, chenyaofo, imageNet }

  struct Plan {
    let source: Source
    /// Channels of the three stages and of the last convolution.
    let channels: [Int]
  }

  static let plans: [String: Plan] = {
    let sizes = [
      ("0-5", "0-5", [48, 96, 192, 1024]), ("1", "1-0", [116, 232, 464, 1024]),
      ("1-5", "1-5", [176, 352, 704, 1024]), ("2", "2-0", [244, 488, 976, 2048]),
    ]
    var plans = [
      "shufflenetv2-weiaicunzai": Plan(source: .weiaicunzai, channels: sizes[1].2)
    ]
    for (short, long, channels) in sizes {
      plans["shufflenetv2-x\(long)-chenyaofo"] = Plan(source: .chenyaofo, channels: channels)
      plans["shufflenet-v2-x\(long)-imagenet"] = Plan(source: .imageNet, channels: channels)
      // pytorch-cifar has 224 channels in the largest.
      plans["shufflenetv2-\(short)"] = Plan(
        source: .kuangliu, channels: short == "2" ? [224, 488, 976, 2048] : channels)
    }
    return plans
  }()

  let name: String
  let plan: Plan

  private var style: UnitStyle { UnitStyle(hasBias: plan.source == .weiaicunzai) }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x =
      switch plan.source {
      case .kuangliu: try network.unit(images, UnitNames("conv1", "bn1"), channels: 24, kernel: 3)
      case .weiaicunzai:
        try network.unit(
          images, .sequence("pre"), channels: 24, kernel: 3, style: style.with(.identity))
      case .chenyaofo, .imageNet:
        try network.unit(
          images, .sequence("conv1"), channels: 24, kernel: 3,
          stride: plan.source == .imageNet ? 2 : 1)
      }
    if plan.source == .imageNet { x = try network.maxPool(x, size: 3, stride: 2, padding: 1) }
    for (stage, count) in [4, 8, 4].enumerated() {
      for block in 0..<count {
        let name = plan.source == .kuangliu ? "layer\(stage + 1)" : "stage\(stage + 2)"
        x =
          block == 0
          ? try halvingBlock(x, "\(name).0", channels: plan.channels[stage] / 2, in: &network)
          : try passingBlock(x, "\(name).\(block)", in: &network)
      }
    }
    let isKuangliu = plan.source == .kuangliu
    x = try network.unit(
      x, isKuangliu ? UnitNames("conv2", "bn2") : .sequence("conv5"), channels: plan.channels[3],
      style: style)
    return try network.linear(
      network.globalAverage(x), isKuangliu ? "linear" : "fc", outputs: architecture.classCount)
  }

  /// Names of the units of the branch that keeps its input, and of the other one.
  private func names(_ name: String, isFirst: Bool) -> (carried: [UnitNames], changed: [UnitNames])
  {
    func numbered(_ numbers: ClosedRange<Int>) -> [UnitNames] {
      numbers.map { UnitNames("\(name).conv\($0)", "\(name).bn\($0)") }
    }
    func sequence(_ part: String, _ places: [Int]) -> [UnitNames] {
      places.map { UnitNames("\(name).\(part).\($0)", "\(name).\(part).\($0 + 1)") }
    }
    switch plan.source {
    case .kuangliu: return isFirst ? (numbered(1...2), numbered(3...5)) : ([], numbered(1...3))
    case .weiaicunzai: return (sequence("shortcut", [0, 2]), sequence("residual", [0, 3, 5]))
    case .chenyaofo, .imageNet:
      return (sequence("branch1", [0, 2]), sequence("branch2", [0, 3, 5]))
    }
  }

  /// Both branches read all channels and halve the images.
  private func halvingBlock(
    _ x: Value, _ name: String, channels: Int, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let inputs = network.graph.shape(of: x)[1]
    let names = names(name, isFirst: true)
    func carry(in network: inout ModelBuilder) throws(ShapeError) -> Value {
      let y = try network.unit(
        x, names.carried[0], channels: inputs, kernel: 3, stride: 2, groups: inputs,
        style: style.with(.identity))
      return try network.unit(y, names.carried[1], channels: channels, style: style)
    }
    func change(in network: inout ModelBuilder) throws(ShapeError) -> Value {
      // pytorch-cifar100 keeps the channels of its input until the end.
      let inner = plan.source == .weiaicunzai ? inputs : channels
      return try branch(x, names.changed, inner: inner, channels: channels, stride: 2, in: &network)
    }
    // The order in the state dict.
    var carried: Value
    var changed: Value
    if plan.source == .weiaicunzai {
      changed = try change(in: &network)
      carried = try carry(in: &network)
    } else {
      carried = try carry(in: &network)
      changed = try change(in: &network)
    }
    return try network.shuffleChannels(network.concatenate([carried, changed]), groups: 2)
  }

  /// The first half of the channels passes, the other half is changed.
  private func passingBlock(
    _ x: Value, _ name: String, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let half = network.graph.shape(of: x)[1] / 2
    let passing = try network.channels(of: x, from: 0, count: half)
    let rest = try network.channels(of: x, from: half, count: half)
    let changed = try branch(
      rest, names(name, isFirst: false).changed, inner: half, channels: half, stride: 1,
      in: &network)
    return try network.shuffleChannels(network.concatenate([passing, changed]), groups: 2)
  }

  private func branch(
    _ x: Value, _ names: [UnitNames], inner: Int, channels: Int, stride: Int,
    in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var y = try network.unit(x, names[0], channels: inner, style: style)
    y = try network.unit(
      y, names[1], channels: inner, kernel: 3, stride: stride, groups: inner,
      style: style.with(.identity))
    return try network.unit(y, names[2], channels: channels, style: style)
  }
}
