/// The reader of a zip archive's central directory.
struct ZipDirectory {
  static let format = "zip archive"
  private let source: ByteSource

  init(_ source: ByteSource) {
    self.source = source
  }

  static func malformed(_ detail: String) -> FileFormatError {
    FileFormatError(.malformed, format: format, detail)
  }

  /// Reads and checks all entries.
  func entries() throws(FileFormatError) -> [ZipArchive.Entry] {
    let (count, offset) = try locate()
    guard offset <= source.count else {
      throw FileFormatError(
        .truncated, format: Self.format, "offset \(offset) lies outside its \(source.count) bytes")
    }
    // An entry of the directory takes less than 200 KiB, and most take some 100 bytes.
    let most = count.multipliedReportingOverflow(by: 46 + 3 * 0xFFFF)
    let end =
      most.overflow ? source.count : min(source.count, offset.addingClipped(most.partialValue))
    var reader = ByteReader(
      try source.read(offset..<end, format: Self.format), format: Self.format)
    // An entry of the directory takes at least 46 bytes.
    guard count <= reader.remaining / 46 else {
      throw FileFormatError(
        .truncated, format: Self.format, "the directory announces \(count) entries")
    }
    var entries: [ZipArchive.Entry] = []
    for _ in 0..<count { entries.append(try entry(&reader)) }
    try checkOverlaps(entries)
    return entries
  }

  // MARK: - Finding the directory

  /// Finds the end-of-directory record and returns the number of entries and their offset.
  private func locate() throws(FileFormatError) -> (count: Int, offset: Int) {
    guard let end = try endRecordPosition() else {
      throw FileFormatError(
        .truncated, format: Self.format,
        "has no directory at its end: the file is cut off, copy or download it again")
    }
    var reader = ByteReader(
      try source.read(end..<source.count, format: Self.format), format: Self.format)
    try reader.skip(4)
    let disk = try reader.integer(UInt16.self)
    let directoryDisk = try reader.integer(UInt16.self)
    try reader.skip(2)
    let count = try reader.integer(UInt16.self)
    let size = try reader.integer(UInt32.self)
    let offset = try reader.integer(UInt32.self)
    let isZip64 =
      count == UInt16.max || size == UInt32.max || offset == UInt32.max || disk == UInt16.max
    if isZip64, end >= 20, let record = try zip64Record(locatorAt: end - 20) { return record }
    guard disk == 0, directoryDisk == 0 else {
      throw FileFormatError(
        .unsupported, format: Self.format, "is one part of a multi-volume archive")
    }
    return (Int(count), Int(offset))
  }

  /// The position of the end record, searched backwards over the longest possible comment.
  private func endRecordPosition() throws(FileFormatError) -> Int? {
    let signature: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
    guard source.count >= 22 else { return nil }
    let last = source.count - 22
    let first = max(0, last - 0xFFFF)
    let bytes = try source.read(first..<source.count, format: Self.format)
    for position in stride(from: last, through: first, by: -1) {
      let start = bytes.startIndex + position - first
      if bytes[start] == 0x50, bytes[start..<start + 4].elementsEqual(signature) {
        return position
      }
    }
    return nil
  }

  private func zip64Record(
    locatorAt position: Int
  ) throws(FileFormatError) -> (count: Int, offset: Int)? {
    var reader = ByteReader(
      try source.read(position..<position + 20, format: Self.format), format: Self.format)
    guard try reader.integer(UInt32.self) == 0x0706_4B50 else { return nil }
    try reader.skip(4)
    let record = try reader.length64()
    reader = ByteReader(
      try source.read(record..<record.addingClipped(56), format: Self.format),
      format: Self.format)
    guard try reader.integer(UInt32.self) == 0x0606_4B50 else {
      throw Self.malformed("the zip64 directory record is missing")
    }
    try reader.skip(8 + 2 + 2 + 4 + 4 + 8)
    let count = try reader.length64()
    try reader.skip(8)
    return (count, try reader.length64())
  }

  // MARK: - Entries

