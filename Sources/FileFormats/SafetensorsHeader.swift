import Foundation

/// The JSON header of a safetensors file.
struct SafetensorsHeader: Decodable {
  /// What the header says about one tensor.
  struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    /// The first byte and the one behind the last, counted from the end of the header.
    let offsets: [Int]

    private enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  let metadata: [String: String]
  private let entries: [String: Entry]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    var metadata: [String: String] = [:]
    var entries: [String: Entry] = [:]
    for key in container.allKeys {
      if key.stringValue == "__metadata__" {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
      }
    }
    self.metadata = metadata
    self.entries = entries
  }

  /// Parses the header.
  init(_ json: Data) throws(FileFormatError) {
    do {
      self = try JSONDecoder().decode(SafetensorsHeader.self, from: json)
    } catch let error as DecodingError {
      throw FileFormatError(
        .malformed, format: Safetensors.format, "the header is damaged \(Self.place(of: error))")
    } catch {
      throw FileFormatError(.malformed, format: Safetensors.format, "the header is damaged")
    }
  }

  /// The entries by the position of their data; empty tensors before the one at their place.
  var inFileOrder: [(name: String, entry: Entry)] {
    entries.map { (name: $0.key, entry: $0.value) }.sorted {
      let (first, second) = ($0.entry.offsets, $1.entry.offsets)
      return first == second
        ? $0.name < $1.name : first.lexicographicallyPrecedes(second)
    }
  }

  private static func place(of error: DecodingError) -> String {
    let path: [any CodingKey]
    switch error {
    case .keyNotFound(let key, let context): path = context.codingPath + [key]
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      path = context.codingPath
    @unknown default: path = []
    }
    guard !path.isEmpty else { return "(it is not valid JSON)" }
    return "at \(quoted(path.map(\.stringValue).joined(separator: ", ")))"
  }

  // MARK: - Element types

  private static let codes: [(code: String, type: ScalarType)] = [
    ("F16", .float16), ("BF16", .bfloat16), ("F32", .float32), ("F64", .float64), ("U8", .uint8),
    ("I8", .int8), ("U16", .uint16), ("I16", .int16), ("U32", .uint32), ("I32", .int32),
    ("U64", .uint64), ("I64", .int64), ("BOOL", .bool),
  ]

  static func type(_ code: String) -> ScalarType? {
    codes.first { $0.code == code }?.type
  }

  static func code(_ type: ScalarType) -> String {
    guard let code = codes.first(where: { $0.type == type })?.code else {
      preconditionFailure("\(type.rawValue) has no code")
    }
    return code
  }
}
