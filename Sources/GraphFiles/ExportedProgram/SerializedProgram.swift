internal import Foundation
internal import ModelImport

/// `ExportedProgram` of torch/\_export/serde/schema.py, as far as it is used.
///
/// Fields that are not known are passed over, and those that newer writers added may be missing.
struct SerializedProgram: Decodable {
  /// The major version that is read.
  static let major = 8

  let major: Int
  let minor: Int
  let torchVersion: String?
  /// The graph; nil when another major version wrote it.
  let module: SerializedModule?

  private enum CodingKeys: String, CodingKey {
    case module = "graph_module"
    case version = "schema_version"
    case torchVersion = "torch_version"
  }

  private struct Version: Decodable {
    let major: Int
    let minor: Int
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let version = try container.decode(Version.self, forKey: .version)
    major = version.major
    minor = version.minor
    torchVersion = try container.decodeIfPresent(String.self, forKey: .torchVersion)
    module =
      major == Self.major ? try container.decode(SerializedModule.self, forKey: .module) : nil
  }
}

/// `GraphModule`.
struct SerializedModule: Decodable {
  let graph: SerializedGraph
  let signature: SerializedSignature
}

/// `Graph`.
struct SerializedGraph: Decodable {
  let inputs: [SerializedArgument]
  let outputs: [SerializedArgument]
  let nodes: [SerializedNode]
  let tensors: [String: SerializedTensorMeta]

  private enum CodingKeys: String, CodingKey {
    case inputs, outputs, nodes
    case tensors = "tensor_values"
  }
}

/// `Node`.
struct SerializedNode: Decodable {
  let target: String
  let inputs: [Input]
  let outputs: [SerializedArgument]
  let metadata: [String: String]

  /// `NamedArgument`.
  struct Input: Decodable {
    let name: String
    let argument: SerializedArgument
    /// 1 by place, 2 by name; older writers do not say.
    let kind: Int?

    private enum CodingKeys: String, CodingKey {
      case name, kind
      case argument = "arg"
    }
  }

  private enum CodingKeys: String, CodingKey {
    case target, inputs, outputs, metadata
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    target = try container.decode(String.self, forKey: .target)
    inputs = try container.decode([Input].self, forKey: .inputs)
    outputs = try container.decode([SerializedArgument].self, forKey: .outputs)
    metadata = try container.decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
  }
}

/// `GraphSignature`: what inputs and outputs of the graph are for.
struct SerializedSignature: Decodable {
  let inputs: [Input]
  let outputs: [Output]

  private enum CodingKeys: String, CodingKey {
    case inputs = "input_specs"
    case outputs = "output_specs"
  }

  /// `InputSpec`.
  enum Input: Decodable {
    case parameter(value: String, name: String)
    case buffer(value: String, name: String, isPersistent: Bool)
    case constant(value: String, name: String)
    case data(ArgumentValue)
    /// Something that no operator computes with, like a token.
    case other

    private enum CodingKeys: String, CodingKey {
      case parameter, buffer
      case constant = "tensor_constant"
      case data = "user_input"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if let part = try container.decodeIfPresent(Part.self, forKey: .parameter) {
        self = .parameter(value: try part.value, name: try part.name)
      } else if let part = try container.decodeIfPresent(Part.self, forKey: .buffer) {
        self = .buffer(
          value: try part.value, name: try part.name, isPersistent: part.persistent ?? true)
      } else if let part = try container.decodeIfPresent(Part.self, forKey: .constant) {
        self = .constant(value: try part.value, name: try part.name)
      } else if let data = try container.decodeIfPresent(Wrapped.self, forKey: .data) {
        self = .data(data.arg.programValue)
      } else {
        self = .other
      }
    }
  }

  /// `OutputSpec`.
  enum Output: Decodable {
    case data(ArgumentValue)
    /// What a run stores into a buffer.
    case update(value: String, buffer: String)
    /// Something that is no result, like a token or the new value of an input.
    case other

    private enum CodingKeys: String, CodingKey {
      case data = "user_output"
      case loss = "loss_output"
      case update = "buffer_mutation"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if let data = try container.decodeIfPresent(Wrapped.self, forKey: .data) {
        self = .data(data.arg.programValue)
      } else if let part = try container.decodeIfPresent(Part.self, forKey: .loss) {
        self = .data(.value(try part.value))
      } else if let part = try container.decodeIfPresent(Part.self, forKey: .update) {
        self = .update(value: try part.value, buffer: try part.name)
      } else {
        self = .other
      }
    }
  }

  private struct Wrapped: Decodable {
    let arg: SerializedArgument
  }

  /// A value and the name of the tensor that it stands for.
  private struct Part: Decodable {
    let arg: SerializedName?
    let parameter: String?
    let buffer: String?
    let constant: String?
    let persistent: Bool?

    private enum CodingKeys: String, CodingKey {
      case arg, persistent
      case parameter = "parameter_name"
      case buffer = "buffer_name"
      case constant = "tensor_constant_name"
    }

    var value: String {
      get throws {
        guard let arg else {
          throw DecodingError.valueNotFound(
            String.self, .init(codingPath: [CodingKeys.arg], debugDescription: "no value"))
        }
        return arg.name
      }
    }

    var name: String {
      get throws {
        guard let name = parameter ?? buffer ?? constant else {
          throw DecodingError.valueNotFound(
            String.self, .init(codingPath: [CodingKeys.parameter], debugDescription: "no name"))
        }
        return name
      }
    }
  }
}
