/// Files of a tar archive (POSIX ustar, with GNU's and pax's long names), plain or gzipped.
///
/// The archive is read from its start to its end, and only the wanted files are kept. Source: POSIX.1-2017,
/// pax, "ustar Interchange Format".
package enum TarArchive {
  private static let format = "tar archive"
  private static let blockSize = 512

  /// Whether the first 512 bytes are those of an archive.
  package static func isTar(_ start: [UInt8]) -> Bool {
    guard start.count >= blockSize else { return false }
    return start[257..<262].elementsEqual("ustar".utf8) && isHeader(start[..<blockSize])
  }

  /// Reads files of an archive.
  ///
  /// - Parameters:
  ///   - source: The archive, gzipped or not.
  ///   - limit: Most bytes that are kept, of all files together; ten times as many may be passed over.
  ///   - isWanted: Chooses files by their names in the archive.
  /// - Returns: The files by their names, in the order of the archive.
  /// - Throws: `FileFormatError` when the archive is damaged, cut off, or larger than the limits.
  /// - Complexity: One pass over the archive; memory for the wanted files and two blocks.
  package static func read(
    _ source: ByteSource, limit: Int, where isWanted: (String) -> Bool
  ) throws(FileFormatError) -> [(name: String, bytes: [UInt8])] {
    do throws(FileFormatError) {
      var input = try Input(source, limit: limit)
      return try files(&input, limit: limit, where: isWanted)
    } catch {
      throw error.inFile(source.path)
    }
  }

  private static func files(
    _ input: inout Input, limit: Int, where isWanted: (String) -> Bool
  ) throws(FileFormatError) -> [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = []
    var kept = 0
    var longName: String?
    while let header = try input.take(blockSize, mayEnd: true), header.contains(where: { $0 != 0 })
    {
      guard isHeader(header[...]) else {
        throw FileFormatError(.malformed, format: format, "a header's checksum is wrong")
      }
      let size = try number(header[124..<136])
      let padding = (blockSize - size % blockSize) % blockSize
      let kind = header[156]
      let name = longName ?? Self.name(header)
      switch kind {
      case UInt8(ascii: "L"), UInt8(ascii: "x"):
        guard size <= 1 << 16 else {
          throw FileFormatError(.malformed, format: format, "a name has \(size) bytes")
        }
        let text = try input.take(size) ?? []
        if let found = kind == UInt8(ascii: "L") ? Self.text(text[...]) : paxPath(text) {
          longName = found
        }
      case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
        longName = nil
        if isWanted(name) {
          guard size <= limit - kept else {
            throw FileFormatError(
              .tooLarge, format: format, "its files have more than \(limit) bytes")
          }
          kept += size
          files.append((name, try input.take(size) ?? []))
        } else {
          try input.skip(size)
        }
      default:
        longName = nil
        try input.skip(size)
      }
      try input.skip(padding)
    }
    return files
  }

  /// Whether the sum of a header is right.
  private static func isHeader(_ header: ArraySlice<UInt8>) -> Bool {
    let start = header.startIndex
    guard header.count == blockSize,
      let stated = try? number(header[(start + 148)..<(start + 156)])
    else { return false }
    var sum = 0
    for (place, byte) in header.enumerated() {
      sum += (148..<156).contains(place) ? 0x20 : Int(byte)
    }
    return sum == stated
  }

  /// An octal number, ended by a space or zero.
  private static func number(_ field: ArraySlice<UInt8>) throws(FileFormatError) -> Int {
    let digits = field.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self), radix: 8) else {
      throw FileFormatError(.malformed, format: format, "a header has no octal number")
    }
    return value
  }

  private static func name(_ header: [UInt8]) -> String {
    let prefix = text(header[345..<500])
    let name = text(header[0..<100])
    let hasPrefix = header[257..<263].elementsEqual("ustar\0".utf8) && !prefix.isEmpty
    return hasPrefix ? prefix + "/" + name : name
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The path of a pax header: lines "LENGTH path=NAME".
  private static func paxPath(_ bytes: [UInt8]) -> String? {
    let lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    let key = " path="
    return lines.lazy.compactMap { line in
      line.firstRange(of: key).map { String(line[$0.upperBound...]) }
    }.first
  }
}

extension TarArchive {
  /// The bytes of an archive, in order.
  private struct Input {
    private let source: ByteSource
    private let gzip: GzipStream?
    private var position = 0
    private var waiting: ArraySlice<UInt8> = []
    /// Bytes that may still be expanded.
    private var budget: Int

    init(_ source: ByteSource, limit: Int) throws(FileFormatError) {
      self.source = source
      let start = try source.read(0..<min(source.count, 4), format: TarArchive.format)
      gzip = Deflate.isGzip(Array(start)) ? try GzipStream(source) : nil
      let (product, overflow) = limit.multipliedReportingOverflow(by: 10)
      budget = overflow ? .max : product
    }

    /// The next bytes, `count` of them; nil at the end where it may be.
    mutating func take(_ count: Int, mayEnd: Bool = false) throws(FileFormatError) -> [UInt8]? {
      var bytes: [UInt8] = []
      while bytes.count < count {
        guard try fill() else {
          if mayEnd, bytes.isEmpty { return nil }
          throw FileFormatError(.truncated, format: TarArchive.format, "ends early: it is cut off")
        }
        let part = waiting.prefix(count - bytes.count)
        bytes += part
        waiting = waiting.dropFirst(part.count)
      }
      return bytes
    }

    mutating func skip(_ count: Int) throws(FileFormatError) {
      var left = count
      while left > 0 {
        guard try fill() else {
          throw FileFormatError(.truncated, format: TarArchive.format, "ends early: it is cut off")
        }
        let part = min(left, waiting.count)
        waiting = waiting.dropFirst(part)
        left -= part
      }
    }

    /// Whether there are bytes; reads a block where none are left.
    private mutating func fill() throws(FileFormatError) -> Bool {
      guard waiting.isEmpty else { return true }
      if let gzip {
        waiting = try gzip.next()[...]
      } else {
        let end = min(source.count, position + 1 << 18)
        waiting = try source.read(position..<end, format: TarArchive.format)
        position = end
      }
      guard waiting.count <= budget else {
        throw FileFormatError(
          .tooLarge, format: TarArchive.format, "is larger than any archive that is read")
      }
      budget -= waiting.count
      return !waiting.isEmpty
    }
  }
}
