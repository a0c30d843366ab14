internal import Foundation
internal import ModelImport

/// `Argument` of torch/\_export/serde/schema.py: an operand, attribute or result of a node.
enum SerializedArgument: Decodable {
  /// What a program can say.
  case value(ArgumentValue)
  /// A graph that an operator runs.
  case graph(name: String, SerializedGraph)

  /// The argument as a program has it.
  var programValue: ArgumentValue {
    switch self {
    case .value(let value): value
    case .graph: .unsupported("a subgraph")
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: TextKey.self)
    // A union has one key; older writers may add the others with null.
    guard let key = try container.allKeys.first(where: { try !container.decodeNil(forKey: $0) })
    else {
      self = .value(.none)
      return
    }
    if key.stringValue == "as_graph" {
      let graph = try container.decode(NamedGraph.self, forKey: key)
      self = .graph(name: graph.name, graph.graph)
    } else {
      self = .value(try Self.value(of: key, in: container))
    }
  }

  private struct NamedGraph: Decodable {
    let name: String
    let graph: SerializedGraph
  }

  private static func value(
    of key: TextKey, in container: KeyedDecodingContainer<TextKey>
  ) throws -> ArgumentValue {
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
      try container.decode(type, forKey: key)
    }
    func list<Value: Decodable>(
      _ type: Value.Type, _ transform: (Value) -> ArgumentValue
    ) throws -> ArgumentValue {
      .list(try decode([Value].self).map(transform))
    }
    func integers(_ values: [Int]) -> ArgumentValue { .list(values.map { .integer($0) }) }
    func values(_ names: [SerializedName]) -> ArgumentValue {
      .list(names.map { .value($0.name) })
    }
    switch key.stringValue {
    case "as_none": return .none
    case "as_tensor": return .value(try decode(SerializedName.self).name)
    case "as_tensors": return values(try decode([SerializedName].self))
    case "as_nested_tensors": return try list([SerializedName].self, values)
    case "as_optional_tensor", "as_sym_int", "as_sym_float", "as_sym_bool":
      return try decode(SerializedArgument.self).programValue
    case "as_optional_tensors", "as_sym_ints", "as_sym_floats", "as_sym_bools":
      return try list(SerializedArgument.self, \.programValue)
    case "as_name": return .value(try decode(String.self))
    case "as_int": return .integer(try decode(Int.self))
    case "as_ints": return integers(try decode([Int].self))
    case "as_int_lists": return try list([Int].self, integers)
    case "as_float": return .real(try decode(SerializedNumber.self).value)
    case "as_floats": return try list(SerializedNumber.self) { .real($0.value) }
    case "as_bool": return .boolean(try decode(Bool.self))
    case "as_bools": return try list(Bool.self) { .boolean($0) }
    case "as_string", "as_operator": return .text(try decode(String.self))
    case "as_strings": return try list(String.self) { .text($0) }
    case "as_scalar_type": return .elementType(try decode(SerializedElementType.self).name)
    case "as_device": return .text(try decode(SerializedDevice.self).type)
    case "as_layout": return layout(try decode(Int.self))
    case "as_memory_format": return memoryFormat(try decode(Int.self))
    default:
      return .unsupported("an argument of kind \(key.stringValue.prefix(40))")
    }
  }

  private static func layout(_ code: Int) -> ArgumentValue {
    code == 7 ? .text("strided") : .unsupported("a sparse tensor")
  }

  private static func memoryFormat(_ code: Int) -> ArgumentValue {
    let names = [
      1: "contiguous_format", 2: "channels_last", 3: "channels_last_3d", 4: "preserve_format",
    ]
    return .text(names[code] ?? "memory format \(code)")
  }
}

/// The name of a value.
struct SerializedName: Decodable {
  let name: String
}

private struct SerializedDevice: Decodable {
  let type: String
}

/// A number; those that JSON lacks are written as text.
struct SerializedNumber: Decodable {
  let value: Double

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let text = try? container.decode(String.self) else {
      value = try container.decode(Double.self)
      return
    }
    switch text {
    case "Infinity": value = .infinity
    case "-Infinity": value = -.infinity
    case "NaN": value = .nan
    default:
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\(text.prefix(40)) is no number")
    }
  }
}
