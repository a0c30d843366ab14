internal import FileFormats
internal import Foundation
internal import ModelImport

/// The code of an element type in an exported program, `ScalarType` of torch/\_export/serde/schema.py.
struct SerializedElementType: Decodable, Hashable {
  let code: Int

  init(from decoder: any Decoder) throws {
    code = try decoder.singleValueContainer().decode(Int.self)
  }

  /// The type, where it is read.
  var scalarType: ScalarType? {
    switch code {
    case 1: .uint8
    case 2: .int8
    case 3: .int16
    case 4: .int32
    case 5: .int64
    case 6: .float16
    case 7: .float32
    case 8: .float64
    case 12: .bool
    case 13: .bfloat16
    case 28: .uint16
    default: nil
    }
  }

  /// PyTorch's name of the type.
  var name: String {
    if let scalarType { return scalarType.rawValue }
    return switch code {
    case 9: "complex32"
    case 10: "complex64"
    case 11: "complex128"
    case 29...33: "float8"
    default: "number \(code)"
    }
  }
}

/// A number in a shape; nil where it is an expression in the number of samples.
struct SerializedExtent: Decodable {
  let value: Int?

  private enum CodingKeys: String, CodingKey {
    case integer = "as_int"
  }

  init(from decoder: any Decoder) throws {
    value = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(
      Int.self, forKey: .integer)
  }
}

/// `TensorMeta` of torch/\_export/serde/schema.py.
struct SerializedTensorMeta: Decodable {
  let type: SerializedElementType
  let shape: [Int?]
  let strides: [Int?]
  let offset: Int?
  let requiresGradient: Bool?

  private enum CodingKeys: String, CodingKey {
    case type = "dtype"
    case shape = "sizes"
    case strides
    case offset = "storage_offset"
    case requiresGradient = "requires_grad"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func extents(_ key: CodingKeys) throws -> [Int?] {
      try container.decodeIfPresent([SerializedExtent].self, forKey: key)?.map(\.value) ?? []
    }
    type = try container.decode(SerializedElementType.self, forKey: .type)
    shape = try extents(.shape)
    strides = try extents(.strides)
    offset = try container.decodeIfPresent(SerializedExtent.self, forKey: .offset)?.value
    requiresGradient = try container.decodeIfPresent(Bool.self, forKey: .requiresGradient)
  }

  /// What its numbers are; complex ones are refused where a node uses them.
  var element: ProgramElement { type.scalarType.map { ProgramElement($0) } ?? .real }
}

/// A key of a JSON object whose keys are data.
struct TextKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// Decodes a JSON file of an exported program.
///
/// - Throws: `FileFormatError` if it is not valid JSON, nested more than 512 deep, or lacks a field.
func decodeJSON<Value: Decodable>(
  _ type: Value.Type, from json: ArraySlice<UInt8>, name: String
) throws(FileFormatError) -> Value {
  do {
    return try JSONDecoder().decode(Value.self, from: Data(json))
  } catch let error as DecodingError {
    throw exportedProgramError(.malformed, "\(quoted(name)) is damaged \(place(of: error))")
  } catch {
    throw exportedProgramError(.malformed, "\(quoted(name)) is damaged")
  }
}

private func place(of error: DecodingError) -> String {
  let path: [any CodingKey]
  switch error {
  case .keyNotFound(let key, let context): path = context.codingPath + [key]
  case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
    path = context.codingPath
  @unknown default: path = []
  }
  guard !path.isEmpty else { return "(it is not valid JSON)" }
  return "at \(quoted(path.map(\.stringValue).joined(separator: ", ")))"
}
