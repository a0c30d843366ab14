import Foundation

/// The safetensors format: a JSON header, then the tensors' bytes.
///
/// Source: https://github.com/huggingface/safetensors#format.
package struct Safetensors: Sendable {
  static let format = "safetensors file"
  /// The format's own limit on the header.
  static let maximumHeaderLength = 100_000_000

  /// A tensor with its name.
  package struct Tensor: Equatable, Sendable {
    package let name: String
    package let array: NumericArray

    package init(name: String, array: NumericArray) {
      self.name = name
      self.array = array
    }
  }

  /// The tensors in the order of their data in the file.
  package var tensors: [Tensor]
  /// The free text entries of `__metadata__`.
  package var metadata: [String: String]

  /// Creates the contents of a file.
  package init(tensors: [Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Whether `bytes` begin like a safetensors file: a plausible length, then a JSON object.
  package static func isSafetensors(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 10, bytes[8] == UInt8(ascii: "{") else { return false }
    let length = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return length <= maximumHeaderLength
  }

  // MARK: - Reading

  /// Decodes a file.
  ///
  /// - Throws: `FileFormatError` if the header is damaged, or if the tensors' ranges overlap, leave
  ///   gaps, or do not fit their shapes.
  package init(_ bytes: [UInt8]) throws(FileFormatError) {
    let (stored, metadata) = try Self.read(ByteSource(bytes[...], path: Self.format))
    tensors = []
    self.metadata = metadata
    for (name, array) in stored {
      let bytes = Array(try array.source.read(0..<array.source.count, format: Self.format))
      tensors.append(
        Tensor(
          name: name,
          array: try NumericArray(
            type: array.type, shape: array.shape, bytes: bytes, format: Self.format)))
    }
  }

  /// The tensors of the file at `path` in the order of their data, which stay in it.
  ///
  /// - Throws: `FileFormatError` as `init`, or if the file cannot be read.
  package static func arrays(
    path: String
  ) throws(FileFormatError) -> [(name: String, array: StoredArray)] {
    do throws(FileFormatError) {
      return try read(ByteSource(file: path)).tensors
    } catch {
      throw error.inFile(path)
    }
  }

  private static func read(
    _ source: ByteSource
  ) throws(FileFormatError) -> (
    tensors: [(name: String, array: StoredArray)], metadata: [String: String]
  ) {
    var reader = ByteReader(try source.read(0..<8, format: format), format: format)
    let length = try reader.length64()
    guard length <= maximumHeaderLength else {
      throw FileFormatError(.tooLarge, format: format, "announces a header of \(length) bytes")
    }
    let start = 8 + length
    let header = try SafetensorsHeader(Data(try source.read(8..<start, format: format)))
    var tensors: [(name: String, array: StoredArray)] = []
    var end = 0
    for (name, entry) in header.inFileOrder {
      let label = "\(format), tensor \(quoted(name))"
      guard let type = SafetensorsHeader.type(entry.dtype) else {
        throw FileFormatError(
          .unsupported, format: label, "has elements of type \(quoted(entry.dtype))")
      }
      guard entry.offsets.count == 2, entry.offsets[0] == end, entry.offsets[1] >= end else {
        throw FileFormatError(
          .malformed, format: label,
          "lies at \(entry.offsets), but the data before it end at \(end)")
      }
      guard entry.offsets[1] <= source.count - start else {
        throw FileFormatError(
          .truncated, format: label,
          "ends at \(entry.offsets[1]), but there are \(source.count - start) bytes of data")
      }
      let count = entry.offsets[1] - end
      let size = elementCount(entry.shape)?.multipliedReportingOverflow(by: type.size)
      guard let size, !size.overflow, size.partialValue == count else {
        throw FileFormatError(
          .malformed, format: label,
          "shape \(entry.shape) of \(type.rawValue) does not fit \(count) bytes")
      }
      tensors.append(
        (
          name,
          StoredArray(
            type: type, shape: entry.shape,
            source: try source.part(start + end..<start + end + count, format: label))
        ))
      end += count
    }
    guard source.count - start == end else {
      throw FileFormatError(
        .malformed, format: format,
        "has \(source.count - start - end) bytes behind its tensors, which end at \(start + end)")
    }
    return (tensors, header.metadata)
  }

  // MARK: - Writing

  /// The contents of a file; equal tensors and metadata give equal bytes.
  ///
  /// Wider element types come first, otherwise the order is kept: every tensor is then aligned
  /// to its element size, as other readers expect.
  ///
  /// - Throws: `FileFormatError` if two tensors have the same name.
  package func encoded() throws(FileFormatError) -> [UInt8] {
    let ordered = tensors.enumerated().sorted {
      ($1.element.array.type.size, $0.offset) < ($0.element.array.type.size, $1.offset)
    }.map(\.element)
    var names: Set<String> = ["__metadata__"]
    var entries: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }
        .map { "\(Self.json($0.key)):\(Self.json($0.value))" }
      entries.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    var end = 0
    for tensor in ordered {
      guard names.insert(tensor.name).inserted else {
        throw FileFormatError(
          .malformed, format: Self.format, "cannot hold two entries \(quoted(tensor.name))")
      }
      let code = SafetensorsHeader.code(tensor.array.type)
      let shape = tensor.array.shape.map(String.init).joined(separator: ",")
      let range = "[\(end),\(end + tensor.array.bytes.count)]"
      entries.append(
        "\(Self.json(tensor.name)):"
          + "{\"dtype\":\"\(code)\",\"shape\":[\(shape)],\"data_offsets\":\(range)}")
      end += tensor.array.bytes.count
    }
    var header = Array("{\(entries.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + end)
    bytes.append(littleEndian: UInt64(header.count))
    bytes += header
    for tensor in ordered { bytes += tensor.array.bytes }
    return bytes
  }

  /// A JSON string literal.
  private static func json(_ text: String) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": literal += "\\\""
      case "\\": literal += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: literal.unicodeScalars.append(scalar)
      }
    }
    return literal + "\""
  }
}
