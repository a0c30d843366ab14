internal import CImageDecoding
internal import FileFormats

/// A decoded image file: bytes, the channels of a pixel together, rows from the top.
///
/// Colours are those of PIL's `convert("RGB")`: palettes become colours, transparency is dropped,
/// 16-bit levels of colours keep their high byte and those of grey are cut at 255, CMYK is taken as
/// Adobe's, inverted, and the orientation of EXIF is ignored, as are gamma and colour profiles. Grey
/// files keep one channel.
struct DecodedImage {
  let width: Int
  let height: Int
  /// 1 or 3.
  let channels: Int
  let pixels: [UInt8]

  init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height * channels, "\(pixels.count) bytes")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// Decodes a file.
  ///
  /// - Throws: `FileFormatError` when it is damaged or cut off.
  init(_ source: ByteSource) throws(FileFormatError) {
    let bytes = try source.read(0..<source.count, format: ImageHeader.label)
    guard let format = ImageHeader.format(of: Array(bytes.prefix(8))) else {
      throw ImageHeader.malformed("is no image that is read")
    }
    if format == .netpbm {
      let image = try Netpbm(source)
      guard image.width > 0, image.height > 0,
        image.width <= ImageHeader.pixelLimit / image.height
      else { throw ImageHeader.malformed("has \(image.width) x \(image.height) pixels") }
      self.init(
        width: image.width, height: image.height, channels: image.channels,
        pixels: try image.pixels(source))
      return
    }
    var image = unsafe decoded_image()
    let isDecoded = unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe format == .jpeg
        ? decode_jpeg(buffer.baseAddress, buffer.count, &image)
        : decode_png(buffer.baseAddress, buffer.count, &image)
    }
    guard isDecoded == 1, let base = unsafe image.pixels else {
      throw ImageHeader.malformed("cannot be decoded: \(unsafe Self.text(image))")
    }
    defer { unsafe free_decoded_image(&image) }
    let (width, height) = unsafe (Int(image.width), Int(image.height))
    let stored = unsafe Int(image.channels)
    let count = width * height * stored
    let raw = unsafe UnsafeBufferPointer(start: base, count: count)
    self.init(
      width: width, height: height, channels: stored == 1 ? 1 : 3,
      pixels: stored == 4 ? unsafe Self.colours(ofCMYK: raw) : unsafe Array(raw))
  }

  private static func text(_ image: decoded_image) -> String {
    unsafe withUnsafeBytes(of: image.message) { raw in
      let letters = unsafe raw.prefix { $0 != 0 }.map { (0x20..<0x7F).contains($0) ? $0 : 0x3F }
      return String(decoding: letters, as: UTF8.self)
    }
  }

  /// Red, green and blue of Adobe's inverted inks, as PIL computes them.
  private static func colours(ofCMYK raw: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    let count = raw.count / 4
    return unsafe [UInt8](unsafeUninitializedCapacity: 3 * count) { colours, filled in
      for pixel in 0..<count {
        let light = unsafe Int(raw[4 &* pixel &+ 3])
        for channel in 0..<3 {
          let product = unsafe (255 &- Int(raw[4 &* pixel &+ channel])) &* light &+ 128
          let ink = ((product >> 8) &+ product) >> 8
          unsafe colours.initializeElement(
            at: 3 &* pixel &+ channel, to: UInt8(clamping: light &- ink))
        }
      }
      filled = 3 * count
    }
  }

  /// The same image with one channel, as PIL's `convert("L")`: (19595 R + 38470 G + 7471 B + 2^15) / 2^16.
  func grey() -> DecodedImage {
    guard channels == 3 else { return self }
    return DecodedImage(
      width: width, height: height, channels: 1,
      pixels: (0..<width * height).map { pixel in
        Self.grey(pixels[3 &* pixel], pixels[3 &* pixel &+ 1], pixels[3 &* pixel &+ 2])
      })
  }

  /// The grey level of a colour.
  static func grey(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    let weighted =
      19_595 &* UInt32(red) &+ 38_470 &* UInt32(green) &+ 7_471 &* UInt32(blue)
    return UInt8(truncatingIfNeeded: (weighted &+ 0x8000) >> 16)
  }
}
