internal import ComputationGraph

/// DenseNet-BC: each layer reads the channels of all layers before it.
///
/// Huang et al. 2016, arXiv:1608.06993. Layers are 1x1 and 3x3 convolutions behind batch norm and
/// ReLU; between two blocks a 1x1 convolution halves the channels and pooling the extents.
struct DenseNet: ArchitectureDefinition {
  static let patterns: [ArchitecturePattern] = [
    ("densenet-D-K", "DenseNet-BC of depth D = 6n+4 and growth K")
  ]

  private enum Source: String, CaseIterable {
    case kuangliu = ""
    case weiaicunzai
    case huyvnphan
    case imageNet = "imagenet"
    /// Three blocks: bearpaw/pytorch-classification.
    case bearpaw
  }

  private static let blocks: [String: (layers: [Int], growth: Int)] = [
    "densenet121": ([6, 12, 24, 16], 32), "densenet169": ([6, 12, 32, 32], 32),
    "densenet201": ([6, 12, 48, 32], 32), "densenet161": ([6, 12, 36, 24], 48),
    "densenet-cifar": ([6, 12, 24, 16], 12),
  ]

  static let names: [String] = blocks.keys.sorted().flatMap { base in
    [Source.kuangliu, .weiaicunzai, .huyvnphan, .imageNet].compactMap { source in
      DenseNet(name: source == .kuangliu ? base : "\(base)-\(source.rawValue)")?.name
    }
  }

  let name: String
  private let source: Source
  /// Layers of each block.
  private let layers: [Int]
  /// Channels that a layer adds.
  private let growth: Int

  init?(name: String) {
    var parts = ArchitectureName(name)
    if parts.take("densenet"), let depth = parts.takeNumber(in: 10...1204),
      let growth = parts.takeNumber(in: 1...1024)
    {
      guard depth % 6 == 4, parts.isEmpty else { return nil }
      (layers, self.growth) = ([Int](repeating: (depth - 4) / 6, count: 3), growth)
      source = .bearpaw
    } else {
      let found = Self.blocks.first { base, _ in
        name == base
          || Source(rawValue: String(name.dropFirst(base.count + 1))) != nil
            && name.hasPrefix("\(base)-") && !name.hasSuffix("-")
      }
      guard let (base, plan) = found else { return nil }
      let source = Source(rawValue: String(name.dropFirst(base.count + 1))) ?? .kuangliu
      let isOfTorchvision = source == .huyvnphan || source == .imageNet
      guard source != .bearpaw, !isOfTorchvision || base != "densenet-cifar" else { return nil }
      (layers, growth) = plan
      self.source = source
    }
    self.name = name
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try stem(images, in: &network)
    for (block, count) in layers.enumerated() {
      for layer in 0..<count {
        let names = names(block: block, layer: layer)
        var y = try network.normalized(x, names.norms[0])
        y = try network.unit(
          y, UnitNames(names.convolutions[0], names.norms[1]), channels: 4 * growth)
        y = try network.unit(
          y, UnitNames(names.convolutions[1], nil), channels: growth, kernel: 3,
          style: UnitStyle(activation: .identity))
        x = try network.concatenate(source == .kuangliu ? [y, x] : [x, y])
      }
      guard block < layers.count - 1 else { break }
      let names = transitionNames(block)
      // pytorch-cifar100 leaves out the ReLU.
      let activation = source == .weiaicunzai ? ActivationFunction.identity : .relu
      x = try network.normalized(x, names.norm, style: UnitStyle(activation: activation))
      x = try network.unit(
        x, UnitNames(names.convolution, nil), channels: network.graph.shape(of: x)[1] / 2,
        style: UnitStyle(activation: .identity))
      x = try network.averagePool(x, size: 2, stride: 2)
    }
    let (norm, linear) =
      switch source {
      case .kuangliu: ("bn", "linear")
      case .weiaicunzai: ("features.bn", "linear")
      case .bearpaw: ("bn", "fc")
      case .huyvnphan, .imageNet: ("features.norm5", "classifier")
      }
    x = try network.normalized(x, norm)
    return try network.linear(network.globalAverage(x), linear, outputs: architecture.classCount)
  }

  private func stem(
    _ images: Value, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    guard source == .imageNet || source == .huyvnphan else {
      return try network.unit(
        images, UnitNames("conv1", nil), channels: 2 * growth, kernel: 3,
        style: UnitStyle(activation: .identity))
    }
    let x = try network.unit(
      images, UnitNames("features.conv0", "features.norm0"), channels: 2 * growth,
      kernel: source == .imageNet ? 7 : 3, stride: source == .imageNet ? 2 : 1)
    return try network.maxPool(x, size: 3, stride: 2, padding: 1)
  }

  private func names(block: Int, layer: Int) -> (norms: [String], convolutions: [String]) {
    switch source {
    case .kuangliu, .bearpaw:
      let name = "dense\(block + 1).\(layer)"
      return (["\(name).bn1", "\(name).bn2"], ["\(name).conv1", "\(name).conv2"])
    case .weiaicunzai:
      let part = block == layers.count - 1 ? "dense_block\(block)" : "dense_block_layer_\(block)"
      let name = "features.\(part).bottle_neck_layer_\(layer).bottle_neck"
      return (["\(name).0", "\(name).3"], ["\(name).2", "\(name).5"])
    case .huyvnphan, .imageNet:
      let name = "features.denseblock\(block + 1).denselayer\(layer + 1)"
      return (["\(name).norm1", "\(name).norm2"], ["\(name).conv1", "\(name).conv2"])
    }
  }

  private func transitionNames(_ block: Int) -> (norm: String, convolution: String) {
    switch source {
    case .kuangliu: ("trans\(block + 1).bn", "trans\(block + 1).conv")
    case .bearpaw: ("trans\(block + 1).bn1", "trans\(block + 1).conv1")
    case .weiaicunzai:
      (
        "features.transition_layer_\(block).down_sample.0",
        "features.transition_layer_\(block).down_sample.1"
      )
    case .huyvnphan, .imageNet:
      ("features.transition\(block + 1).norm", "features.transition\(block + 1).conv")
    }
  }
}
