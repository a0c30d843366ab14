/// The names of a group with the addresses of what they name; links to other files and by names are left
/// out.
struct HDF5Group {
  private(set) var links: [String: Int] = [:]
  /// Bytes that nodes and names may still take: as they lie beside each other, the file's.
  private var left: Int

  /// Reads a group of either form.
  ///
  /// - Throws: `FileFormatError` when the object is no group, or it is damaged.
  init(of object: HDF5Object, in source: ByteSource) throws(FileFormatError) {
    left = source.count
    if let table = object.bodies(.symbolTable).first {
      var reader = HDF5Reader(table)
      guard let tree = try reader.address(), let heap = try reader.address() else {
        throw object.fault("has no names")
      }
      let names = try Self.heap(at: heap, in: source)
      try readTree(at: tree, names: names, in: source)
      return
    }
    let info = object.bodies(.linkInfo)
    guard !info.isEmpty else { throw object.fault("is not a group") }
    for body in info { try Self.checkLinkInfo(body, of: object) }
    for body in object.bodies(.link) { try readLink(body) }
  }

  // MARK: - Symbol tables

  /// The segment of a local heap, where names end with 0.
  private static func heap(
    at address: Int, in source: ByteSource
  ) throws(FileFormatError) -> ArraySlice<UInt8> {
    var reader = HDF5Reader(source, at: address, limit: 32)
    try reader.expect("HEAP")
    try reader.skip(4)
    let size = try reader.integer(UInt64.self)
    try reader.skip(8)
    guard let start = try reader.address(), size <= source.count, start <= source.count - size
    else {
      throw FileFormatError(.malformed, format: HDF5File.format, "names lie outside of the file")
    }
    return try source.read(start..<start + size, format: HDF5File.format)
  }

  /// Reads all nodes below one, each once: a tree whose nodes name each other has an end then.
  private mutating func readTree(
    at root: Int, names: ArraySlice<UInt8>, in source: ByteSource
  ) throws(FileFormatError) {
    var waiting = [root]
    var seen: Set<Int> = [root]
    while let address = waiting.popLast() {
      var head = HDF5Reader(source, at: address, limit: 8)
      if try head.reads("SNOD") {
        try head.skip(2)
        let count = try head.integer(UInt16.self)
        try take(count * 40)
        var reader = HDF5Reader(source, at: address + 8, limit: count * 40)
        try readSymbols(&reader, count: count, names: names)
        continue
      }
      head = HDF5Reader(source, at: address, limit: 8)
      try head.expect("TREE")
      guard try head.byte() == 0 else {
        throw FileFormatError(.malformed, format: HDF5File.format, "a group has a tree of chunks")
      }
      try head.skip(1)
      let count = try head.integer(UInt16.self)
      try take(count * 16)
      var reader = HDF5Reader(source, at: address + 24, limit: count * 16)
      for _ in 0..<count {
        try reader.skip(8)
        if let child = try reader.address(), seen.insert(child).inserted { waiting.append(child) }
      }
    }
  }

  /// Counts bytes of nodes and names.
  ///
  /// - Throws: `FileFormatError` when they are more than the file has.
  private mutating func take(_ count: Int) throws(FileFormatError) {
    guard count <= left else {
      throw FileFormatError(
        .malformed, format: HDF5File.format, "the names of a group are larger than the file")
    }
    left -= count
  }

  private mutating func readSymbols(
    _ reader: inout HDF5Reader, count: Int, names: ArraySlice<UInt8>
  ) throws(FileFormatError) {
    for _ in 0..<count {
      let offset = try reader.integer(UInt64.self)
      let address = try reader.address()
      let cache = try reader.integer(UInt32.self)
      try reader.skip(20)
      guard offset < names.count else {
        throw FileFormatError(
          .malformed, format: HDF5File.format, "a name lies outside of its heap")
      }
      // 2 is a link by a name.
      guard cache != 2, let address else { continue }
      let name = names.dropFirst(offset).prefix { $0 != 0 }
      try take(name.count)
      links[String(decoding: name, as: UTF8.self)] = address
    }
  }

  // MARK: - Links in the header

  /// Checks that the names are in the header.
  private static func checkLinkInfo(
    _ body: ArraySlice<UInt8>, of object: HDF5Object
  ) throws(FileFormatError) {
    var reader = HDF5Reader(body)
    try reader.skip(1)
    try reader.skip(try reader.byte() & 1 != 0 ? 8 : 0)
    guard try reader.address() == nil else {
      throw FileFormatError(
        .unsupported, format: HDF5File.format,
        "\(quoted(object.name)) keeps its names in a form that is not read; h5repack --high=0 IN.h5 "
          + "OUT.h5 makes a file that is read")
    }
  }

  private mutating func readLink(_ body: ArraySlice<UInt8>) throws(FileFormatError) {
    var reader = HDF5Reader(body)
    try reader.skip(1)
    let flags = try reader.byte()
    let kind = flags & 0x08 != 0 ? try reader.byte() : 0
    try reader.skip((flags & 0x04 != 0 ? 8 : 0) + (flags & 0x10 != 0 ? 1 : 0))
    let length =
      switch flags & 3 {
      case 0: Int(try reader.byte())
      case 1: try reader.integer(UInt16.self)
      case 2: try reader.integer(UInt32.self)
      default: try reader.integer(UInt64.self)
      }
    let name = try reader.bytes(length)
    guard kind == 0, let address = try reader.address() else { return }
    links[String(decoding: name, as: UTF8.self)] = address
  }
}

/// A heap of texts of any length.
enum HDF5Heap {
  /// What the 16 bytes of an element lead to: length, address of the heap, number in it.
  static func object(
    _ element: [UInt8], in source: ByteSource
  ) throws(FileFormatError) -> ArraySlice<UInt8> {
    var place = HDF5Reader(element[...])
    let length = try place.integer(UInt32.self)
    let address = try place.address()
    let wanted = try place.integer(UInt32.self)
    guard length > 0 else { return [] }
    guard let address else {
      throw FileFormatError(.malformed, format: HDF5File.format, "a text lies nowhere")
    }
    var head = HDF5Reader(source, at: address, limit: 16)
    try head.expect("GCOL")
    try head.skip(4)
    var reader = HDF5Reader(source, at: address, limit: try head.integer(UInt64.self))
    try reader.skip(16)
    while reader.remaining >= 16 {
      let index = try reader.integer(UInt16.self)
      try reader.skip(6)
      let size = try reader.integer(UInt64.self)
      if index == wanted, length <= size { return try reader.bytes(length) }
      // Number 0 is what is free, to the end.
      guard index != 0 else { break }
      try reader.skip(min(size, reader.remaining))
      try reader.skip(min((8 - size % 8) % 8, reader.remaining))
    }
    throw FileFormatError(.malformed, format: HDF5File.format, "a text is not in its heap")
  }
}
