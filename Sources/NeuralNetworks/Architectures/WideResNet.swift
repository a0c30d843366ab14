internal import ComputationGraph

/// Wide ResNet of depth 6n+4 (Zagoruyko and Komodakis 2016, arXiv:1605.07146).
///
/// Three stages of n pre-activation blocks, with dropout between the convolutions of a block; named
/// as in xternalz/WideResNet-pytorch or weiaicunzai/pytorch-cifar100, where convolutions have biases.
struct WideResNet: ArchitectureDefinition {
  static let patterns: [ArchitecturePattern] = [
    ("wideresnet-D-K[-weiaicunzai]", "Wide ResNet of depth D = 6n+4 and width K")
  ]

  /// Number of convolutions, those of the shortcuts included, 6n+4.
  let depth: Int
  /// Factor on the channels 16, 32, 64 of the stages.
  let width: Int
  private let isWeiaicunzai: Bool

  var name: String { "wideresnet-\(depth)-\(width)" + (isWeiaicunzai ? "-weiaicunzai" : "") }

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard parts.take("wideresnet"), let depth = parts.takeNumber(in: 10...1204), depth % 6 == 4,
      let width = parts.takeNumber(in: 1...256)
    else { return nil }
    self.depth = depth
    self.width = width
    isWeiaicunzai = parts.take("weiaicunzai")
    guard parts.isEmpty else { return nil }
  }

  private var style: UnitStyle { UnitStyle(activation: .identity, hasBias: isWeiaicunzai) }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try network.unit(
      images, UnitNames(isWeiaicunzai ? "init_conv" : "conv1", nil), channels: 16, kernel: 3,
      style: style)
    for stage in 0..<3 {
      for block in 0..<(depth - 4) / 6 {
        x = try self.block(
          x, isWeiaicunzai ? "conv\(stage + 2).\(block)" : "block\(stage + 1).layer.\(block)",
          channels: (16 * width) << stage, stride: stage > 0 && block == 0 ? 2 : 1, in: &network)
      }
    }
    x = try network.normalized(x, isWeiaicunzai ? "bn" : "bn1")
    return try network.linear(
      network.globalAverage(x), isWeiaicunzai ? "linear" : "fc", outputs: architecture.classCount)
  }

  /// Pre-activation block; where the channels change, the shortcut starts behind the first ReLU, in
  /// pytorch-cifar100 before the batch norm.
  private func block(
    _ x: Value, _ name: String, channels: Int, stride: Int, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let names =
      isWeiaicunzai
      ? ["residual.0", "residual.2", "residual.3", "residual.6", "shortcut.0"]
      : ["bn1", "conv1", "bn2", "conv2", "convShortcut"]
    let activated = try network.normalized(x, "\(name).\(names[0])")
    var y = try network.unit(
      activated, UnitNames("\(name).\(names[1])", "\(name).\(names[2])"), channels: channels,
      kernel: 3, stride: stride, style: UnitStyle(hasBias: isWeiaicunzai))
    y = try network.dropout(y)
    y = try network.unit(
      y, UnitNames("\(name).\(names[3])", nil), channels: channels, kernel: 3, style: style)
    if network.graph.shape(of: x)[1] == channels && stride == 1 { return try network.add(x, y) }
    let projected = try network.unit(
      isWeiaicunzai ? x : activated, UnitNames("\(name).\(names[4])", nil), channels: channels,
      stride: stride, style: style)
    return try network.add(projected, y)
  }
}
