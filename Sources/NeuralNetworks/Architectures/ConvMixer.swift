internal import ComputationGraph

/// ConvMixer: patches, then depthwise convolutions across pixels and 1x1 convolutions across channels in turn.
///
/// Trockman and Kolter 2022, arXiv:2201.09792: a sequence, in whose names of layers are numbers; timm has names.
struct ConvMixer: ArchitectureDefinition {
  static let patterns: [ArchitecturePattern] = [
    (
      "convmixer-wW-dD-kK-pP",
      "ConvMixer of W channels and D blocks with K x K filters on patches of P pixels; behind it -relu for ReLU in place "
        + "of GELU, then -timm for the names of timm"
    )
  ]

  let name: String
  private let width: Int
  private let layers: Int
  private let kernel: Int
  private let patch: Int
  private let isOfTimm: Bool
  private let activation: ActivationFunction

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard parts.take("convmixer"), let width = parts.takeNumber(after: "w", in: 1...65536),
      let layers = parts.takeNumber(after: "d", in: 1...1000),
      let kernel = parts.takeNumber(after: "k", in: 1...255),
      let patch = parts.takeNumber(after: "p", in: 1...1024)
    else { return nil }
    (self.width, self.layers, self.kernel, self.patch) = (width, layers, kernel, patch)
    self.name = name
    activation = parts.take("relu") ? .relu : .gelu
    isOfTimm = parts.take("timm")
    guard parts.isEmpty else { return nil }
  }

  /// Names of networks that have such filters: patches, then a depthwise and a 1x1 convolution in each block.
  static func names(filters: [Shape], isOfTimm: Bool) -> [String] {
    guard filters.count >= 3, filters.count % 2 == 1, filters[0][2] == filters[0][3] else {
      return []
    }
    let (width, kernel) = (filters[0][0], filters[1][2])
    for place in stride(from: 1, to: filters.count, by: 2) {
      guard filters[place] == [width, 1, kernel, kernel],
        filters[place + 1] == [width, width, 1, 1]
      else { return [] }
    }
    let name = "convmixer-w\(width)-d\(filters.count / 2)-k\(kernel)-p\(filters[0][2])"
    return ["", "-relu"].map { name + $0 + (isOfTimm ? "-timm" : "") }
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let stem = isOfTimm ? ["stem.0", "stem.2"] : ["0", "2"]
    var x = try unit(
      images, stem, geometry: ConvolutionGeometry(stride: patch, padding: 0), extent: patch,
      in: &network)
    // With an even extent PyTorch's "same" has one zero more behind than before.
    let (low, high) = ((kernel - 1) / 2, kernel / 2)
    let same = ConvolutionGeometry(
      stride: [1, 1], paddingLow: [low, low], paddingHigh: [high, high], groups: width)
    for layer in 0..<layers {
      let name = isOfTimm ? "blocks.\(layer)" : "\(layer + 3)"
      let mixed = try unit(
        x, ["\(name).0.fn.0", "\(name).0.fn.2"], geometry: same, extent: kernel, in: &network)
      x = try unit(
        network.add(x, mixed), ["\(name).1", "\(name).3"],
        geometry: ConvolutionGeometry(stride: 1, padding: 0), extent: 1, in: &network)
    }
    return try network.linear(
      network.globalAverage(x), isOfTimm ? "head" : "\(layers + 5)",
      outputs: architecture.classCount)
  }

  /// Convolution, activation and batch norm, in this order.
  private func unit(
    _ x: Value, _ names: [String], geometry: ConvolutionGeometry, extent: Int,
    in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let layer = network.convolutionLayer(
      UnitNames(names[0], nil), inputs: network.graph.shape(of: x)[1], channels: width,
      filter: [extent, extent], geometry: geometry, style: UnitStyle(hasBias: true))
    let y = try activation.apply(network.apply(layer, to: x), in: &network.graph)
    return try network.batchNorm(y, names[1])
  }
}
