/// NumPy's `.npy` format, versions 1 to 3.
///
/// Source: numpy/lib/format, "NPY format", NumPy Enhancement Proposal 1.
package enum NPY {
  static let format = "NPY array"
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Whether `bytes` begin like an `.npy` file.
  package static func isNPY(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.starts(with: magic)
  }

  /// Reads the `.npy` file at `path`.
  ///
  /// - Throws: `FileFormatError` if it is unreadable, damaged, or of a type not read here.
  package static func read(_ path: String) throws(FileFormatError) -> NumericArray {
    let bytes = try FileBytes.read(path)
    do throws(FileFormatError) {
      return try decode(bytes[...])
    } catch {
      throw error.inFile(path)
    }
  }

  /// Decodes the contents of an `.npy` file.
  ///
  /// - Throws: `FileFormatError` if they are damaged, or of an element type not read here.
  package static func decode(
    _ bytes: ArraySlice<UInt8>, format: String = NPY.format
  ) throws(FileFormatError) -> NumericArray {
    let (header, start) = try self.header(bytes, format: format)
    return try NumericArray(
      raw: bytes[(bytes.startIndex + start)...], type: header.type.type, shape: header.shape,
      isBigEndian: header.type.isBigEndian, isFortranOrder: header.isFortranOrder, format: format)
  }

  /// What stands before the elements, and where they begin.
  ///
  /// - Throws: `FileFormatError` if it is damaged, or the bytes end before it does.
  static func header(
    _ bytes: ArraySlice<UInt8>, format: String
  ) throws(FileFormatError) -> (header: NPYHeader, start: Int) {
    guard isNPY(bytes) else {
      throw FileFormatError(.malformed, format: format, "does not start with NumPy's signature")
    }
    var reader = ByteReader(bytes, format: format)
    try reader.skip(magic.count)
    let version = try reader.byte()
    try reader.skip(1)
    guard (1...3).contains(version) else {
      throw FileFormatError(.unsupported, format: format, "has format version \(version)")
    }
    let length =
      version == 1
      ? Int(try reader.integer(UInt16.self)) : Int(try reader.integer(UInt32.self))
    let text = String(decoding: try reader.bytes(length), as: UTF8.self)
    return (try NPYHeader(text, format: format), reader.position)
  }

  /// The contents of an `.npy` file holding `array`.
  ///
  /// - Precondition: the element type is not bfloat16, which NumPy does not have.
  package static func encode(_ array: NumericArray) -> [UInt8] {
    header(array.type, array.shape) + array.bytes
  }

  /// What stands before the elements in an `.npy` file.
  ///
  /// - Precondition: the element type is not bfloat16, which NumPy does not have.
  static func header(_ type: ScalarType, _ shape: [Int]) -> [UInt8] {
    let extents = shape.map(String.init).joined(separator: ", ")
    let tuple = shape.count == 1 ? "(\(extents),)" : "(\(extents))"
    let descriptor = NumPyType.descriptor(of: type)
    var header = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': \(tuple), }"
    // The data start at a multiple of 64 bytes; 10 bytes precede the header, a line feed ends it.
    let length = (10 + header.utf8.count + 1 + 63) / 64 * 64 - 10
    header += String(repeating: " ", count: length - header.utf8.count - 1) + "\n"
    precondition(length <= UInt16.max, "an array of \(shape.count) axes")
    var bytes = magic + [1, 0]
    bytes.append(littleEndian: UInt16(length))
    bytes += Array(header.utf8)
    return bytes
  }
}

/// An element type with its byte order, as NumPy spells it: `<f4`.
struct NumPyType {
  let type: ScalarType
  let isBigEndian: Bool

  private static let byCode: [String: ScalarType] = [
    "f2": .float16, "f4": .float32, "f8": .float64, "u1": .uint8, "i1": .int8, "u2": .uint16,
    "i2": .int16, "u4": .uint32, "i4": .int32, "u8": .uint64, "i8": .int64, "b1": .bool,
  ]

  init(_ descriptor: String, format: String) throws(FileFormatError) {
    let order = descriptor.first.flatMap { "<>|=".contains($0) ? $0 : nil }
    let code = order == nil ? descriptor : String(descriptor.dropFirst())
    guard let type = Self.byCode[code] else {
      if code.hasPrefix("U") || code.hasPrefix("S") {
        throw FileFormatError(
          .unsupported, format: format,
          "holds text (\(quoted(descriptor))); save numbers in its place, those of classes with "
            + "numpy.unique(names, return_inverse=True)[1]")
      }
      throw FileFormatError(
        .unsupported, format: format,
        "has elements of type \(quoted(descriptor)); convert it to a float or integer type")
    }
    self.type = type
    isBigEndian = order == ">"
  }

  static func descriptor(of type: ScalarType) -> String {
    guard let code = byCode.first(where: { $0.value == type })?.key else {
      preconditionFailure("NumPy has no \(type.rawValue)")
    }
    return (type.size == 1 ? "|" : "<") + code
  }
}
