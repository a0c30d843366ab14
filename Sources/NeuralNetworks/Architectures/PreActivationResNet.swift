internal import ComputationGraph

/// Residual networks with batch norm and activation before each convolution.
///
/// He et al. 2016, arXiv:1603.05027. Four stages as in kuangliu/pytorch-cifar and
/// weiaicunzai/pytorch-cifar100, three as in bearpaw/pytorch-classification.
struct PreActivationResNet: ArchitectureDefinition {
  static let patterns: [ArchitecturePattern] = [
    ("preresnetD[-bottleneck]", "the same with pre-activation")
  ]

  private enum Kind: Hashable {
    case kuangliu, weiaicunzai, squeezeExcite
    case bearpaw(isBottleneck: Bool)
  }

  static let names =
    blocks.keys.sorted().flatMap { ["preactresnet\($0)", "preactresnet\($0)-weiaicunzai"] }
    + ["senet18"]

  static let takesWidth = true

  private let depth: Int
  private let kind: Kind
  /// Channels of the first stage.
  private let width: Int

  /// Blocks in each of the four stages.
  private static let blocks = [
    18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3],
  ]

  var name: String {
    let (base, usualWidth) =
      switch kind {
      case .kuangliu: ("preactresnet\(depth)", 64)
      case .weiaicunzai: ("preactresnet\(depth)-weiaicunzai", 64)
      case .squeezeExcite: ("senet\(depth)", 64)
      case .bearpaw(let isBottleneck):
        ("preresnet\(depth)" + (isBottleneck ? "-bottleneck" : ""), 16)
      }
    return base + (width == usualWidth ? "" : "-w\(width)")
  }

  init?(name: String) {
    var parts = ArchitectureName(name)
    if let depth = parts.takeNumber(after: "preactresnet", in: 18...152) {
      guard Self.blocks[depth] != nil else { return nil }
      self.depth = depth
      kind = parts.take("weiaicunzai") ? .weiaicunzai : .kuangliu
    } else if parts.take("senet18") {
      depth = 18
      kind = .squeezeExcite
    } else if let depth = parts.takeNumber(after: "preresnet", in: 8...1202) {
      let isBottleneck = parts.take("bottleneck")
      guard depth % (isBottleneck ? 9 : 6) == 2 else { return nil }
      self.depth = depth
      kind = .bearpaw(isBottleneck: isBottleneck)
    } else {
      return nil
    }
    var usualWidth = 64
    if case .bearpaw = kind { usualWidth = 16 }
    width = parts.takeNumber(after: "w", in: 1...4096) ?? usualWidth
    guard parts.isEmpty else { return nil }
  }

  private var isBottleneck: Bool {
    if case .bearpaw(let isBottleneck) = kind { isBottleneck } else { depth >= 50 }
  }

  private var stages: [Int] {
    guard case .bearpaw(let isBottleneck) = kind else { return Self.blocks[depth] ?? [] }
    return [Int](repeating: (depth - 2) / (isBottleneck ? 9 : 6), count: 3)
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x =
      switch kind {
      case .kuangliu, .bearpaw:
        try network.unit(
          images, UnitNames("conv1", nil), channels: width, kernel: 3,
          style: UnitStyle(activation: .identity))
      case .squeezeExcite:
        try network.unit(images, UnitNames("conv1", "bn1"), channels: width, kernel: 3)
      case .weiaicunzai:
        try network.unit(
          images, .sequence("pre"), channels: width, kernel: 3, style: UnitStyle(hasBias: true))
      }
    for (stage, count) in stages.enumerated() {
      for place in 0..<count {
        let stride = stage > 0 && place == 0 ? 2 : 1
        let name = kind == .weiaicunzai ? "stage\(stage + 1)" : "layer\(stage + 1)"
        x = try network.preActivationBlock(
          x, "\(name).\(place)",
          block("\(name).\(place)", channels: width << stage, stride: stride),
          startsActivated: kind == .kuangliu || kind == .squeezeExcite)
      }
    }
    if case .bearpaw = kind { x = try network.normalized(x, "bn") }
    var isLast = "linear"
    if case .bearpaw = kind { isLast = "fc" }
    return try network.linear(
      network.globalAverage(x), isLast, outputs: architecture.classCount)
  }

  private func block(_ name: String, channels: Int, stride: Int) -> ResidualBlock {
    let shortcut: Shortcut =
      switch kind {
      case .kuangliu, .squeezeExcite: .convolution(name: "shortcut.0")
      case .weiaicunzai: .convolution(name: "shortcut")
      case .bearpaw: .convolution(name: "downsample.0")
      }
    var block =
      isBottleneck
      ? ResidualBlock.bottleneck(
        inner: channels, channels: 4 * channels, stride: stride, shortcut: shortcut)
      : .basic(channels: channels, stride: stride, shortcut: shortcut)
    switch kind {
    case .weiaicunzai:
      // The stride of its bottlenecks is in the first convolution.
      if isBottleneck {
        block = ResidualBlock(
          layers: [
            ResidualBlock.Layer(channels: channels, kernel: 1, stride: stride),
            ResidualBlock.Layer(channels: channels, kernel: 3),
            ResidualBlock.Layer(channels: 4 * channels, kernel: 1),
          ], shortcut: shortcut)
      }
      block.names = .sequence("residual")
      block.style.hasBias = true
    case .squeezeExcite:
      block.squeeze = SqueezeExcitation(
        names: ("\(name).fc1", "\(name).fc2"), channels: max(1, channels / 16))
    case .kuangliu, .bearpaw: break
    }
    return block
  }
}
