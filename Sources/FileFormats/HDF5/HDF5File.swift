/// An HDF5 file: arrays and texts by their names, those in groups by paths like `xdirection/0`.
///
/// The reader is our own, because the library, in C, follows damaged files out of its memory. It knows what h5py
/// and the library write by default (HDF5 File Format Specification, superblocks 0 to 3): groups of both forms,
/// arrays that lie in the file as they are, numbers of 32 and 64 bits, texts. Chunks, compression, and
/// links and data that lead elsewhere are refused. No array is larger than the file.
package struct HDF5File: Sendable {
  /// What messages call it.
  package static let format = "HDF5 file"
  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  let source: ByteSource
  private let root: HDF5Object

  /// Whether the file at `path` begins as an HDF5 file does.
  package static func isHDF5(_ path: String) -> Bool {
    guard let source = try? ByteSource(file: path), source.count >= signature.count,
      let start = try? source.read(0..<signature.count, format: format)
    else { return false }
    return Array(start) == signature
  }

  /// Opens the file at `path`; an array is read when it is asked for.
  ///
  /// - Throws: `FileFormatError` if it is unreadable, or no HDF5 file that is read.
  package init(path: String) throws(FileFormatError) {
    let source = try ByteSource(file: path)
    do throws(FileFormatError) {
      try self.init(source)
    } catch {
      throw error.inFile(path)
    }
  }

  /// Opens the contents of a file.
  ///
  /// - Throws: `FileFormatError` if it is no HDF5 file that is read.
  package init(_ bytes: [UInt8]) throws(FileFormatError) {
    try self.init(ByteSource(bytes[...], path: "bytes"))
  }

  private init(_ source: ByteSource) throws(FileFormatError) {
    self.source = source
    var reader = HDF5Reader(source, at: 0, limit: 96)
    guard (try? Array(reader.bytes(8))) == Self.signature else {
      throw FileFormatError(.malformed, format: Self.format, "is no HDF5 file")
    }
    let version = try reader.byte()
    switch version {
    case 0, 1:
      try reader.skip(4)
      try Self.checkSizes(try reader.byte(), try reader.byte())
      // Sizes of nodes and flags, then, in version 1, a size of other nodes.
      try reader.skip(version == 0 ? 9 : 13)
      try Self.checkBase(try reader.address())
      // Addresses of free space, of the end and of a driver, and a name without meaning.
      try reader.skip(32)
    case 2, 3:
      try Self.checkSizes(try reader.byte(), try reader.byte())
      try reader.skip(1)
      try Self.checkBase(try reader.address())
      try reader.skip(16)
    default:
      throw FileFormatError(
        .unsupported, format: Self.format, "has a superblock of version \(version)")
    }
    root = try HDF5Object(source, at: try reader.address(), name: "/")
  }

  private static func checkSizes(_ offsets: UInt8, _ lengths: UInt8) throws(FileFormatError) {
    guard offsets == 8, lengths == 8 else {
      throw FileFormatError(
        .unsupported, format: format, "has addresses of \(offsets) and \(lengths) bytes, not 8")
    }
  }

  private static func checkBase(_ address: Int?) throws(FileFormatError) {
    guard address == 0 else {
      throw FileFormatError(.unsupported, format: format, "begins behind other data")
    }
  }

  // MARK: - Names

  /// The names in a group, sorted.
  ///
  /// - Throws: `FileFormatError` when there is no such group, or it is damaged.
  package func names(in group: String = "/") throws(FileFormatError) -> [String] {
    try HDF5Group(of: object(group), in: source).links.keys.sorted()
  }

  /// Whether there is something of this name.
  package func contains(_ name: String) -> Bool { (try? object(name)) != nil }

  private func object(_ name: String) throws(FileFormatError) -> HDF5Object {
    var found = root
    var path = ""
    for part in name.split(separator: "/") {
      let links = try HDF5Group(of: found, in: source).links
      path += (path.isEmpty ? "" : "/") + part
      guard let address = links[String(part)] else {
        let list = links.keys.sorted().prefix(20).map { quoted($0) }.joined(separator: ", ")
        throw FileFormatError(
          .malformed, format: Self.format, "has no \(quoted(name)), but \(list)")
      }
      found = try HDF5Object(source, at: address, name: path)
    }
    return found
  }

  // MARK: - Contents

  /// The extents of the array called `name`.
  ///
  /// - Throws: `FileFormatError` when there is none.
  package func shape(of name: String) throws(FileFormatError) -> [Int] {
    try object(name).shape()
  }

  /// The array called `name`.
  ///
  /// - Throws: `FileFormatError` when there is none, it is of a type that is not read, it does not lie in
  ///   the file as it is, or it is damaged.
  package func array(_ name: String) throws(FileFormatError) -> NumericArray {
    let object = try object(name)
    let shape = try object.shape()
    guard case .number(let type, let isBigEndian) = try object.type() else {
      throw FileFormatError(
        .unsupported, format: Self.format, "\(quoted(name)) holds neither 32- nor 64-bit numbers")
    }
    guard let count = elementCount(shape), count <= source.count / type.size else {
      throw FileFormatError(
        .tooLarge, format: Self.format,
        "\(quoted(name)) of shape \(shape) is larger than the file")
    }
    var bytes = try object.data(count * type.size, in: source)
    if isBigEndian {
      for start in stride(from: 0, to: bytes.count, by: type.size) {
        bytes[start..<start + type.size].reverse()
      }
    }
    return try NumericArray(type: type, shape: shape, bytes: bytes, format: Self.format)
  }

  /// The text called `name`, of any length or of a fixed one.
  ///
  /// - Throws: `FileFormatError` when there is none, or it is not one text in the file itself.
  package func text(_ name: String) throws(FileFormatError) -> String {
    let object = try object(name)
    let type = try object.type()
    guard elementCount(try object.shape()) == 1 else { throw object.fault("is not one text") }
    switch type {
    case .text(let length):
      guard length <= source.count else { throw object.fault("is longer than the file") }
      let bytes = try object.data(length, in: source)
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    case .textElsewhere:
      let place = try object.data(16, in: source)
      return String(decoding: try HDF5Heap.object(place, in: source), as: UTF8.self)
    case .number: throw object.fault("is not a text")
    }
  }
}
