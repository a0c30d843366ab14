internal import ComputationGraph

/// ResNet-18, -34, -50, -101 and -152, their wide variants and ResNeXt.
///
/// He et al. 2015, arXiv:1512.03385, table 1; Zagoruyko and Komodakis 2016, arXiv:1605.07146;
/// Xie et al. 2016, arXiv:1611.05431.
struct ResNet: ArchitectureDefinition {
  /// Stem and names.
  private enum Source: String, CaseIterable {
    /// 3x3 stem, names as in kuangliu/pytorch-cifar.
    case kuangliu = ""
    /// 3x3 stem, names as in torchvision.
    case cifar
    /// 3x3 stem and max pool, names as in torchvision: huyvnphan/PyTorch_CIFAR10.
    case huyvnphan
    /// 3x3 stem, names as in weiaicunzai/pytorch-cifar100.
    case weiaicunzai
    /// 7x7 stem and max pool, torchvision.
    case imageNet = "imagenet"
  }

  /// What the depth, groups and their width say.
  private struct Plan {
    var blocks: [Int]
    var isBottleneck = true
    var groups = 1
    /// Channels of all groups inside a bottleneck, for one channel of its stage.
    var innerFactor = 1
  }

  private static let plans: [String: Plan] = [
    "resnet18": Plan(blocks: [2, 2, 2, 2], isBottleneck: false),
    "resnet34": Plan(blocks: [3, 4, 6, 3], isBottleneck: false),
    "resnet50": Plan(blocks: [3, 4, 6, 3]), "resnet101": Plan(blocks: [3, 4, 23, 3]),
    "resnet152": Plan(blocks: [3, 8, 36, 3]),
    "resnext50-32x4d": Plan(blocks: [3, 4, 6, 3], groups: 32, innerFactor: 2),
    "resnext101-32x8d": Plan(blocks: [3, 4, 23, 3], groups: 32, innerFactor: 4),
    "resnext101-64x4d": Plan(blocks: [3, 4, 23, 3], groups: 64, innerFactor: 4),
    "wide-resnet50-2": Plan(blocks: [3, 4, 6, 3], innerFactor: 2),
    "wide-resnet101-2": Plan(blocks: [3, 4, 23, 3], innerFactor: 2),
  ]

  static let names = plans.keys.sorted().flatMap { base in
    Source.allCases.compactMap { source in
      ResNet(name: source == .kuangliu ? base : "\(base)-\(source.rawValue)")?.name
    }
  }

  static let takesWidth = true

  private let base: String
  private let plan: Plan
  private let source: Source
  /// Channels of the first stage.
  private let width: Int

  var name: String {
    base + (source == .kuangliu ? "" : "-\(source.rawValue)") + (width == 64 ? "" : "-w\(width)")
  }

  init?(name: String) {
    guard
      let (base, plan) = Self.plans.first(where: { base, _ in
        name == base || name.hasPrefix("\(base)-")
      })
    else { return nil }
    self.base = base
    self.plan = plan
    var parts = ArchitectureName(String(name.dropFirst(base.count)))
    // The name goes on with `-`, so there is an empty part before it.
    _ = parts.take("")
    source = name.hasSuffix("-") ? .kuangliu : parts.take(Source.self) ?? .kuangliu
    width = parts.takeNumber(after: "w", in: 1...4096) ?? 64
    let hasOtherInner = plan.groups > 1 || plan.innerFactor > 1
    guard parts.isEmpty, !hasOtherInner || source == .imageNet || source == .huyvnphan else {
      return nil
    }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let isImageNet = source == .imageNet
    let isSequence = source == .weiaicunzai
    var x = try network.unit(
      images, isSequence ? .sequence("conv1") : UnitNames("conv1", "bn1"), channels: width,
      kernel: isImageNet ? 7 : 3, stride: isImageNet ? 2 : 1)
    if isImageNet || source == .huyvnphan {
      x = try network.maxPool(x, size: 3, stride: 2, padding: 1)
    }
    let hasTorchvisionNames = !isSequence && source != .kuangliu
    let shortcut = Shortcut.projection(name: hasTorchvisionNames ? "downsample" : "shortcut")
    for (stage, count) in plan.blocks.enumerated() {
      let channels = width << stage
      for place in 0..<count {
        let stride = stage > 0 && place == 0 ? 2 : 1
        var block =
          plan.isBottleneck
          ? ResidualBlock.bottleneck(
            inner: channels * plan.innerFactor, channels: 4 * channels, stride: stride,
            groups: plan.groups, shortcut: shortcut)
          : .basic(channels: channels, stride: stride, shortcut: shortcut)
        if isSequence { block.names = .sequence("residual_function") }
        x = try network.residualBlock(
          x, isSequence ? "conv\(stage + 2)_x.\(place)" : "layer\(stage + 1).\(place)", block)
      }
    }
    return try network.linear(
      network.globalAverage(x), source == .kuangliu ? "linear" : "fc",
      outputs: architecture.classCount)
  }
}
