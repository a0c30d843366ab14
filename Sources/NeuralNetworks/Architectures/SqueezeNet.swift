internal import ComputationGraph

/// SqueezeNet: few 1x1 filters before 1x1 and 3x3 filters side by side.
///
/// Iandola et al. 2016, arXiv:1602.07360. pytorch-cifar100's has batch norms and identities past
/// every other block.
struct SqueezeNet: TabulatedFamily {
  enum Plan { case weiaicunzai, version0, version1 }

  static let plans: [String: Plan] = [
    "squeezenet-weiaicunzai": .weiaicunzai, "squeezenet1-0-imagenet": .version0,
    "squeezenet1-1-imagenet": .version1,
  ]

  let name: String
  let plan: Plan

  /// Squeezed channels and half of the channels of each block.
  private static let blocks = [
    (16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256),
  ]

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let style = UnitStyle(hasBias: true)
    guard plan != .weiaicunzai else {
      return try normalizedNetwork(images, for: architecture, in: &network)
    }
    let isFirstVersion = plan == .version0
    var x = try network.unit(
      images, UnitNames("features.0", nil), channels: isFirstVersion ? 96 : 64,
      kernel: isFirstVersion ? 7 : 3, stride: 2, padding: 0, style: style)
    x = try network.maxPoolRoundingUp(x, size: 3, stride: 2)
    // Places in the sequence; a pool stands in each gap.
    let places = isFirstVersion ? [3, 4, 5, 7, 8, 9, 10, 12] : [3, 4, 6, 7, 9, 10, 11, 12]
    for (block, (squeezed, half)) in Self.blocks.enumerated() {
      if block > 0 && places[block] > places[block - 1] + 1 {
        x = try network.maxPoolRoundingUp(x, size: 3, stride: 2)
      }
      let name = "features.\(places[block])"
      x = try fire(
        x,
        [
          UnitNames("\(name).squeeze", nil), UnitNames("\(name).expand1x1", nil),
          UnitNames("\(name).expand3x3", nil),
        ],
        squeezed: squeezed, half: half, in: &network)
    }
    x = try network.unit(
      network.dropout(x, rate: 0.5), UnitNames("classifier.1", nil),
      channels: architecture.classCount, style: style)
    return try network.globalAverage(x)
  }

  private func normalizedNetwork(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let style = UnitStyle(hasBias: true)
    var x = try network.unit(images, .sequence("stem"), channels: 96, kernel: 3, style: style)
    x = try network.maxPool(x, size: 2, stride: 2)
    for (block, (squeezed, half)) in Self.blocks.enumerated() {
      let name = "fire\(block + 2)"
      let y = try fire(
        x, ["squeeze", "expand_1x1", "expand_3x3"].map { .sequence("\(name).\($0)") },
        squeezed: squeezed, half: half, in: &network)
      x = [1, 3, 5].contains(block) ? try network.add(y, x) : y
      if block == 2 || block == 6 { x = try network.maxPool(x, size: 2, stride: 2) }
    }
    x = try network.unit(
      x, UnitNames("conv10", nil), channels: architecture.classCount, style: style.with(.identity))
    return try network.globalAverage(x)
  }

  private func fire(
    _ x: Value, _ names: [UnitNames], squeezed: Int, half: Int, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let style = UnitStyle(hasBias: true)
    let y = try network.unit(x, names[0], channels: squeezed, style: style)
    let small = try network.unit(y, names[1], channels: half, style: style)
    let large = try network.unit(y, names[2], channels: half, kernel: 3, style: style)
    return try network.concatenate([small, large])
  }
}
