internal import ComputationGraph

/// VGG (Simonyan and Zisserman 2014, arXiv:1409.1556), with or without batch norm.
///
/// For CIFAR one linear layer on globally averaged features, named as in kuangliu/pytorch-cifar;
/// for ImageNet three linear layers with dropout between them, as in torchvision.
struct VGG: ArchitectureDefinition {
  /// Number of layers with weights in the ImageNet version: 11, 13, 16 or 19.
  let depth: Int
  /// Whether a batch norm follows each convolution.
  let isNormalized: Bool
  /// Whether the classifier is that of torchvision.
  let isImageNet: Bool

  /// Convolutions in each of the five stages.
  private static let stages = [
    11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2], 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4],
  ]

  var name: String {
    "vgg\(depth)" + (isNormalized ? "-bn" : "") + (isImageNet ? "-imagenet" : "")
  }

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard let depth = parts.takeNumber(after: "vgg", in: 11...19), Self.stages[depth] != nil else {
      return nil
    }
    self.depth = depth
    isNormalized = parts.take("bn")
    isImageNet = parts.take("imagenet")
    guard parts.isEmpty else { return nil }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = images
    // Convolutions, batch norms, ReLUs and pools all count in the names of `nn.Sequential`.
    var position = 0
    for (stage, count) in (Self.stages[depth] ?? []).enumerated() {
      for _ in 0..<count {
        x = try network.relu(
          network.convolution(
            x, "features.\(position)", channels: [64, 128, 256, 512, 512][stage], kernel: 3,
            padding: 1, bias: true,
            normalization: isNormalized ? "features.\(position + 1)" : nil))
        position += isNormalized ? 3 : 2
      }
      x = try network.maxPool(x, size: 2, stride: 2)
      position += 1
    }
    guard isImageNet else {
      return try network.linear(
        network.globalAverage(x), "classifier", outputs: architecture.classCount)
    }
    x = try network.flatten(network.adaptiveAverage(x, extent: 7))
    x = try network.dropout(network.relu(network.linear(x, "classifier.0", outputs: 4096)))
    x = try network.dropout(network.relu(network.linear(x, "classifier.3", outputs: 4096)))
    return try network.linear(x, "classifier.6", outputs: architecture.classCount)
  }
}
