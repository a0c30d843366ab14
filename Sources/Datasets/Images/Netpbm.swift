internal import FileFormats

/// Images without compression: PGM (grey) and PPM (colours) in binary form, of 8 bits a channel.
///
/// Source: the man pages pgm(5) and ppm(5) of Netpbm.
struct Netpbm {
  let width: Int
  let height: Int
  /// 1 or 3.
  let channels: Int
  private let start: Int

  /// Bytes in which a header must end: comments have no limit.
  private static let headerLimit = 4096

  /// Whether a file begins like one.
  static func isNetpbm(_ start: [UInt8]) -> Bool {
    start.count > 2 && start[0] == UInt8(ascii: "P") && (0x35...0x36).contains(start[1])
      && isSpace(start[2])
  }

  /// Reads the header.
  ///
  /// - Throws: `FileFormatError` when it is damaged, or the values are not bytes.
  init(_ source: ByteSource) throws(FileFormatError) {
    let bytes = Array(
      try source.read(0..<min(source.count, Self.headerLimit), format: ImageHeader.label))
    var numbers: [Int] = []
    var place = 2
    while numbers.count < 3 {
      guard place < bytes.count else { throw ImageHeader.malformed("is cut off in its header") }
      if bytes[place] == UInt8(ascii: "#") {
        place = bytes[place...].firstIndex(of: 0x0A) ?? bytes.count
      } else if Self.isSpace(bytes[place]) {
        place += 1
      } else {
        let digits = bytes[place...].prefix { (0x30...0x39).contains($0) }
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
          throw ImageHeader.malformed("has no number at byte \(place) of its header")
        }
        numbers.append(number)
        place += digits.count
      }
    }
    guard numbers[2] == 255 else {
      throw ImageHeader.malformed("has values up to \(numbers[2]), not bytes up to 255")
    }
    (width, height, channels) = (numbers[0], numbers[1], bytes[1] == 0x35 ? 1 : 3)
    start = place + 1
  }

  /// The pixels.
  ///
  /// - Throws: `FileFormatError` when the file is cut off.
  /// - Precondition: No more pixels than `ImageHeader` takes.
  func pixels(_ source: ByteSource) throws(FileFormatError) -> [UInt8] {
    precondition(width <= ImageHeader.pixelLimit / max(height, 1), "\(width) x \(height) pixels")
    let count = width * height * channels
    guard start + count <= source.count else {
      throw ImageHeader.malformed("cannot be decoded: is cut off")
    }
    return Array(try source.read(start..<start + count, format: ImageHeader.label))
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}
