import FileFormats
import Foundation
import NeuralNetworks

/// The `config.json` of a folder of transformers: which network it describes.
struct TransformersConfiguration {
  /// The networks that are known.
  static let definitions: [any TransformersDefinition.Type] = [
    GPT2.self, Llama.self, BERT.self, ViT.self,
  ]

  /// What is read of every file, whatever the network.
  private struct Header: Decodable {
    let modelType: String?
    let architectures: [String]?
    let quantization: Quantization?

    private enum CodingKeys: String, CodingKey {
      case modelType = "model_type"
      case architectures
      case quantization = "quantization_config"
    }
  }

  private struct Quantization: Decodable {
    let method: String?

    private enum CodingKeys: String, CodingKey {
      case method = "quant_method"
    }
  }

  /// The only class of a `model_type`, where a file names none.
  private static let usualClasses = [
    "gpt2": "GPT2LMHeadModel", "llama": "LlamaForCausalLM", "qwen2": "Qwen2ForCausalLM",
    "mistral": "MistralForCausalLM", "vit": "ViTForImageClassification",
  ]

  /// The class of transformers.
  let className: String
  /// What makes it.
  let type: any TransformersDefinition.Type
  private let json: Data
  private let path: String

  /// Finds the network.
  ///
  /// - Parameters:
  ///   - text: Contents of the file.
  ///   - path: The folder, for messages.
  /// - Throws: `CheckpointError` for a file that is no JSON and for networks that are not known.
  init(_ text: String, path: String) throws(CheckpointError) {
    json = Data(text.utf8)
    self.path = path
    let header: Header
    do {
      header = try JSONDecoder().decode(Header.self, from: json)
    } catch {
      throw Self.error(error, path)
    }
    if let quantization = header.quantization {
      throw CheckpointError(
        path,
        "config.json: the weights are quantised (\(quantization.method ?? "unknown")); give "
          + "those in float32, float16 or bfloat16")
    }
    let names = header.architectures ?? []
    let usual = header.modelType.flatMap { Self.usualClasses[$0] }
    let candidates = names.isEmpty ? [usual].compactMap(\.self) : names
    for name in candidates {
      if let type = Self.definitions.first(where: { $0.classNames.contains(name) }) {
        (className, self.type) = (name, type)
        return
      }
    }
    let type = header.modelType.map { "model_type \(quoted($0))" } ?? "without model_type"
    let known = Self.definitions.flatMap { $0.classNames }.joined(separator: ", ")
    throw CheckpointError(
      path,
      names.isEmpty
        ? "config.json (\(type)) does not say in \"architectures\" which network it is; one of "
          + known
        : "config.json describes \(names.prefix(4).joined(separator: ", ")) (\(type)); known are "
          + known)
  }

  /// The network for data.
  ///
  /// - Throws: `CheckpointError` for values that are not supported; `TransformersInputError` where
  ///   data are no inputs of it.
  func definition(for data: TransformersInputs) throws -> any TransformersDefinition {
    do {
      return try type.decoded(json, className: className, data: data)
    } catch let error as TransformersInputError {
      throw error
    } catch {
      throw Self.error(error, path)
    }
  }

  private static func error(_ error: any Error, _ path: String) -> CheckpointError {
    guard let error = error as? DecodingError else { return CheckpointError(path, "\(error)") }
    let place: [any CodingKey] =
      switch error {
      case .keyNotFound(let key, let context): context.codingPath + [key]
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .dataCorrupted(let context):
        context.codingPath
      @unknown default: []
      }
    let key = place.map(\.stringValue).joined(separator: ", ")
    return CheckpointError(
      path,
      key.isEmpty
        ? "config.json is no JSON object; download it again"
        : "config.json: \(quoted(key)) has a value of another type than in transformers")
  }
}

extension TransformersDefinition {
  /// The network that a `config.json` describes.
  fileprivate static func decoded(
    _ json: Data, className: String, data: TransformersInputs
  ) throws -> any TransformersDefinition {
    try Self(
      className: className, configuration: JSONDecoder().decode(Configuration.self, from: json),
      data: data)
  }
}
