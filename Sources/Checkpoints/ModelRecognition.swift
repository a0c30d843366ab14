internal import Settings
internal import ComputationGraph
package import NeuralNetworks

extension CheckpointContents {
  /// The architectures that names or shapes of the tensors fit, the likeliest first, or the closest ones.
  ///
  /// - Parameters:
  ///   - inputs: What a sample can be, the likelier first.
  ///   - roles: Other names for tensors whose names in the file say nothing, like `arr_0`.
  ///   - stated: The architecture that the user names.
  /// - Returns: What fits, with the names in the file.
  package func recognition(
    inputs: [Architecture.Input], roles: [String: String] = [:], stated: String? = nil
  ) -> CheckpointRecognition {
    let prefix = TrainedModelMetadata.trainingPrefix
    let tensors = tensors.filter {
      !$0.name.hasPrefix(prefix) && (roles.isEmpty || roles[$0.name] != nil)
    }.map { (name: roles[$0.name] ?? $0.name, shape: Shape($0.shape)) }
    return CheckpointRecognition(
      results: inputs.map { Architecture.recognize(tensors, input: $0, stated: stated) },
      originals: Dictionary(roles.map { ($1, $0) }, uniquingKeysWith: { first, _ in first }))
  }
}

/// The architectures that the tensors of a file fit, or the closest ones.
package struct CheckpointRecognition: Sendable {
  fileprivate let results: [RecognitionResult]
  /// Names in the file where others were looked at.
  fileprivate let originals: [String: String]

  /// The architectures that fit, the likeliest first.
  package var matches: [ArchitectureMatch] {
    results.flatMap(\.matches).map { match in
      ArchitectureMatch(
        architecture: match.architecture,
        tensorNames: match.tensorNames.mapValues { originals[$0] ?? $0 })
    }
  }

  /// In words the closest where none fits.
  package var closest: String {
    results.flatMap(\.nearMisses).prefix(3).map(\.description).joined(separator: " | ")
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
    let recognition = contents.recognition(inputs: inputs, stated: name)
    let matches = recognition.matches.filter { name == nil || $0.architecture.name == name }
    guard let match = matches.first else {
      if let name {
        return (try named(name, contents, inputs: inputs, outputCount: outputCount), [])
      }
      let closest = recognition.closest
      throw CheckpointError(
        contents.path,
        closest.isEmpty
          ? "its tensors resemble no known architecture; the help of \(.architecture) lists them"
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
