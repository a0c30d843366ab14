internal import ComputationGraph

/// GoogLeNet with batch norm, without its auxiliary classifiers.
///
/// Szegedy et al. 2014, arXiv:1409.4842. The 5x5 convolutions are two 3x3 ones in pytorch-cifar and
/// pytorch-cifar100 and one in torchvision.
struct GoogLeNet: TabulatedFamily {
  enum Plan { case kuangliu, weiaicunzai, huyvnphan, imageNet }

  static let plans: [String: Plan] = [
    "googlenet": .kuangliu, "googlenet-weiaicunzai": .weiaicunzai,
    "googlenet-huyvnphan": .huyvnphan, "googlenet-imagenet": .imageNet,
  ]

  let name: String
  let plan: Plan

  /// Channels: 1x1, before 3x3, 3x3, before 5x5, 5x5, behind the pool; in stages 3, 4 and 5.
  private static let stages = [
    [[64, 96, 128, 16, 32, 32], [128, 128, 192, 32, 96, 64]],
    [
      [192, 96, 208, 16, 48, 64], [160, 112, 224, 24, 64, 64], [128, 128, 256, 24, 64, 64],
      [112, 144, 288, 32, 64, 64], [256, 160, 320, 32, 128, 128],
    ],
    [[256, 160, 320, 32, 128, 128], [384, 192, 384, 48, 128, 128]],
  ]

  private var isOfTorchvision: Bool { plan == .huyvnphan || plan == .imageNet }

  private var style: UnitStyle {
    isOfTorchvision ? UnitStyle(epsilon: 1e-3) : UnitStyle(hasBias: true)
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try stem(images, in: &network)
    for (stage, blocks) in Self.stages.enumerated() {
      for (place, channels) in blocks.enumerated() {
        let letter = Character(UnicodeScalar(UInt8(97 + place)))
        let name = isOfTorchvision ? "inception\(stage + 3)\(letter)" : "\(letter)\(stage + 3)"
        x = try inception(x, name, channels, in: &network)
      }
      guard stage < 2 else { break }
      if plan == .imageNet {
        x = try network.maxPoolRoundingUp(x, size: stage == 0 ? 3 : 2, stride: 2)
      } else {
        x = try network.maxPool(x, size: 3, stride: 2, padding: 1)
      }
    }
    x = try network.globalAverage(x)
    if plan != .kuangliu {
      x = try network.dropout(x, rate: plan == .weiaicunzai ? 0.4 : 0.2)
    }
    return try network.linear(
      x, isOfTorchvision ? "fc" : "linear", outputs: architecture.classCount)
  }

  private func stem(
    _ images: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    switch plan {
    case .kuangliu:
      return try network.unit(
        images, .sequence("pre_layers"), channels: 192, kernel: 3, style: style)
    case .weiaicunzai:
      var x = images
      for (place, channels) in [64, 64, 192].enumerated() {
        x = try network.unit(
          x, UnitNames("prelayer.\(3 * place)", "prelayer.\(3 * place + 1)"), channels: channels,
          kernel: 3)
      }
      return try network.maxPool(x, size: 3, stride: 2, padding: 1)
    case .huyvnphan:
      return try network.unit(
        images, names("conv1"), channels: 192, kernel: 3, style: style)
    case .imageNet:
      var x = try network.unit(
        images, names("conv1"), channels: 64, kernel: 7, stride: 2, style: style)
      x = try network.maxPoolRoundingUp(x, size: 3, stride: 2)
      x = try network.unit(x, names("conv2"), channels: 64, style: style)
      x = try network.unit(x, names("conv3"), channels: 192, kernel: 3, style: style)
      return try network.maxPoolRoundingUp(x, size: 3, stride: 2)
    }
  }

  private func names(_ name: String) -> UnitNames { UnitNames("\(name).conv", "\(name).bn") }

  private func inception(
    _ x: Value, _ name: String, _ channels: [Int], in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    /// Units of one branch, one behind the other.
    func branch(
      _ number: Int, _ layers: [(channels: Int, kernel: Int)], pool: Bool = false
    ) throws(ShapeError) -> Value {
      var y = pool ? try network.maxPool(x, size: 3, stride: 1, padding: 1) : x
      for (place, layer) in layers.enumerated() {
        let names: UnitNames
        if isOfTorchvision {
          let prefix = "\(name).branch\(number)"
          // A pool counts in the names of its sequence.
          names = self.names(number == 1 ? prefix : "\(prefix).\(place + (pool ? 1 : 0))")
        } else {
          let first = 3 * place + (pool ? 1 : 0)
          names = UnitNames("\(name).b\(number).\(first)", "\(name).b\(number).\(first + 1)")
        }
        y = try network.unit(
          y, names, channels: layer.channels, kernel: layer.kernel, style: style)
      }
      return y
    }
    let b1 = try branch(1, [(channels[0], 1)])
    let b2 = try branch(2, [(channels[1], 1), (channels[2], 3)])
    let wide = isOfTorchvision ? [(channels[4], 3)] : [(channels[4], 3), (channels[4], 3)]
    let b3 = try branch(3, [(channels[3], 1)] + wide)
    let b4 = try branch(4, [(channels[5], 1)], pool: true)
    return try network.concatenate([b1, b2, b3, b4])
  }
}
