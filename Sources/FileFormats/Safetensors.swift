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
    var reader = ByteReader(bytes, format: Self.format)
    let length = try reader.length64()
    guard length <= Self.maximumHeaderLength else {
      throw FileFormatError(
        .tooLarge, format: Self.format, "announces a header of \(length) bytes")
    }
    let header = try SafetensorsHeader(Data(try reader.bytes(length)))
    metadata = header.metadata
    tensors = []
    let start = reader.position
    var end = 0
    for (name, entry) in header.inFileOrder {
      let label = "\(Self.format), tensor \(quoted(name))"
      guard let type = SafetensorsHeader.type(entry.dtype) else {
        throw FileFormatError(
          .unsupported, format: label, "has elements of type \(quoted(entry.dtype))")
      }
      guard entry.offsets.count == 2, entry.offsets[0] == end,
        entry.offsets[1] >= end
      else {
        throw FileFormatError(
          .malformed, format: label,
          "lies at \(entry.offsets), but the data before it end at \(end)")
      }
      let raw = try reader.bytes(entry.offsets[1] - end)
      end = entry.offsets[1]
      let array = try NumericArray(
        type: type, shape: entry.shape, bytes: Array(raw), format: label)
      tensors.append(Tensor(name: name, array: array))
    }
    guard reader.remaining == 0 else {
      throw FileFormatError(
        .malformed, format: Self.format,
        "has \(reader.remaining) bytes behind its tensors, which end at \(start + end)")
    }
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
