/// A zip archive in memory or in a file, read through its central directory.
///
/// Stored and deflated entries, zip64 and data descriptors are read; encrypted and
/// multi-volume archives are refused. Entries must not overlap, so that the total expanded
/// size is bounded by the size of the archive. Source: PKWARE APPNOTE 6.3.10.
package struct ZipArchive {
  /// One file of the archive.
  package struct Entry: Sendable {
    /// The full name, folders included.
    package let name: String
    /// The size after expansion, in bytes.
    package let size: Int
    let compressedSize: Int
    let isDeflated: Bool
    let checksum: UInt32
    let dataOffset: Int
  }

  /// The entries in the order of the central directory.
  package let entries: [Entry]
  private let source: ByteSource
  private let indexByName: [String: Int]

  /// Opens an archive and checks its directory.
  ///
  /// - Throws: `FileFormatError` if the directory is damaged, or refers outside the archive.
  package init(_ bytes: [UInt8]) throws(FileFormatError) {
    try self.init(bytes[...])
  }

  /// Opens an archive and checks its directory.
  ///
  /// - Throws: `FileFormatError` if the directory is damaged, or refers outside the archive.
  package init(_ bytes: ArraySlice<UInt8>) throws(FileFormatError) {
    try self.init(ByteSource(bytes, path: "archive"))
  }

  /// Opens an archive and checks its directory; entries are read when they are asked for.
  ///
  /// - Throws: `FileFormatError` if the directory is damaged, or refers outside the archive.
  package init(_ source: ByteSource) throws(FileFormatError) {
    self.source = source
    entries = try ZipDirectory(source).entries()
    var indexByName: [String: Int] = [:]
    for (index, entry) in entries.enumerated() {
      guard indexByName.updateValue(index, forKey: entry.name) == nil else {
        throw ZipDirectory.malformed("two entries are called \(quoted(entry.name))")
      }
    }
    self.indexByName = indexByName
  }

  /// Whether `bytes` begin like a zip archive with at least one entry.
  package static func isZip(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x50, 0x4B, 0x03, 0x04])
  }

  /// The entry called `name`, if there is one.
  package func entry(named name: String) -> Entry? {
    indexByName[name].map { entries[$0] }
  }

  /// The expanded contents of the entry called `name`.
  ///
  /// - Throws: `FileFormatError` if there is none or it is damaged.
  package func contents(named name: String) throws(FileFormatError) -> ArraySlice<UInt8> {
    guard let entry = entry(named: name) else {
      throw ZipDirectory.malformed("has no entry \(quoted(name))")
    }
    return try contents(of: entry)
  }

  /// The expanded contents of `entry`, checked against its CRC-32; stored ones in memory are not
  /// copied.
  ///
  /// - Throws: `FileFormatError` if the entry is damaged.
  package func contents(of entry: Entry) throws(FileFormatError) -> ArraySlice<UInt8> {
    let label = "\(ZipDirectory.format), entry \(quoted(entry.name))"
    let data = try source.read(range(of: entry), format: label)
    let contents =
      entry.isDeflated ? try Deflate.inflate(data, size: entry.size, format: label)[...] : data
    guard Deflate.checksum(contents) == entry.checksum else {
      throw FileFormatError(
        .malformed, format: label, "the checksum is wrong: the file is damaged, copy it again")
    }
    return contents
  }
  /// The bytes of `entry` as a source of their own, like an archive inside this one.
  ///
  /// Those of a stored entry stay where they are, and their CRC-32 is not compared.
  ///
  /// - Throws: `FileFormatError` if a deflated entry is damaged.
  package func source(of entry: Entry) throws(FileFormatError) -> ByteSource {
    guard !entry.isDeflated else {
      return ByteSource(try contents(of: entry), path: source.path)
    }
    return try source.part(range(of: entry), format: ZipDirectory.format)
  }

  private func range(of entry: Entry) -> Range<Int> {
    entry.dataOffset..<entry.dataOffset + entry.compressedSize
  }
}
