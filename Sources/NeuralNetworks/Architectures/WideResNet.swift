internal import ComputationGraph

/// Wide ResNet of depth 6n+4 (Zagoruyko and Komodakis 2016, arXiv:1605.07146).
///
/// Three stages of n pre-activation blocks, with dropout between the convolutions of a block; named
/// as in xternalz/WideResNet-pytorch.
struct WideResNet: ArchitectureDefinition {
  /// Number of convolutions, those of the shortcuts included, 6n+4.
  let depth: Int
  /// Factor on the channels 16, 32, 64 of the stages.
  let width: Int

  var name: String { "wideresnet-\(depth)-\(width)" }

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard parts.take("wideresnet"), let depth = parts.takeNumber(in: 10...1204), depth % 6 == 4,
      let width = parts.takeNumber(in: 1...256), parts.isEmpty
    else { return nil }
    self.depth = depth
    self.width = width
  }

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var x = try network.convolution(images, "conv1", channels: 16, kernel: 3, padding: 1)
    for stage in 0..<3 {
      for block in 0..<(depth - 4) / 6 {
        x = try Self.block(
          x, "block\(stage + 1).layer.\(block)", channels: (16 * width) << stage,
          stride: stage > 0 && block == 0 ? 2 : 1, in: &network)
      }
    }
    x = try network.relu(network.batchNorm(x, "bn1"))
    return try network.linear(network.globalAverage(x), "fc", outputs: architecture.classCount)
  }

  /// Pre-activation block; where the channels change, the shortcut starts behind the first ReLU.
  private static func block(
    _ x: Value, _ name: String, channels: Int, stride: Int, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    let inputChannels = network.graph.shape(of: x)[1]
    let activated = try network.relu(network.batchNorm(x, "\(name).bn1"))
    var y = try network.relu(
      network.convolution(
        activated, "\(name).conv1", channels: channels, kernel: 3, stride: stride, padding: 1,
        normalization: "\(name).bn2"))
    y = try network.dropout(y)
    y = try network.convolution(y, "\(name).conv2", channels: channels, kernel: 3, padding: 1)
    if inputChannels == channels { return try network.add(x, y) }
    let projected = try network.convolution(
      activated, "\(name).convShortcut", channels: channels, kernel: 1, stride: stride)
    return try network.add(projected, y)
  }
}
