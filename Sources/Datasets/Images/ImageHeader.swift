internal import FileFormats

/// Size and kind of an image file, from its first bytes.
struct ImageHeader: Sendable, Hashable {
  /// The formats that are decoded, told by content as PIL does: names often lie.
  enum Format: Sendable {
    case jpeg, png, netpbm
  }

  let format: Format
  let width: Int
  let height: Int
  /// Whether the file has one channel beside transparency.
  let isGrey: Bool

  /// Pixels of the largest image that is decoded; see `IMAGE_PIXEL_LIMIT`.
  static let pixelLimit = 1 << 26

  /// Reads the header of a file, and whether its end is there.
  ///
  /// - Throws: `FileFormatError` that says what is wrong, when the image cannot be decoded.
  /// - Complexity: A few reads; only a file whose end looks wrong is decoded.
  init(_ source: ByteSource) throws(FileFormatError) {
    let start = try source.read(0..<min(source.count, 33), format: Self.label)
    guard let format = Self.format(of: Array(start)) else {
      throw Self.malformed(
        start.isEmpty
          ? "is empty" : "is neither JPEG, PNG, PGM nor PPM" + Self.otherName(Array(start)))
    }
    switch format {
    case .png: (width, height, isGrey) = try Self.png(start)
    case .jpeg: (width, height, isGrey) = try Self.jpeg(source)
    case .netpbm:
      let image = try Netpbm(source)
      (width, height, isGrey) = (image.width, image.height, image.channels == 1)
    }
    self.format = format
    guard width > 0, height > 0 else { throw Self.malformed("has no pixels") }
    guard width <= Self.pixelLimit / height else {
      throw Self.malformed("has \(width) x \(height) pixels, more than \(Self.pixelLimit)")
    }
    guard try !Self.hasEnd(source, format) else { return }
    _ = try DecodedImage(source)
  }

  /// The format of a file that begins with some bytes.
  static func format(of start: [UInt8]) -> Format? {
    if start.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    if start.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
    return Netpbm.isNetpbm(start) ? .netpbm : nil
  }

  static let label = "image"

  static func malformed(_ detail: String) -> FileFormatError {
    FileFormatError(.malformed, format: label, detail)
  }

  /// The name of a format of images that is not read, in brackets.
  private static func otherName(_ start: [UInt8]) -> String {
    let names: [(signature: [UInt8], name: String)] = [
      (Array("GIF8".utf8), "GIF"), (Array("BM".utf8), "BMP"), (Array("RIFF".utf8), "WebP"),
      (Array("II*\0".utf8), "TIFF"), (Array("MM\0*".utf8), "TIFF"),
      (Array("version http".utf8), "a Git LFS pointer"),
      ([0x00, 0x05, 0x16, 0x07], "a resource fork of macOS"), (Array("<".utf8), "a web page"),
    ]
    return names.first { start.starts(with: $0.signature) }.map { " (\($0.name))" } ?? ""
  }

  /// Whether the last bytes are those of a complete file.
  private static func hasEnd(
    _ source: ByteSource, _ format: Format
  ) throws(FileFormatError) -> Bool {
    let ending: [UInt8] =
      format == .jpeg ? [0xFF, 0xD9] : Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82]
    // Files without compression are read at once.
    guard format != .netpbm, source.count >= ending.count else { return false }
    return try source.read(source.count - ending.count..<source.count, format: label)
      .elementsEqual(ending)
  }

  private static func png(
    _ start: ArraySlice<UInt8>
  ) throws(FileFormatError) -> (width: Int, height: Int, isGrey: Bool) {
    var reader = ByteReader(start, format: label)
    try reader.skip(12)
    guard try reader.bytes(4).elementsEqual("IHDR".utf8) else {
      throw malformed("has no header")
    }
    let width = Int(try reader.integer(UInt32.self, .big))
    let height = Int(try reader.integer(UInt32.self, .big))
    try reader.skip(1)
    let type = try reader.byte()
    return (width, height, type == 0 || type == 4)
  }

  /// Goes from marker to marker up to that of the frame (ITU T.81, B.2.2).
  private static func jpeg(
    _ source: ByteSource
  ) throws(FileFormatError) -> (width: Int, height: Int, isGrey: Bool) {
    var window =
      source.count == 0 ? [] : try source.read(0..<min(source.count, 2048), format: label)
    var origin = 0
    func bytes(_ place: Int, _ count: Int) throws(FileFormatError) -> ArraySlice<UInt8> {
      if place < origin || place + count > origin + window.count {
        guard place + count <= source.count else { throw malformed("is cut off in its header") }
        origin = place
        window = try source.read(place..<min(source.count, place + 2048), format: label)
      }
      let start = window.startIndex + place - origin
      return window[start..<start + count]
    }
    var place = 2
    // No file has as many segments before its frame.
    for _ in 0..<10_000 {
      let marker = Array(try bytes(place, 2))
      guard marker[0] == 0xFF else { throw malformed("has no marker at byte \(place)") }
      switch marker[1] {
      case 0xFF: place += 1
      case 0x01, 0xD0...0xD8: place += 2
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
        let frame = Array(try bytes(place + 4, 6))
        guard frame[0] == 8 else { throw malformed("has \(frame[0]) bits a channel, not 8") }
        guard [0xC0, 0xC1, 0xC2, 0xC9, 0xCA].contains(marker[1]) else {
          throw malformed("is a kind of JPEG that is not read (lossless or hierarchical)")
        }
        guard [1, 3, 4].contains(frame[5]) else {
          throw malformed("has \(frame[5]) channels, not 1, 3 or 4")
        }
        return (
          Int(frame[3]) << 8 | Int(frame[4]), Int(frame[1]) << 8 | Int(frame[2]), frame[5] == 1
        )
      case 0xD9, 0xDA: throw malformed("has no frame before its pixels")
      default:
        let length = Array(try bytes(place + 2, 2))
        place += 2 + max(2, Int(length[0]) << 8 | Int(length[1]))
      }
    }
    throw malformed("has too many segments")
  }
}
