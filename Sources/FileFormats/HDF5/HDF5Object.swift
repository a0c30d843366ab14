/// An object of an HDF5 file: the messages of its header.
struct HDF5Object: Sendable {
  /// What the elements of an array are.
  enum ElementType: Equatable {
    case number(ScalarType, isBigEndian: Bool)
    /// A text of at most so many bytes.
    case text(length: Int)
    /// A text of any length in a heap.
    case textElsewhere
  }

  /// Kinds of message, as the specification numbers them.
  enum MessageKind: Int {
    case dataspace = 1, linkInfo, datatype
    case link = 6, externalFiles, layout
    case filters = 11
    case continuation = 16, symbolTable
  }

  private struct Message: Sendable {
    let kind: MessageKind
    let isShared: Bool
    let body: ArraySlice<UInt8>
  }

  /// The name, for messages to the user.
  let name: String
  private var messages: [Message] = []

  /// Reads the header of an object.
  ///
  /// - Throws: `FileFormatError` when there is none, or it is damaged.
  init(_ source: ByteSource, at address: Int?, name: String) throws(FileFormatError) {
    self.name = name
    guard let address, address < source.count else {
      throw FileFormatError(.malformed, format: HDF5File.format, "\(quoted(name)) lies nowhere")
    }
    var blocks: [(address: Int, length: Int)] = []
    var reader = HDF5Reader(source, at: address, limit: 64)
    let start = try reader.byte()
    let isNew = start == UInt8(ascii: "O")
    var hasOrder = false
    if isNew {
      reader = HDF5Reader(source, at: address, limit: 64)
      try reader.expect("OHDR")
      try reader.skip(1)
      let flags = try reader.byte()
      hasOrder = flags & 0x04 != 0
      let extra = (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
      try reader.skip(extra)
      let width = 1 << Int(flags & 3)
      let length =
        switch width {
        case 1: Int(try reader.byte())
        case 2: try reader.integer(UInt16.self)
        case 4: try reader.integer(UInt32.self)
        default: try reader.integer(UInt64.self)
        }
      blocks.append((address + 6 + extra + width, length))
    } else {
      guard start == 1 else { throw fault("has no header") }
      try reader.skip(7)
      blocks.append((address + 16, try reader.integer(UInt32.self)))
    }
    var index = 0
    // Parts lie beside each other: those that name each other without end are larger than the file.
    var left = source.count
    while index < blocks.count {
      let block = blocks[index]
      index += 1
      guard block.length > 0, block.length <= left else {
        throw fault("has a header larger than the file")
      }
      left -= block.length
      var part = HDF5Reader(source, at: block.address, limit: block.length)
      try read(&part, isNew: isNew, hasOrder: hasOrder, isFirst: index == 1, to: &blocks)
    }
  }

  /// Reads the messages of one part of the header.
  private mutating func read(
    _ part: inout HDF5Reader, isNew: Bool, hasOrder: Bool, isFirst: Bool,
    to blocks: inout [(address: Int, length: Int)]
  ) throws(FileFormatError) {
    if isNew && !isFirst { try part.expect("OCHK") }
    // In later parts of new headers four bytes of a checksum follow, which are no message.
    let least = isNew ? (isFirst ? 4 : 8) : 8
    while part.remaining >= least {
      let number = isNew ? Int(try part.byte()) : try part.integer(UInt16.self)
      let length = try part.integer(UInt16.self)
      let flags = try part.byte()
      try part.skip(isNew ? (hasOrder ? 2 : 0) : 3)
      let body = try part.bytes(length)
      guard let kind = MessageKind(rawValue: number) else { continue }
      if kind == .continuation {
        var place = HDF5Reader(body)
        if let address = try place.address() {
          blocks.append((address, try place.integer(UInt64.self)))
        }
      } else {
        messages.append(Message(kind: kind, isShared: flags & 2 != 0, body: body))
      }
    }
  }

  /// The messages of a kind.
  func bodies(_ kind: MessageKind) -> [ArraySlice<UInt8>] {
    messages.filter { $0.kind == kind }.map(\.body)
  }

  /// The one message of a kind that an array must have.
  private func body(_ kind: MessageKind) throws(FileFormatError) -> HDF5Reader {
    guard let message = messages.first(where: { $0.kind == kind }) else {
      throw fault("is not an array")
    }
    guard !message.isShared else {
      throw FileFormatError(
        .unsupported, format: HDF5File.format, "\(quoted(name)) has a type that is stored elsewhere"
      )
    }
    return HDF5Reader(message.body)
  }

  // MARK: - Arrays

  /// The extents.
  func shape() throws(FileFormatError) -> [Int] {
    var reader = try body(.dataspace)
    let version = try reader.byte()
    let rank = Int(try reader.byte())
    try reader.skip(1)
    let kind = try reader.byte()
    guard version == 1 || version == 2, rank <= 32, version == 1 || kind != 2 else {
      throw fault("has no extents")
    }
    if version == 1 { try reader.skip(4) }
    var shape: [Int] = []
    for _ in 0..<rank { shape.append(try reader.integer(UInt64.self)) }
    return shape
  }

  /// What the elements are.
  ///
  /// - Throws: `FileFormatError` for types that are not read.
  func type() throws(FileFormatError) -> ElementType {
    var reader = try body(.datatype)
    let kind = try reader.byte() & 0x0F
    let flags = Array(try reader.bytes(3))
    let size = try reader.integer(UInt32.self)
    let isBigEndian = flags[0] & 1 != 0
    switch (kind, size) {
    case (0, 4), (0, 8):
      let layout = Array(try reader.bytes(4))
      guard flags[0] & 8 != 0, layout == [0, 0, UInt8(8 * size), 0] else { break }
      return .number(size == 4 ? .int32 : .int64, isBigEndian: isBigEndian)
    case (1, 4), (1, 8):
      // Offset, precision, places and sizes of exponent and mantissa, bias: those of IEEE 754.
      let layout = Array(try reader.bytes(12))
      let expected: [UInt8] =
        size == 4
        ? [0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0] : [0, 0, 64, 0, 52, 11, 0, 52, 255, 3, 0, 0]
      guard flags[0] & 0x40 == 0, layout == expected else { break }
      return .number(size == 4 ? .float32 : .float64, isBigEndian: isBigEndian)
    case (3, _): return .text(length: size)
    case (9, 16) where flags[0] & 0x0F == 1: return .textElsewhere
    default: break
    }
    throw FileFormatError(
      .unsupported, format: HDF5File.format,
      "\(quoted(name)) holds neither 32- nor 64-bit numbers")
  }

  /// The elements as they lie in the file.
  ///
  /// - Parameters:
  ///   - count: Bytes, at most as many as the file has.
  ///   - source: The file.
  /// - Returns: The bytes.
  /// - Throws: `FileFormatError` when they do not lie in the file, or not as they are.
  func data(_ count: Int, in source: ByteSource) throws(FileFormatError) -> [UInt8] {
    let remedy = "; h5repack -f NONE -l CONTI IN.h5 OUT.h5 makes a file that is read"
    for body in bodies(.filters) where body.dropFirst().first != 0 {
      throw FileFormatError(
        .unsupported, format: HDF5File.format, "\(quoted(name)) is compressed\(remedy)")
    }
    guard bodies(.externalFiles).isEmpty else {
      throw FileFormatError(
        .unsupported, format: HDF5File.format, "\(quoted(name)) lies in another file")
    }
    var reader = try body(.layout)
    let version = try reader.byte()
    let kind = try reader.byte()
    guard version == 3 || version == 4, kind < 2 else {
      throw FileFormatError(
        .unsupported, format: HDF5File.format, "\(quoted(name)) is stored in parts\(remedy)")
    }
    guard kind == 1 else {
      let length = try reader.integer(UInt16.self)
      guard length >= count else { throw fault("is shorter than its extents") }
      return Array(try reader.bytes(count))
    }
    guard let address = try reader.address() else {
      // Nothing was written: h5py and the library read zeros.
      guard count == 0 else { throw fault("was never written") }
      return []
    }
    let length = try reader.integer(UInt64.self)
    guard length >= count, address <= source.count - count else {
      throw fault("is cut off")
    }
    return Array(try source.read(address..<address + count, format: HDF5File.format))
  }

  /// The error of an object.
  func fault(_ text: String) -> FileFormatError {
    FileFormatError(.malformed, format: HDF5File.format, "\(quoted(name)) \(text)")
  }
}
