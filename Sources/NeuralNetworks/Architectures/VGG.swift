internal import ComputationGraph

/// VGG (Simonyan and Zisserman 2014, arXiv:1409.1556), with or without batch norm.
///
/// The convolutions of all sources have the same names; the classifiers differ.
struct VGG: ArchitectureDefinition {
  /// What follows the convolutions.
  private enum Classifier: String, CaseIterable {
    /// One linear layer on globally averaged features: kuangliu/pytorch-cifar.
    case kuangliu = ""
    /// Two hidden layers of 512 units: chenyaofo/pytorch-cifar-models.
    case chenyaofo
    /// Two hidden layers of 4096 units: weiaicunzai/pytorch-cifar100.
    case weiaicunzai
    /// Two hidden layers of 4096 units on 7 x 7 parts of the images: torchvision.
    case imageNet = "imagenet"
  }

  static let names = [11, 13, 16, 19].flatMap { depth in
    ["", "-bn"].flatMap { norm in
      Classifier.allCases.map { source in
        "vgg\(depth)\(norm)" + (source == .kuangliu ? "" : "-\(source.rawValue)")
      }
    }
  }

  /// Number of layers with weights in the ImageNet version: 11, 13, 16 or 19.
  let depth: Int
  /// Whether a batch norm follows each convolution.
  let isNormalized: Bool
  private let classifier: Classifier

  /// Convolutions in each of the five stages.
  private static let stages = [
    11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2], 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4],
  ]

  var name: String {
    "vgg\(depth)" + (isNormalized ? "-bn" : "")
      + (classifier == .kuangliu ? "" : "-\(classifier.rawValue)")
  }

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard let depth = parts.takeNumber(after: "vgg", in: 11...19), Self.stages[depth] != nil else {
      return nil
    }
    self.depth = depth
    isNormalized = parts.take("bn")
    classifier = name.hasSuffix("-") ? .kuangliu : parts.take(Classifier.self) ?? .kuangliu
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
    guard classifier != .kuangliu else {
      return try network.linear(
        network.globalAverage(x), "classifier", outputs: architecture.classCount)
    }
    let isImageNet = classifier == .imageNet
    x = try network.flatten(
      isImageNet ? network.adaptiveAverage(x, extent: 7) : network.globalAverage(x))
    let units = classifier == .chenyaofo ? 512 : 4096
    x = try network.dropout(network.relu(network.linear(x, "classifier.0", outputs: units)))
    x = try network.dropout(network.relu(network.linear(x, "classifier.3", outputs: units)))
    return try network.linear(x, "classifier.6", outputs: architecture.classCount)
  }
}
