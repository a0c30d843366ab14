internal import FileFormats

/// Size and channels of a PNG file.
struct PNGHeader: Equatable {
  /// Pixels in a row.
  let width: Int32
  /// Rows.
  let height: Int32
  /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
  let channels: Int32

  /// Reads the first chunk, which is `IHDR` in every PNG file.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - name: What errors name.
  /// - Throws: `FileFormatError` for bytes that are no PNG file.
  init(_ bytes: [UInt8], name: String) throws(FileFormatError) {
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
    guard bytes.count >= 26, bytes.starts(with: signature + Array("IHDR".utf8)) else {
      throw FileFormatError(.malformed, format: "PNG", "is no PNG file", file: name)
    }
    func number(_ offset: Int) -> UInt32 {
      bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    let kinds: [UInt8: Int32] = [0: 1, 2: 3, 3: 3, 4: 2, 6: 4]
    guard let width = Int32(exactly: number(16)), let height = Int32(exactly: number(20)),
      width > 0, height > 0, let channels = kinds[bytes[25]]
    else {
      throw FileFormatError(.malformed, format: "PNG", "has a damaged header", file: name)
    }
    (self.width, self.height, self.channels) = (width, height, channels)
  }
}
