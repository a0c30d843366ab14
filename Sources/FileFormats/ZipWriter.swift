/// Writes a zip archive entry by entry to a file or to memory.
///
/// The same entries give the same bytes: dates are fixed at 1980-01-01. Where sizes, offsets or the
/// number of entries pass what plain zip can say, its 64-bit extension is used (PKWARE APPNOTE
/// 6.3.10, 4.3.14 and 4.5.3); below that the archive is plain.
package struct ZipWriter<Sink: ByteSink> {
  /// From here on a number is written with 64 bits; lower in tests alone.
  private let limit: Int
  private let entryLimit: Int
  /// What was written so far, with the whole archive once it is finished.
  package private(set) var sink: Sink
  private var directory: [UInt8] = []
  private var count = 0
  private var names: Set<String> = []

  /// Starts an archive without entries.
  ///
  /// - Parameters:
  ///   - sink: Where it goes; must be empty.
  ///   - limit: Smallest size or offset that is written with 64 bits.
  ///   - entryLimit: Smallest number of entries that is written with 64 bits.
  package init(_ sink: Sink, limit: Int = Int(UInt32.max), entryLimit: Int = Int(UInt16.max)) {
    precondition(sink.count == 0, "an archive starts at the start")
    precondition(limit <= Int(UInt32.max) && entryLimit <= Int(UInt16.max), "limits of the fields")
    self.sink = sink
    self.limit = limit
    self.entryLimit = entryLimit
  }

  /// Adds an entry, deflated if `isCompressed`.
  ///
  /// - Throws: `FileFormatError` if it cannot be written.
  /// - Precondition: `name` is new to the archive.
  package mutating func add(
    _ name: String, _ contents: [UInt8], isCompressed: Bool = false
  ) throws(FileFormatError) {
    guard isCompressed else { return try add(name, size: contents.count, chunks: [contents]) }
    let data = Deflate.compress(contents)
    var entry = entry(name, size: contents.count, storedSize: data.count, isDeflated: true)
    entry.checksum = Deflate.checksum(contents[...])
    try sink.append(entry.localHeader)
    try sink.append(data)
    finish(entry)
  }

  /// Adds a stored entry whose contents come in parts, of which only one need be in memory.
  ///
  /// - Throws: `FileFormatError` if it cannot be written.
  /// - Precondition: `name` is new to the archive, and the parts have `size` bytes together.
  package mutating func add(
    _ name: String, size: Int, chunks: some Sequence<[UInt8]>
  ) throws(FileFormatError) {
    var entry = entry(name, size: size, storedSize: size, isDeflated: false)
    // The checksum is known at the end, and then written into the header.
    try sink.append(entry.localHeader)
    let start = sink.count
    for chunk in chunks {
      entry.checksum = Deflate.checksum(chunk[...], continuing: entry.checksum)
      try sink.append(chunk)
    }
    precondition(sink.count - start == size, "\(sink.count - start) bytes, not \(size), of \(name)")
    try sink.replace(at: entry.offset, with: entry.localHeader)
    finish(entry)
  }

  private mutating func entry(
    _ name: String, size: Int, storedSize: Int, isDeflated: Bool
  ) -> ZipEntryRecord {
    precondition(names.insert(name).inserted, "the archive has an entry \(name) already")
    return ZipEntryRecord(
      name: name, size: size, storedSize: storedSize, isDeflated: isDeflated, offset: sink.count,
      limit: limit)
  }

  private mutating func finish(_ entry: ZipEntryRecord) {
    directory += entry.directoryRecord
    count += 1
  }

  /// Writes the directory, after which nothing can be added.
  ///
  /// - Throws: `FileFormatError` if it cannot be written.
  package mutating func finish() throws(FileFormatError) {
    let offset = sink.count
    let size = directory.count
    try sink.append(directory)
    let isWide = offset >= limit || size >= limit || count >= entryLimit
    if isWide { try sink.append(wideEnd(offset: offset, size: size)) }
    var end: [UInt8] = []
    end.append(littleEndian: UInt32(0x0605_4B50))
    end.append(littleEndian: UInt32(0))
    for _ in 0..<2 { end.append(littleEndian: isWide ? UInt16.max : UInt16(count)) }
    end.append(littleEndian: isWide ? UInt32.max : UInt32(size))
    end.append(littleEndian: isWide ? UInt32.max : UInt32(offset))
    end.append(littleEndian: UInt16(0))
    try sink.append(end)
  }

  /// The zip64 end of the directory and the record that says where it is.
  private func wideEnd(offset: Int, size: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt32(0x0606_4B50))
    bytes.append(littleEndian: UInt64(44))  // of what follows
    for _ in 0..<2 { bytes.append(littleEndian: UInt16(45)) }  // versions
    for _ in 0..<2 { bytes.append(littleEndian: UInt32(0)) }  // disks
    for _ in 0..<2 { bytes.append(littleEndian: UInt64(count)) }
    bytes.append(littleEndian: UInt64(size))
    bytes.append(littleEndian: UInt64(offset))
    bytes.append(littleEndian: UInt32(0x0706_4B50))
    bytes.append(littleEndian: UInt32(0))
    bytes.append(littleEndian: UInt64(offset + size))
    bytes.append(littleEndian: UInt32(1))  // disks
    return bytes
  }
}

