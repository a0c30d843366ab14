internal import ComputationGraph

/// ResNet-18, -34, -50, -101 and -152.
///
/// He et al. 2015, arXiv:1512.03385, table 1.
/// With a 3x3 stem and names as in kuangliu/pytorch-cifar, or for ImageNet with a 7x7 stem, a
/// max-pool and names as in torchvision.
struct ResNet: ArchitectureDefinition {
  /// Number of layers with weights.
  let depth: Int
  /// Whether stem and names are those of torchvision.
  let isImageNet: Bool
  /// Channels of the first stage.
  let width: Int

  /// Blocks in each of the four stages, and whether they are bottlenecks.
  private static let stages: [Int: (blocks: [Int], isBottleneck: Bool)] = [
    18: ([2, 2, 2, 2], false), 34: ([3, 4, 6, 3], false), 50: ([3, 4, 6, 3], true),
    101: ([3, 4, 23, 3], true), 152: ([3, 8, 36, 3], true),
  ]

  var name: String {
    "resnet\(depth)" + (isImageNet ? "-imagenet" : "") + (width == 64 ? "" : "-w\(width)")
  }

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard let depth = parts.takeNumber(after: "resnet", in: 18...152), Self.stages[depth] != nil
    else { return nil }
    self.depth = depth
    isImageNet = parts.take("imagenet")
    width = parts.takeNumber(after: "w", in: 1...4096) ?? 64
    guard parts.isEmpty else { return nil }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try network.relu(
      network.convolution(
        images, "conv1", channels: width, kernel: isImageNet ? 7 : 3, stride: isImageNet ? 2 : 1,
        padding: isImageNet ? 3 : 1, normalization: "bn1"))
    if isImageNet { x = try network.maxPool(x, size: 3, stride: 2, padding: 1) }
    let (blocks, isBottleneck) = Self.stages[depth] ?? ([], false)
    let shortcut = Shortcut.projection(name: isImageNet ? "downsample" : "shortcut")
    for (stage, count) in blocks.enumerated() {
      for block in 0..<count {
        let name = "layer\(stage + 1).\(block)"
        let channels = width << stage
        let stride = stage > 0 && block == 0 ? 2 : 1
        x =
          isBottleneck
          ? try network.bottleneckBlock(
            x, name, channels: channels, stride: stride, shortcut: shortcut)
          : try network.basicBlock(
            x, name, channels: channels, stride: stride, shortcut: shortcut)
      }
    }
    return try network.linear(
      network.globalAverage(x), isImageNet ? "fc" : "linear", outputs: architecture.classCount)
  }
}
