/// A picture as rows of red, green, blue bytes, the top row first.
struct PixelImage: Equatable {
  let width: Int
  let height: Int
  /// `3 * width * height` bytes.
  let bytes: [UInt8]

  /// Red, green and blue of the pixel in the given column and row.
  subscript(column: Int, row: Int) -> [UInt8] {
    let start = 3 * (row * width + column)
    return Array(bytes[start..<(start + 3)])
  }
}