  private func entry(_ reader: inout ByteReader) throws(FileFormatError) -> ZipArchive.Entry {
    guard try reader.integer(UInt32.self) == 0x0201_4B50 else {
      throw Self.malformed("the directory is damaged at offset \(reader.position - 4)")
    }
    try reader.skip(4)
    let flags = try reader.integer(UInt16.self)
    let method = try reader.integer(UInt16.self)
    try reader.skip(4)
    let checksum = try reader.integer(UInt32.self)
    let compressedSize = try reader.integer(UInt32.self)
    let size = try reader.integer(UInt32.self)
    let nameLength = Int(try reader.integer(UInt16.self))
    let extraLength = Int(try reader.integer(UInt16.self))
    let commentLength = Int(try reader.integer(UInt16.self))
    try reader.skip(2 + 2 + 4)
    let offset = try reader.integer(UInt32.self)
    let name = String(decoding: try reader.bytes(nameLength), as: UTF8.self)
    let extra = try reader.bytes(extraLength)
    try reader.skip(commentLength)

    guard flags & 1 == 0 else {
      throw FileFormatError(
        .unsupported, format: Self.format, "entry \(quoted(name)) is encrypted")
    }
    guard method == 0 || method == 8 else {
      throw FileFormatError(
        .unsupported, format: Self.format,
        "entry \(quoted(name)) uses compression method \(method); store or deflate it")
    }
    var wide = try Zip64Fields(extra)
    let wideSize = try wide.value(for: size)
    let wideCompressedSize = try wide.value(for: compressedSize)
    let wideOffset = try wide.value(for: offset)
    let dataOffset = try dataOffset(headerAt: wideOffset, name: name)
    guard wideCompressedSize <= source.count - dataOffset else {
      throw FileFormatError(
        .truncated, format: Self.format, "entry \(quoted(name)) reaches past the end")
    }
    let isDeflated = method == 8
    let largest =
      isDeflated ? Deflate.largestExpansion(of: wideCompressedSize) : wideCompressedSize
    guard wideSize <= largest, isDeflated || wideSize == wideCompressedSize else {
      throw Self.malformed(
        "entry \(quoted(name)) announces \(wideSize) bytes out of \(wideCompressedSize)")
    }
    return ZipArchive.Entry(
      name: name, size: wideSize, compressedSize: wideCompressedSize, isDeflated: isDeflated,
      checksum: checksum, dataOffset: dataOffset)
  }

  /// The offset of an entry's data, behind its local header.
  private func dataOffset(headerAt offset: Int, name: String) throws(FileFormatError) -> Int {
    let label = "\(Self.format), entry \(quoted(name))"
    var reader = ByteReader(
      try source.read(offset..<offset.addingClipped(30), format: label), format: label)
    guard try reader.integer(UInt32.self) == 0x0403_4B50 else {
      throw Self.malformed("entry \(quoted(name)) has no header at offset \(offset)")
    }
    try reader.skip(22)
    let nameLength = Int(try reader.integer(UInt16.self))
    let extraLength = Int(try reader.integer(UInt16.self))
    let start = offset + 30 + nameLength + extraLength
    guard start <= source.count else {
      throw FileFormatError(.truncated, format: label, "reaches past the end")
    }
    return start
  }

  /// Refuses overlapping entries, the trick of archives that expand without bound.
  private func checkOverlaps(_ entries: [ZipArchive.Entry]) throws(FileFormatError) {
    let ordered = entries.sorted { $0.dataOffset < $1.dataOffset }
    for (first, second) in zip(ordered, ordered.dropFirst())
    where first.dataOffset + first.compressedSize > second.dataOffset {
      throw Self.malformed(
        "entries \(quoted(first.name)) and \(quoted(second.name)) overlap")
    }
  }
}

extension Int {
  /// The sum, or the largest number where it would be larger.
  fileprivate func addingClipped(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}

/// The 64-bit values that stand in an entry's extra field for those that 32 bits cannot hold.
private struct Zip64Fields {
  private var reader: ByteReader?

  init(_ extra: ArraySlice<UInt8>) throws(FileFormatError) {
    var fields = ByteReader(extra, format: ZipDirectory.format)
    while fields.remaining >= 4 {
      let identifier = try fields.integer(UInt16.self)
      let length = Int(try fields.integer(UInt16.self))
      // Writers pad the extra field freely, so a tail that is no field is not an error.
      guard length <= fields.remaining else { return }
      let body = try fields.bytes(length)
      if identifier == 1 {
        reader = ByteReader(body, format: ZipDirectory.format)
        return
      }
    }
  }

  /// The value itself, or the next 64-bit value where it is the marker for one.
  mutating func value(for narrow: UInt32) throws(FileFormatError) -> Int {
    guard narrow == UInt32.max else { return Int(narrow) }
    guard var fields = reader else { return Int(narrow) }
    let value = try fields.length64()
    reader = fields
    return value
  }
}
