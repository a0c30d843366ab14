internal import ComputationGraph

/// What networks that read images in patches share.
enum PatchEmbedding {
  /// The root of a square number; nil for others and for what no image could have.
  static func side(ofSquare n: Int) -> Int? {
    guard (1...Architecture.limits.elements).contains(n) else { return nil }
    let root = Int(Double(n).squareRoot().rounded())
    return root * root == n ? root : nil
  }

  /// The side of patches whose rows have so many numbers, for the first number of channels that it fits.
  ///
  /// - Parameters:
  ///   - length: Numbers of a row.
  ///   - channels: Those of the images; nil where they are not known.
  /// - Returns: The side; nil where no square patches have such rows.
  static func side(ofRows length: Int, channels: Int?) -> Int? {
    (channels.map { [$0] } ?? [3, 1]).lazy.compactMap { channels in
      channels > 0 && length.isMultiple(of: channels) ? side(ofSquare: length / channels) : nil
    }.first
  }
}

extension ModelBuilder {
  /// Patches that do not overlap, each as a row of `width` numbers: `[n, patches, width]`.
  ///
  /// Their convolution, with parameters `name.weight [width, c, extent, extent]` and `name.bias`, is a
  /// matrix product.
  mutating func patches(
    _ images: Value, _ name: String, width: Int, extent: Int
  ) throws(ShapeError) -> Value {
    let channels = graph.shape(of: images)[1]
    let filters = parameter("\(name).weight", [width, channels, extent, extent], .weight)
    let bias = parameter("\(name).bias", [width], .bias)
    let size = channels * extent * extent
    return try graph.linear(
      patchRows(images, extent: extent), weight: graph.reshape(filters, to: [width, size]),
      bias: bias)
  }

  /// Patches that do not overlap, each as a row of its numbers: `[n, patches, c extent extent]`.
  ///
  /// Numbers are in the order channel, row, column; with `channelsLast` row, column, channel.
  mutating func patchRows(
    _ images: Value, extent: Int, channelsLast: Bool = false
  ) throws(ShapeError) -> Value {
    let shape = graph.shape(of: images)
    guard shape[2] >= extent, shape[3] >= extent, shape[2] % extent == 0, shape[3] % extent == 0
    else {
      throw ShapeError(
        "patches", "\(shape[2]) x \(shape[3]) pixels do not divide into patches of \(extent)")
    }
    let (n, channels) = (shape[0], shape[1])
    let (rows, columns) = (shape[2] / extent, shape[3] / extent)
    let parts = try graph.reshape(images, to: [n, channels, rows, extent, columns, extent])
    let order = channelsLast ? [0, 2, 4, 3, 5, 1] : [0, 2, 4, 1, 3, 5]
    return try graph.reshape(
      graph.transpose(parts, order), to: [n, rows * columns, channels * extent * extent])
  }

  /// A token before rows `[n, t, d]`, and a table of `t + 1` positions added to all: `[n, t + 1, d]`.
  ///
  /// Token and table may have axes of extent 1 before their own.
  mutating func sequence(
    _ token: Value, _ rows: Value, positions: Value
  ) throws(ShapeError) -> Value {
    let shape = graph.shape(of: rows)
    let width = shape[2]
    let first = try graph.broadcast(
      graph.reshape(token, to: [1, 1, width]), to: [shape[0], 1, width])
    let all = try graph.concatenate([first, rows], axis: 1)
    let table = try graph.reshape(positions, to: [1, shape[1] + 1, width])
    return try add(all, graph.broadcast(table, to: graph.shape(of: all)))
  }

  /// Two linear layers with a GELU between them, back to the width of the rows.
  mutating func perceptron(
    _ x: Value, _ first: String, _ second: String, inner: Int
  ) throws(ShapeError) -> Value {
    let shape = graph.shape(of: x)
    return try linear(
      graph.gelu(linear(x, first, outputs: inner)), second, outputs: shape[shape.rank - 1])
  }
}
