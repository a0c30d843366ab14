import FileFormats

/// The format of `torch.save` before PyTorch 1.6.
///
/// Four pickles follow each other: a magic number, the protocol version, the byte order of the
/// writer, and the object, whose storages are references. Then come a pickled list of keys and,
/// for each, the element count and the elements. Source: torch/serialization.py, `_legacy_save`.
enum PyTorchLegacy {
  private static let format = "checkpoint"
  /// 0x1950a86a20f9469cfc6c as a pickle writes it.
  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
  private static let version = 1001

  /// Whether the file starts with the pickled magic number.
  static func isLegacy(_ bytes: [UInt8]) -> Bool {
    // PROTO, the version, LONG1, its length.
    guard bytes.count > 14, bytes[0] == 0x80 else { return false }
    return bytes[2] == 0x8A && bytes[3] == 10 && bytes[4..<14].elementsEqual(magic)
  }

  /// The object of a file, and the sources of its classes by their names, which files of whole modules
  /// hold.
  static func root(
    _ bytes: [UInt8]
  ) throws(FileFormatError) -> (value: CheckpointValue, sources: [String: String]) {
    let file = try parsed(bytes[...])
    let builder = CheckpointValueBuilder(fileSize: bytes.count) {
      (reference) throws(FileFormatError) in
      try file.bytes(of: reference)
    }
    return (try builder.value(file.root), file.sources)
  }

  /// The storage that is the object of a file.
  static func storage(
    _ bytes: ArraySlice<UInt8>
  ) throws(FileFormatError) -> (reference: StorageReference, bytes: ArraySlice<UInt8>) {
    guard bytes.starts(with: [0x80]) else {
      throw FileFormatError(.malformed, format: format, "holds a storage in an unknown form")
    }
    let file = try parsed(bytes)
    guard case .persistent(let identifier) = file.root else {
      throw FileFormatError(.malformed, format: format, "holds \(file.root.kind) for a storage")
    }
    let reference = try StorageReference(identifier)
    return (reference, try file.bytes(of: reference))
  }

  /// A file taken apart.
  private struct Parsed {
    let root: PickleValue
    let storages: [String: ArraySlice<UInt8>]
    let sources: [String: String]

    func bytes(of reference: StorageReference) throws(FileFormatError) -> ArraySlice<UInt8> {
      guard let storage = storages[reference.key] else {
        throw FileFormatError(
          .malformed, format: format, "has no storage \(quoted(reference.key))")
      }
      guard storage.count == reference.byteCount else {
        throw FileFormatError(
          .malformed, format: format,
          "storage \(quoted(reference.key)) has \(storage.count) bytes, "
            + "not \(reference.byteCount)")
      }
      return storage
    }
  }

  private static func parsed(_ bytes: ArraySlice<UInt8>) throws(FileFormatError) -> Parsed {
    var reader = ByteReader(bytes, format: format)
    _ = try Pickle.parse(&reader, globals: .plain)
    guard try Pickle.parse(&reader, globals: .plain).integer == version else {
      throw FileFormatError(
        .unsupported, format: format, "has another protocol version than \(version)")
    }
    let system = try Pickle.parse(&reader, globals: .plain)
    if case .boolean(false)? = system["little_endian"] {
      throw FileFormatError(
        .unsupported, format: format, "was written by a big-endian machine; save it on another")
    }
    let root = try Pickle.parse(&reader, globals: PyTorchGlobals.policy)
    let keys = try Pickle.parse(&reader, globals: .plain)
    let (sizes, sources) = try references(in: root)
    return Parsed(
      root: root, storages: try storages(keys, sizes: sizes, reader: &reader), sources: sources)
  }

  private static func storages(
    _ keys: PickleValue, sizes: [String: Int], reader: inout ByteReader
  ) throws(FileFormatError) -> [String: ArraySlice<UInt8>] {
    guard let names = keys.elements else {
      throw FileFormatError(.malformed, format: format, "has no list of storages")
    }
    var storages: [String: ArraySlice<UInt8>] = [:]
    for name in names {
      guard let key = name.text, let size = sizes[key] else {
        throw FileFormatError(
          .malformed, format: format, "has a storage that no tensor refers to")
      }
      let count = try reader.length64()
      let (byteCount, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow else {
        throw FileFormatError(
          .malformed, format: format, "storage \(quoted(key)) has \(count) elements")
      }
      storages[key] = try reader.bytes(byteCount)
    }
    return storages
  }

  /// The element size of every storage that the object refers to, however deep, and the source of
  /// every class.
  ///
  /// The list of storages does not repeat their types, so all references have to be found.
  private static func references(
    in root: PickleValue
  ) throws(FileFormatError) -> (sizes: [String: Int], sources: [String: String]) {
    var sizes: [String: Int] = [:]
    var sources: [String: String] = [:]
    var pending = [root]
    var visited = 0
    while let value = pending.popLast() {
      visited += 1
      // Shared values are met once for each place; the limit bounds hostile sharing.
      guard visited < 1 << 22 else {
        throw FileFormatError(.tooLarge, format: format, "holds too many values")
      }
      switch value {
      case .list(let values), .tuple(let values), .set(let values): pending += values
      case .dictionary(let pairs):
        for pair in pairs { pending.append(pair.value) }
      case .object(let object):
        pending += object.arguments + object.items
        for pair in object.pairs { pending.append(pair.value) }
        if let state = object.state { pending.append(state) }
        if let reference = object.reference { pending.append(.persistent(reference)) }
      case .persistent(let identifier):
        if let module = ModuleReference(identifier) {
          sources[module.className] = module.source
        } else {
          let reference = try StorageReference(identifier)
          sizes[reference.key] = reference.elementSize
        }
      default: break
      }
    }
    return (sizes, sources)
  }
}
