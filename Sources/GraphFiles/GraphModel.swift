package import Checkpoints
internal import ComputationGraph
internal import FileFormats
internal import ModelImport
internal import NeuralNetworks

/// A graph with its weights, or with those of a checkpoint.
extension GraphFile {
  /// The model of the graph.
  ///
  /// - Parameters:
  ///   - name: Name for people.
  ///   - output: Which output is the model's, from 0 on.
  ///   - weights: A checkpoint whose tensors of the same names replace those of the file; nil for
  ///     those of the file.
  /// - Returns: The model at these weights.
  /// - Throws: `CheckpointError` naming the first operator that cannot be read, or the first tensor that
  ///   does not fit; for a file in which tensors of the model hold other numbers under their names.
  package func trainedModel(
    name: String, output: Int = 0, weights: CheckpointContents? = nil
  ) throws(CheckpointError) -> TrainedModel {
    if !changedNames.isEmpty {
      throw CheckpointError(
        path,
        "\(foldedNames.count) weights are no longer the model's (\(Self.list(changedNames))): the "
          + "exporter folded batch norms or transposes into them; save .pt2, or "
          + "torch.onnx.export(..., dynamo=True, optimize=False)")
    }
    let program = try weights.map { (contents) throws(CheckpointError) in
      try self.program.replacingBuffers(by: contents)
    }
    let model: Model
    do {
      let imported = try ImportedModel(program ?? self.program, name: name, output: output)
      model = try Model(.definition(AnyModelDefinition(imported)))
    } catch let error as ImportError {
      throw CheckpointError(path, error.description)
    } catch {
      throw CheckpointError(path, "\(error)")
    }
    guard let weights else {
      let wanted = Set(model.layout.segments.map(\.name) + model.bufferLayout.segments.map(\.name))
      return try TrainedModel(
        CheckpointContents(
          path: path, format: format, sha256: sha256,
          tensors: tensors.filter { wanted.contains($0.name) }),
        model: model)
    }
    let wanted = Set(model.bufferLayout.segments.map(\.name))
    return try TrainedModel(
      try self.program.stateOfModel(weights, buffers: wanted), model: model)
  }

  /// What must be known of derivatives by the parameters of this file.
  ///
  /// - Parameter weights: The checkpoint whose tensors replace those of the file, if there is one.
  /// - Returns: Sentences for the user; none where the parameters are the model's.
  package func warnings(weights: String? = nil) -> [String] {
    guard !foldedNames.isEmpty, weights == nil else { return [] }
    return [
      "\(path): the exporter made \(foldedNames.count) of the weights itself "
        + "(\(Self.list(foldedNames))), from others of the model; outputs and losses are the model's, "
        + "but derivatives are by these numbers: after folded batch norms those of another "
        + "parametrisation, after a mere change of order or shape the model's in another order"
    ]
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", ..." : "")
  }
}

extension GraphProgram {
  /// The program with the buffers of a checkpoint in place of its own, where it has them.
  ///
  /// - Throws: `CheckpointError` for a buffer of another shape.
  fileprivate func replacingBuffers(
    by contents: CheckpointContents
  ) throws(CheckpointError) -> GraphProgram {
    var result = self
    for (index, tensor) in tensors.enumerated() where tensor.kind == .buffer {
      guard let stored = contents[tensor.name] else { continue }
      guard stored.shape == tensor.shape else {
        throw CheckpointError(
          contents.path, tensor: tensor.name,
          "has shape \(stored.shape), but the graph has \(tensor.shape) there; export the graph again"
        )
      }
      result.tensors[index].elements = stored.array.doubles()
    }
    return result
  }

  /// The tensors of a checkpoint without those that the program holds itself, tied ones once.
  ///
  /// - Parameters:
  ///   - contents: The checkpoint.
  ///   - buffers: Names of the buffers that the model keeps beside its parameters.
  /// - Returns: What the model is made of.
  /// - Throws: `CheckpointError` when tied tensors differ.
  fileprivate func stateOfModel(
    _ contents: CheckpointContents, buffers: Set<String>
  ) throws(CheckpointError) -> CheckpointContents {
    var kept: [StoredTensor] = []
    var names: [String: String] = [:]
    var own: Set<String> = []
    for tensor in tensors {
      for alias in tensor.aliases { names[alias] = tensor.name }
      if tensor.kind == .buffer || tensor.kind == .constant, !buffers.contains(tensor.name) {
        own.insert(tensor.name)
      }
    }
    var byName: [String: StoredTensor] = [:]
    for tensor in contents.tensors {
      let name = names[tensor.name] ?? tensor.name
      if own.contains(name) { continue }
      let renamed = StoredTensor(name: name, array: tensor.array)
      if let other = byName[name] {
        guard other.array == tensor.array else {
          throw CheckpointError(
            contents.path, tensor: tensor.name,
            "is one with \(name) in the graph, but differs from it here; export the graph again")
        }
        continue
      }
      byName[name] = renamed
      kept.append(renamed)
    }
    return CheckpointContents(
      path: contents.path, format: contents.format, sha256: contents.sha256, tensors: kept,
      strippedPrefix: contents.strippedPrefix, metadata: contents.metadata,
      scalars: contents.scalars)
  }
}
