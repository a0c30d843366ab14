internal import FileFormats

/// Values of all images in the order [N, C, H, W], as compact as the file had them.
package enum PixelStorage: Sendable, Equatable {
  /// Whole numbers; `white` stands for 1, so a pixel's value is `byte / white`.
  case bytes([UInt8], white: UInt8)
  /// Values that are used as they are.
  case floats([Float])

  /// Number of values.
  package var count: Int {
    switch self {
    case .bytes(let values, _): values.count
    case .floats(let values): values.count
    }
  }

  /// The values of the images at `indices`, each of `size` values.
  func gathering(_ indices: some Sequence<Int>, size: Int) -> PixelStorage {
    switch self {
    case .bytes(let values, let white):
      .bytes(Self.gather(values, indices, size), white: white)
    case .floats(let values):
      .floats(Self.gather(values, indices, size))
    }
  }

  private static func gather<Value>(
    _ values: [Value], _ indices: some Sequence<Int>, _ size: Int
  ) -> [Value] {
    var gathered: [Value] = []
    gathered.reserveCapacity(indices.underestimatedCount * size)
    for index in indices { gathered += values[index * size..<(index + 1) * size] }
    return gathered
  }

  /// Element type and the SHA-256 of the little-endian bytes, for `Dataset.digest`.
  var typeAndDigest: (type: String, digest: String) {
    switch self {
    case .bytes(let values, let white): ("uint8/\(white)", SHA256.hexDigest(of: values))
    case .floats(let values):
      ("float32", SHA256.hexDigest(of: unsafe values.withUnsafeBytes { unsafe Array($0) }))
    }
  }
}
