internal import ComputationGraph

/// ResNet-(6n+2) for small images, or ResNet-(9n+2) of bottlenecks.
///
/// He et al. 2015, arXiv:1512.03385, section 4.2. Three stages of n blocks; named as in
/// akamaster/pytorch_resnet_cifar10, or as in torchvision, which chenyaofo/pytorch-cifar-models and
/// bearpaw/pytorch-classification follow.
struct CIFARResNet: ArchitectureDefinition {
  static let patterns: [ArchitecturePattern] = [
    (
      "resnetD[-b|-noshort|-chenyaofo|-bottleneck]",
      "CIFAR ResNet of depth D = 6n+2 (20, 32, ...) with shortcuts of option A, B or none, B with "
        + "torchvision's names; or of bottlenecks, D = 9n+2 (164)"
    )
  ]

  private enum Kind: String, CaseIterable {
    case padded = ""
    case projection = "b"
    case plain = "noshort"
    /// Projections with torchvision's names.
    case torchvision = "chenyaofo"
    case bottleneck
  }

  /// Number of layers with weights, but for those of shortcuts.
  private let depth: Int
  private let kind: Kind
  /// Channels of the first stage.
  private let width: Int

  /// Depths that mean a `ResNet`.
  private static let reserved = [50, 152]

  var name: String {
    "resnet\(depth)" + (kind == .padded ? "" : "-\(kind.rawValue)")
      + (width == 16 ? "" : "-w\(width)")
  }

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard let depth = parts.takeNumber(after: "resnet", in: 8...1202) else { return nil }
    self.depth = depth
    // An empty part is no kind.
    kind = parts.isEmpty || name.hasSuffix("-") ? .padded : parts.take(Kind.self) ?? .padded
    width = parts.takeNumber(after: "w", in: 1...4096) ?? 16
    guard parts.isEmpty, depth % (kind == .bottleneck ? 9 : 6) == 2,
      kind == .bottleneck || !Self.reserved.contains(depth)
    else { return nil }
  }

  private var shortcut: Shortcut {
    switch kind {
    case .padded: .padded
    case .plain: .none
    case .projection: .projection(name: "shortcut")
    case .torchvision, .bottleneck: .projection(name: "downsample")
    }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try network.unit(images, UnitNames("conv1", "bn1"), channels: width, kernel: 3)
    for stage in 0..<3 {
      let channels = width << stage
      for block in 0..<(depth - 2) / (kind == .bottleneck ? 9 : 6) {
        let stride = stage > 0 && block == 0 ? 2 : 1
        x = try network.residualBlock(
          x, "layer\(stage + 1).\(block)",
          kind == .bottleneck
            ? .bottleneck(
              inner: channels, channels: 4 * channels, stride: stride, shortcut: shortcut)
            : .basic(channels: channels, stride: stride, shortcut: shortcut))
      }
    }
    let hasTorchvisionNames = kind == .torchvision || kind == .bottleneck
    return try network.linear(
      network.globalAverage(x), hasTorchvisionNames ? "fc" : "linear",
      outputs: architecture.classCount)
  }
}
