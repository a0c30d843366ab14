internal import ComputationGraph

/// How a residual block carries its input to its output.
enum Shortcut: Hashable, Sendable {
  /// Identity, subsampled and padded with channels of zeros where shapes change (option A).
  case padded
  /// Identity, or a 1x1 convolution `name.0` with batch norm `name.1` where shapes change.
  case projection(name: String)
  /// None: the network is plain.
  case none
}

extension ModelBuilder {
  /// Two 3x3 convolutions around a shortcut.
  ///
  /// He et al. 2015, arXiv:1512.03385, figure 2.
  mutating func basicBlock(
    _ x: Value, _ name: String, channels: Int, stride: Int, shortcut: Shortcut
  ) throws(ShapeError) -> Value {
    var y = try relu(
      convolution(
        x, "\(name).conv1", channels: channels, kernel: 3, stride: stride, padding: 1,
        normalization: "\(name).bn1"))
    y = try convolution(
      y, "\(name).conv2", channels: channels, kernel: 3, padding: 1,
      normalization: "\(name).bn2")
    return try relu(join(y, x, name, stride: stride, shortcut: shortcut))
  }

  /// 1x1, 3x3 and 1x1 convolutions around a shortcut.
  ///
  /// Four times as many channels leave as are inside. The stride is in the 3x3 convolution, as in torchvision.
  mutating func bottleneckBlock(
    _ x: Value, _ name: String, channels: Int, stride: Int, shortcut: Shortcut
  ) throws(ShapeError) -> Value {
    var y = try relu(
      convolution(
        x, "\(name).conv1", channels: channels, kernel: 1, normalization: "\(name).bn1"))
    y = try relu(
      convolution(
        y, "\(name).conv2", channels: channels, kernel: 3, stride: stride, padding: 1,
        normalization: "\(name).bn2"))
    y = try convolution(
      y, "\(name).conv3", channels: 4 * channels, kernel: 1, normalization: "\(name).bn3")
    return try relu(join(y, x, name, stride: stride, shortcut: shortcut))
  }

  /// Adds the shortcut of a block's input `x` to its result `y`.
  private mutating func join(
    _ y: Value, _ x: Value, _ name: String, stride: Int, shortcut: Shortcut
  ) throws(ShapeError) -> Value {
    let channels = graph.shape(of: y)[1]
    let changesShape = stride != 1 || graph.shape(of: x)[1] != channels
    switch shortcut {
    case .none:
      return y
    case .padded where changesShape:
      return try add(y, subsampleAndPad(x, channels: channels, stride: stride))
    case .projection(let shortcutName) where changesShape:
      let projected = try convolution(
        x, "\(name).\(shortcutName).0", channels: channels, kernel: 1, stride: stride,
        normalization: "\(name).\(shortcutName).1")
      return try add(y, projected)
    case .padded, .projection:
      return try add(y, x)
    }
  }
}
