/// Builds a zip archive in memory.
///
/// The same entries give the same bytes: dates are fixed at 1980-01-01.
package struct ZipWriter {
  private var body: [UInt8] = []
  private var directory: [UInt8] = []
  private var count: UInt16 = 0
  private var names: Set<String> = []

  /// Creates an archive without entries.
  package init() {}

  /// Adds an entry, deflated if `isCompressed`.
  ///
  /// - Throws: `FileFormatError` past the limits of plain zip (4 GiB, 65,534 entries).
  /// - Precondition: `name` is new to the archive.
  package mutating func add(
    _ name: String, _ contents: [UInt8], isCompressed: Bool = false
  ) throws(FileFormatError) {
    precondition(names.insert(name).inserted, "the archive has an entry \(name) already")
    let nameBytes = Array(name.utf8)
    let data = isCompressed ? Deflate.compress(contents) : contents
    let limit = Int(UInt32.max) - 1
    guard let nameLength = UInt16(exactly: nameBytes.count), count < UInt16.max - 1,
      contents.count <= limit, body.count + data.count + nameBytes.count + 30 <= limit
    else {
      throw FileFormatError(
        .tooLarge, format: ZipDirectory.format,
        "entry \(quoted(name)) would take the archive past 4 GiB: write fewer arrays per file")
    }
    var fields: [UInt8] = []
    fields.append(littleEndian: UInt16(20))  // version needed: deflate
    fields.append(littleEndian: UInt16(0x0800))  // names are UTF-8
    fields.append(littleEndian: UInt16(isCompressed ? 8 : 0))
    fields.append(littleEndian: UInt16(0))  // midnight
    fields.append(littleEndian: UInt16(0x0021))  // 1980-01-01
    fields.append(littleEndian: Deflate.checksum(contents[...]))
    fields.append(littleEndian: UInt32(data.count))
    fields.append(littleEndian: UInt32(contents.count))
    fields.append(littleEndian: nameLength)
    fields.append(littleEndian: UInt16(0))  // no extra field

    directory.append(littleEndian: UInt32(0x0201_4B50))
    directory.append(littleEndian: UInt16(20))
    directory += fields
    directory += [UInt8](repeating: 0, count: 10)  // comment, disk, attributes
    directory.append(littleEndian: UInt32(body.count))
    directory += nameBytes

    body.append(littleEndian: UInt32(0x0403_4B50))
    body += fields
    body += nameBytes
    body += data
    count += 1
  }

  /// The finished archive.
  ///
  /// - Throws: `FileFormatError` past 4 GiB.
  package func finished() throws(FileFormatError) -> [UInt8] {
    guard body.count + directory.count < Int(UInt32.max) else {
      throw FileFormatError(
        .tooLarge, format: ZipDirectory.format, "past 4 GiB: write fewer arrays per file")
    }
    var archive = body
    archive += directory
    archive.append(littleEndian: UInt32(0x0605_4B50))
    archive.append(littleEndian: UInt32(0))
    archive.append(littleEndian: count)
    archive.append(littleEndian: count)
    archive.append(littleEndian: UInt32(directory.count))
    archive.append(littleEndian: UInt32(body.count))
    archive.append(littleEndian: UInt16(0))
    return archive
  }
}
