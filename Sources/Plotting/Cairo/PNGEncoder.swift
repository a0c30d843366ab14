internal import CPNG
internal import Foundation

/// Writes PNG files: pixels through libpng, resolution and text chunks beside them.
///
/// libpng's simplified interface reports errors by return value; its full one jumps out of C
/// frames, which Swift does not allow. The simplified one writes no ancillary text, so those chunks
/// are put in afterwards (PNG specification, third edition, 5.3 and 11.3).
enum PNGEncoder {
  private static let signatureLength = 8
  /// Length, type, thirteen bytes of data, checksum.
  private static let headerLength = 25

  static func encode(
    _ picture: PixelImage, dpi: Double, metadata: [String: String]
  ) throws(PlottingError) -> [UInt8] {
    var extra = physicalSize(dpi: dpi)
    for (keyword, text) in metadata.sorted(by: { $0.key < $1.key }) {
      extra += try textChunk(keyword: keyword, text: text)
    }
    let image = try compressed(picture)
    let start = signatureLength + headerLength
    guard image.count > start else {
      throw .library(call: "png_image_write_to_memory", status: "it wrote no picture")
    }
    return Array(image[..<start]) + extra + Array(image[start...])
  }

  private static func compressed(_ picture: PixelImage) throws(PlottingError) -> [UInt8] {
    let (width, height, pixels) = (picture.width, picture.height, picture.bytes)
    precondition(pixels.count == width * height * 3, "three bytes for each pixel")
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(width)
    image.height = png_uint_32(height)
    image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
    defer { png_image_free(&image) }
    // zlib's bound for incompressible data, with room for chunk headers and filter bytes.
    var size = png_alloc_size_t(pixels.count + pixels.count / 8 + height + 65_536)
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let written = bytes.withUnsafeMutableBytes { buffer in
      png_image_write_to_memory(&image, buffer.baseAddress, &size, 0, pixels, 0, nil)
    }
    guard written != 0 else {
      let message = withUnsafeBytes(of: image.message) { raw in
        String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw .library(call: "png_image_write_to_memory", status: message)
    }
    bytes.removeSubrange(Int(size)...)
    return bytes
  }

  // MARK: - Chunks

  private static func physicalSize(dpi: Double) -> [UInt8] {
    let perMeter = UInt32((dpi / 0.0254).rounded())
    return chunk("pHYs", bigEndian(perMeter) + bigEndian(perMeter) + [1])
  }

  /// `tEXt` for Latin-1 text, `iTXt` (UTF-8, not compressed) for any other.
  private static func textChunk(
    keyword: String, text: String
  ) throws(PlottingError) -> [UInt8] {
    let key = Array(keyword.utf8)
    let isPlain = key.allSatisfy { $0 >= 32 && $0 < 127 }
    guard isPlain, (1...79).contains(key.count), key.first != 32, key.last != 32 else {
      throw .invalidFigure(
        "\"\(keyword)\" cannot be a keyword of a picture: use 1 to 79 printable ASCII characters "
          + "without spaces at the ends")
    }
    // A zero byte would end the text.
    let text = text.filter { $0 != "\0" }
    if text.unicodeScalars.allSatisfy({ isLatin($0) }) {
      let latin = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
      return chunk("tEXt", key + [0] + latin)
    }
    return chunk("iTXt", key + [0, 0, 0, 0, 0] + Array(text.utf8))
  }

  private static func isLatin(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\n" || (0x20...0x7e).contains(scalar.value) || (0xa1...0xff).contains(scalar.value)
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return bigEndian(UInt32(data.count)) + body + bigEndian(checksum(body))
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// CRC-32 with the reversed polynomial 0xedb88320 (PNG specification, annex D).
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var value: UInt32 = 0xffff_ffff
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : 0xedb8_8320 ^ (value >> 1) }
    }
    return ~value
  }
}
