internal import ComputationGraph
import FileFormats
package import NeuralNetworks

extension CheckpointContents {
  /// Whether they are a folder of transformers, which says what network it is.
  package var isTransformersFolder: Bool { format == .transformers }
}

extension TrainedModel {
  /// The model of a folder of transformers.
  ///
  /// - Parameters:
  ///   - contents: The folder.
  ///   - data: The inputs that data have.
  /// - Returns: The model with its weights, under the names of transformers.
  /// - Throws: `CheckpointError` for a configuration that is not supported and for weights that are
  ///   not those of it; `TransformersInputError` where data are no inputs of the network.
  package static func transformers(
    _ contents: CheckpointContents, data: TransformersInputs
  ) throws -> TrainedModel {
    let path = contents.path
    let configuration = try TransformersConfiguration(
      contents.metadata[TransformersFolder.configurationKey] ?? "", path: path)
    let definition = try configuration.definition(for: data)
    let model: Model
    do {
      model = try Model(.definition(AnyModelDefinition(definition)))
    } catch {
      throw CheckpointError(path, "\(error.operation): \(error.reason)")
    }
    return try TrainedModel(
      try renamed(contents, definition, model), model: model,
      advice: "config.json and weights do not belong together")
  }

  /// The tensors of a folder under the names of a model's parameters.
  static func renamed(
    _ contents: CheckpointContents, for model: Model
  ) throws(CheckpointError) -> CheckpointContents {
    guard let definition = model.recipe.definition as? any TransformersDefinition else {
      throw CheckpointError(contents.path, "is a folder of transformers, but \(model.name) is not")
    }
    return try renamed(contents, definition, model)
  }

  /// The tensors under the names of the parameters, without those that are none.
  private static func renamed(
    _ contents: CheckpointContents, _ definition: any TransformersDefinition, _ model: Model
  ) throws(CheckpointError) -> CheckpointContents {
    let known = Set(model.layout.segments.map(\.name))
    let type = Swift.type(of: definition)
    var tensors: [String: StoredTensor] = [:]
    var order: [String] = []
    var repeated: [(tensor: StoredTensor, original: String)] = []
    for tensor in contents.tensors {
      let candidates = [tensor.name, type.basePrefix + tensor.name]
      if candidates.contains(where: definition.ignores) { continue }
      if let original = candidates.compactMap(definition.original).first {
        repeated.append((tensor, original))
        continue
      }
      let names = candidates + candidates.compactMap(type.parameter)
      // An unknown name stays, so that it is told.
      let name = names.first(where: known.contains) ?? tensor.name
      guard tensors.updateValue(StoredTensor(name: name, array: tensor.array), forKey: name) == nil
      else {
        throw CheckpointError(contents.path, tensor: name, "is there twice; keep one of them")
      }
      order.append(name)
    }
    for (tensor, original) in repeated {
      if let other = tensors[original], tensor.array != other.array {
        throw CheckpointError(
          contents.path, tensor: tensor.name,
          "differs from \(original), to which it is tied (tie_word_embeddings in config.json); give "
            + "the right configuration")
      }
      if tensors[original] == nil {
        // Some files keep the copy alone.
        tensors[original] = StoredTensor(name: original, array: tensor.array)
        order.append(original)
      }
    }
    return CheckpointContents(
      path: contents.path, format: contents.format, sha256: contents.sha256,
      tensors: order.compactMap { tensors[$0] }, strippedPrefix: "",
      metadata: contents.metadata, scalars: contents.scalars)
  }
}
