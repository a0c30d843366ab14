internal import ComputationGraph
package import NeuralNetworks

extension CheckpointContents {
  /// The architectures that names or shapes of the tensors fit, the likeliest first, and in words the
  /// closest where none does.
  package func matches(
    inputs: [Architecture.Input]
  ) -> (matches: [ArchitectureMatch], closest: String) {
    let prefix = TrainedModelMetadata.trainingPrefix
    let tensors = tensors.filter { !$0.name.hasPrefix(prefix) }
      .map { (name: $0.name, shape: Shape($0.shape)) }
    let results = inputs.map { Architecture.recognize(tensors, input: $0) }
    return (
      results.flatMap(\.matches),
      results.flatMap(\.nearMisses).prefix(3).map(\.description).joined(separator: " | ")
    )
  }
}

extension TrainedModel {
  /// A model of a checkpoint that does not say what it is.
  ///
  /// - Parameters:
  ///   - contents: The checkpoint.
  ///   - name: Architecture that the user named, or nil to recognise it from names and shapes.
  ///   - inputs: What a sample can be, the likelier first.
  ///   - outputCount: Outputs that suit the data, for an architecture that was named.
  /// - Returns: The model, and other architectures that the weights fit as well.
  /// - Throws: `CheckpointError` with the closest architectures when none fits.
  package static func recognized(
    _ contents: CheckpointContents, name: String?, inputs: [Architecture.Input], outputCount: Int
  ) throws(CheckpointError) -> (model: TrainedModel, alternatives: [String]) {
    let (all, closest) = contents.matches(inputs: inputs)
    let matches = all.filter { name == nil || $0.architecture.name == name }
    guard let match = matches.first else {
      if let name {
        return (try named(name, contents, inputs: inputs, outputCount: outputCount), [])
      }
      throw CheckpointError(
        contents.path,
        closest.isEmpty
          ? "its tensors resemble no known architecture; see trainer train --help for the list"
          : "fits no known architecture; closest: \(closest)")
    }
    let model: Model
    do {
      model = try Model(match.architecture)
    } catch {
      throw CheckpointError(contents.path, "\(error.operation): \(error.reason)")
    }
    let trained = try TrainedModel(contents, model: model, tensorNames: match.tensorNames)
    return (trained, matches.dropFirst().map(\.architecture.name))
  }

  private static func named(
    _ name: String, _ contents: CheckpointContents, inputs: [Architecture.Input], outputCount: Int
  ) throws(CheckpointError) -> TrainedModel {
    // The last matrix is that of the last layer, whatever classes the data have.
    let matrices = contents.tensors.filter {
      $0.shape.count == 2 && !$0.name.hasPrefix(TrainedModelMetadata.trainingPrefix)
    }
    let inputs = inputs.map { input in
      guard case .tokens(let length, let vocabulary) = input else { return input }
      return .tokens(length: length, vocabulary: matrices.first?.shape[0] ?? vocabulary)
    }
    do {
      let model = try Model(
        Architecture.named(
          name, anyOf: inputs, classCount: matrices.last?.shape[0] ?? outputCount))
      return try TrainedModel(contents, model: model)
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(contents.path, "\(error)")
    }
  }
}
