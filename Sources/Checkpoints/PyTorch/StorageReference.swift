import FileFormats

/// A reference from PyTorch's pickle to the bytes of a storage.
///
/// It is the tuple `("storage", class, key, location, element count[, view])`.
struct StorageReference {
  /// The name under which the file keeps the bytes.
  let key: String
  /// Name of the storage's class, like `FloatStorage`.
  let className: String
  /// The element type; `nil` for a storage of raw bytes and for elements that are no plain numbers.
  let type: ScalarType?
  /// Size of an element in bytes; 1 for a storage of raw bytes, whose count is one of bytes.
  let elementSize: Int
  /// The number of elements of the whole storage.
  let count: Int
  /// The first element of the part that is meant, and how many there are.
  let view: Range<Int>

  /// The size of the whole storage in bytes.
  var byteCount: Int { count * elementSize }

  /// Whether it is one of raw bytes.
  var isBytes: Bool { className == "UntypedStorage" }

  init(_ identifier: PickleValue) throws(FileFormatError) {
    guard let fields = identifier.elements, fields.count >= 5, fields[0].text == "storage",
      case .global(let storageClass) = fields[1], let key = fields[2].text,
      let count = fields[4].integer, count >= 0
    else {
      throw FileFormatError(
        .malformed, format: "checkpoint", "refers to a storage in an unknown form")
    }
    let type = PyTorchGlobals.storageTypes[storageClass.name]
    guard
      let size = type?.size ?? PyTorchGlobals.otherStorageSizes[storageClass.name]
    else {
      throw FileFormatError(
        .unsupported, format: "checkpoint",
        "has a storage of class \(quoted(storageClass.description))")
    }
    guard !count.multipliedReportingOverflow(by: size).overflow else {
      throw FileFormatError(
        .malformed, format: "checkpoint", "storage \(quoted(key)) has \(count) elements")
    }
    self.key = key
    self.type = type
    self.count = count
    className = storageClass.name
    elementSize = size
    guard let view = fields.count > 5 ? fields[5].elements : nil else {
      self.view = 0..<count
      return
    }
    // (key, offset, length) of a view, as written before PyTorch 0.4.
    guard view.count == 3, let start = view[1].integer, let length = view[2].integer, start >= 0,
      length >= 0, start <= count, length <= count - start
    else {
      throw FileFormatError(
        .malformed, format: "checkpoint", "has a view outside storage \(quoted(key))")
    }
    self.view = start..<start + length
  }
}
