/// Extents of one image: channels, rows, columns.
package struct ImageShape: Sendable, Hashable, Encodable, CustomStringConvertible {
  package let channels: Int
  package let height: Int
  package let width: Int

  /// Creates a shape.
  ///
  /// - Precondition: the extents are positive and their product fits `Int`.
  package init(channels: Int, height: Int, width: Int) {
    precondition(channels > 0 && height > 0 && width > 0, "an image without pixels")
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Values in one image: channels times rows times columns.
  package var count: Int { channels * height * width }

  /// Pixels of one channel.
  package var planeCount: Int { height * width }

  /// "3x32x32".
  package var description: String { "\(channels)x\(height)x\(width)" }
}
