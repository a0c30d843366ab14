internal import ComputationGraph

/// ResNet-(6n+2) for small images.
///
/// He et al. 2015, arXiv:1512.03385, section 4.2.
/// Three stages of n basic blocks; named as in akamaster/pytorch_resnet_cifar10.
struct CIFARResNet: ArchitectureDefinition {
  /// Number of layers with weights, 6n+2.
  let depth: Int
  /// Shortcuts: option A, option B or none.
  let shortcut: Shortcut
  /// Channels of the first stage.
  let width: Int

  /// Depths that mean a `ResNet`.
  private static let reserved = [50, 152]

  var name: String {
    let option =
      switch shortcut {
      case .padded: ""
      case .projection: "-b"
      case .none: "-noshort"
      }
    return "resnet\(depth)" + option + (width == 16 ? "" : "-w\(width)")
  }

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard let depth = parts.takeNumber(after: "resnet", in: 8...1202), depth % 6 == 2,
      !Self.reserved.contains(depth)
    else { return nil }
    self.depth = depth
    if parts.take("b") {
      shortcut = .projection(name: "shortcut")
    } else if parts.take("noshort") {
      shortcut = .none
    } else {
      shortcut = .padded
    }
    width = parts.takeNumber(after: "w", in: 1...4096) ?? 16
    guard parts.isEmpty else { return nil }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try network.relu(
      network.convolution(
        images, "conv1", channels: width, kernel: 3, padding: 1, normalization: "bn1"))
    for stage in 0..<3 {
      for block in 0..<(depth - 2) / 6 {
        x = try network.basicBlock(
          x, "layer\(stage + 1).\(block)", channels: width << stage,
          stride: stage > 0 && block == 0 ? 2 : 1, shortcut: shortcut)
      }
    }
    return try network.linear(network.globalAverage(x), "linear", outputs: architecture.classCount)
  }
}