extension ZipWriter<MemorySink> {
  /// Starts an archive in memory.
  package init() { self.init(MemorySink()) }

  /// Ends the archive and gives its bytes.
  ///
  /// - Throws: Nothing that memory could cause.
  package mutating func finished() throws(FileFormatError) -> [UInt8] {
    try finish()
    return sink.bytes
  }
}

/// What the two headers of an entry say.
private struct ZipEntryRecord {
  let name: [UInt8]
  let size: Int
  let storedSize: Int
  let isDeflated: Bool
  let offset: Int
  let limit: Int
  var checksum: UInt32 = 0

  init(name: String, size: Int, storedSize: Int, isDeflated: Bool, offset: Int, limit: Int) {
    self.name = Array(name.utf8)
    precondition(self.name.count < Int(UInt16.max), "a name of \(self.name.count) bytes")
    self.size = size
    self.storedSize = storedSize
    self.isDeflated = isDeflated
    self.offset = offset
    self.limit = limit
  }

  /// Both sizes are written with 64 bits when one has to be, as the local header demands.
  private var hasWideSizes: Bool { max(size, storedSize) >= limit }

  var localHeader: [UInt8] {
    let extra = extra(hasWideSizes ? [size, storedSize] : [])
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt32(0x0403_4B50))
    bytes += common(isWide: hasWideSizes, extra: extra.count)
    return bytes + name + extra
  }

  var directoryRecord: [UInt8] {
    let hasWideOffset = offset >= limit
    let extra = extra(
      (hasWideSizes ? [size, storedSize] : []) + (hasWideOffset ? [offset] : []))
    let isWide = hasWideSizes || hasWideOffset
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt32(0x0201_4B50))
    bytes.append(littleEndian: UInt16(isWide ? 45 : 20))  // version that wrote it
    bytes += common(isWide: isWide, extra: extra.count)
    bytes += [UInt8](repeating: 0, count: 10)  // comment, disk, attributes
    bytes.append(littleEndian: hasWideOffset ? UInt32.max : UInt32(offset))
    return bytes + name + extra
  }

  /// The fields that both headers share.
  private func common(isWide: Bool, extra: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt16(isWide ? 45 : 20))  // version needed: zip64, deflate
    bytes.append(littleEndian: UInt16(0x0800))  // names are UTF-8
    bytes.append(littleEndian: UInt16(isDeflated ? 8 : 0))
    bytes.append(littleEndian: UInt16(0))  // midnight
    bytes.append(littleEndian: UInt16(0x0021))  // 1980-01-01
    bytes.append(littleEndian: checksum)
    bytes.append(littleEndian: hasWideSizes ? UInt32.max : UInt32(storedSize))
    bytes.append(littleEndian: hasWideSizes ? UInt32.max : UInt32(size))
    bytes.append(littleEndian: UInt16(name.count))
    bytes.append(littleEndian: UInt16(extra))
    return bytes
  }

  /// The extra field with 64-bit numbers; none without any.
  private func extra(_ values: [Int]) -> [UInt8] {
    guard !values.isEmpty else { return [] }
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt16(1))
    bytes.append(littleEndian: UInt16(8 * values.count))
    for value in values { bytes.append(littleEndian: UInt64(value)) }
    return bytes
  }
}
