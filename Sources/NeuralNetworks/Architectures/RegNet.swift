internal import ComputationGraph

/// RegNetX, and RegNetY with squeeze-and-excitation.
///
/// Radosavovic et al. 2020, arXiv:2003.13678. The widths of the blocks are a quantised line: section
/// 3.3, equations 2 to 4.
struct RegNet: TabulatedFamily {
  struct Plan {
    let isKuangliu: Bool
    /// Channels and number of blocks of each stage.
    let stages: [(channels: Int, count: Int)]
    /// Channels of a group.
    let groupWidth: Int
    let hasGate: Bool
  }

  static let plans: [String: Plan] = {
    var plans: [String: Plan] = [:]
    let lines: [(String, depth: Int, start: Int, slope: Double, step: Double, group: Int)] = [
      ("x-400mf", 22, 24, 24.48, 2.54, 16), ("x-800mf", 16, 56, 35.73, 2.28, 16),
      ("x-1-6gf", 18, 80, 34.01, 2.25, 24), ("x-3-2gf", 25, 88, 26.31, 2.25, 48),
      ("x-8gf", 23, 80, 49.56, 2.88, 120), ("x-16gf", 22, 216, 55.59, 2.1, 128),
      ("x-32gf", 23, 320, 69.86, 2.0, 168), ("y-400mf", 16, 48, 27.89, 2.09, 8),
      ("y-800mf", 14, 56, 38.84, 2.4, 16), ("y-1-6gf", 27, 48, 20.71, 2.65, 24),
      ("y-3-2gf", 21, 80, 42.63, 2.66, 24), ("y-8gf", 17, 192, 76.82, 2.19, 56),
      ("y-16gf", 18, 200, 106.23, 2.48, 112), ("y-32gf", 20, 232, 115.89, 2.53, 232),
    ]
    for line in lines {
      plans["regnet-\(line.0)-imagenet"] = Plan(
        isKuangliu: false,
        stages: stages(
          depth: line.depth, start: Double(line.start), slope: line.slope, step: line.step,
          group: line.group), groupWidth: line.group, hasGate: line.0.hasPrefix("y"))
    }
    let large = [(32, 1), (64, 2), (160, 7), (384, 12)].map { (channels: $0, count: $1) }
    plans["regnetx-200mf"] = Plan(
      isKuangliu: true, stages: [(24, 1), (56, 1), (152, 4), (368, 7)], groupWidth: 8,
      hasGate: false)
    plans["regnetx-400mf"] = Plan(isKuangliu: true, stages: large, groupWidth: 16, hasGate: false)
    plans["regnety-400mf"] = Plan(isKuangliu: true, stages: large, groupWidth: 16, hasGate: true)
    return plans
  }()

  let name: String
  let plan: Plan

  /// Blocks of equal width, from the line `start + slope k` quantised to powers of `step`.
  private static func stages(
    depth: Int, start: Double, slope: Double, step: Double, group: Int
  ) -> [(channels: Int, count: Int)] {
    var stages: [(channels: Int, count: Int)] = []
    for block in 0..<depth {
      // The power of the step nearest to the line, by multiplication.
      let ratio = (start + slope * Double(block)) / start
      var power = 1.0
      while power * step.squareRoot() < ratio { power *= step }
      let quantised = Int((start * power / 8).rounded(.toNearestOrEven)) * 8
      // A multiple of the width of a group, by less than a tenth down.
      let width = min(group, quantised)
      var channels = max(width, (quantised + width / 2) / width * width)
      if Double(channels) < 0.9 * Double(quantised) { channels += width }
      if let last = stages.last, last.channels == channels {
        stages[stages.count - 1].count += 1
      } else {
        stages.append((channels, 1))
      }
    }
    return stages
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let isKuangliu = plan.isKuangliu
    var x = try network.unit(
      images, isKuangliu ? UnitNames("conv1", "bn1") : .sequence("stem"),
      channels: isKuangliu ? 64 : 32, kernel: 3, stride: isKuangliu ? 1 : 2)
    for (stage, (channels, count)) in plan.stages.enumerated() {
      for block in 0..<count {
        let halves = block == 0 && (stage > 1 || !isKuangliu)
        let name =
          isKuangliu
          ? "layer\(stage + 1).\(block)"
          : "trunk_output.block\(stage + 1).block\(stage + 1)-\(block)"
        x = try self.block(x, name, channels: channels, stride: halves ? 2 : 1, in: &network)
      }
    }
    return try network.linear(
      network.globalAverage(x), isKuangliu ? "linear" : "fc", outputs: architecture.classCount)
  }

  private func block(
    _ x: Value, _ name: String, channels: Int, stride: Int, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let inputs = network.graph.shape(of: x)[1]
    let isKuangliu = plan.isKuangliu
    let projects = stride != 1 || inputs != channels
    func names(_ place: Int) -> UnitNames {
      isKuangliu
        ? UnitNames("\(name).conv\(place + 1)", "\(name).bn\(place + 1)")
        : .sequence("\(name).f.\(["a", "b", "c"][place])")
    }
    func project(in network: inout ModelBuilder) throws(ShapeError) -> Value {
      guard projects else { return x }
      return try network.unit(
        x, .sequence("\(name).\(isKuangliu ? "shortcut" : "proj")"), channels: channels,
        stride: stride, style: UnitStyle(activation: .identity))
    }
    // torchvision registers the projection first.
    var shortcut = isKuangliu ? x : try project(in: &network)
    var y = try network.unit(x, names(0), channels: channels)
    y = try network.unit(
      y, names(1), channels: channels, kernel: 3, stride: stride,
      groups: channels / min(plan.groupWidth, channels))
    if plan.hasGate {
      let gate = isKuangliu ? "\(name).se" : "\(name).f.se"
      let reduced = Int((0.25 * Double(inputs)).rounded(.toNearestOrEven))
      y = try network.squeezeExcite(
        y,
        SqueezeExcitation(
          names: isKuangliu ? ("\(gate).se1", "\(gate).se2") : ("\(gate).fc1", "\(gate).fc2"),
          channels: reduced))
    }
    y = try network.unit(y, names(2), channels: channels, style: UnitStyle(activation: .identity))
    if isKuangliu { shortcut = try project(in: &network) }
    return try network.relu(network.add(y, shortcut))
  }
}
