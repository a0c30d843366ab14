internal import ComputationGraph
internal import FileFormats
internal import LinearAlgebra
package import NeuralNetworks

/// A network with its weights and running statistics.
package struct TrainedModel: Sendable {
  /// The network.
  package let network: Network
  /// The weights.
  package var parameters: ParameterVector
  /// The running statistics of batch norms.
  package var state: ModelState

  /// Joins the parts.
  package init(network: Network, parameters: ParameterVector, state: ModelState) {
    precondition(parameters.layout == network.layout && state.layout == network.stateLayout)
    self.network = network
    self.parameters = parameters
    self.state = state
  }

  /// Takes the tensors of a checkpoint into a network of a known architecture.
  ///
  /// - Parameters:
  ///   - contents: The checkpoint.
  ///   - network: The network.
  ///   - tensorNames: Names in the checkpoint of tensors that it calls otherwise.
  /// - Throws: `CheckpointError` naming the first tensor that is missing, has another shape, is
  ///   not known to the network, or holds a number that is not finite.
  package init(
    _ contents: CheckpointContents, network: Network, tensorNames: [String: String] = [:]
  ) throws(CheckpointError) {
    let name = network.architecture.name
    var wanted: Set<String> = []
    let parameters = try Self.collect(
      network.layout.segments.map { (tensorNames[$0.name] ?? $0.name, $0.shape.dimensions) },
      contents, name, &wanted)
    let state = try Self.collect(
      network.stateLayout.segments.map { (tensorNames[$0.name] ?? $0.name, $0.shape.dimensions) },
      contents, name, &wanted)
    for tensor in contents.tensors
    where !wanted.contains(tensor.name) && !tensor.name.hasSuffix("num_batches_tracked")
      && !tensor.name.hasPrefix(TrainedModelMetadata.trainingPrefix)
    {
      throw CheckpointError(
        contents.path, tensor: tensor.name,
        "\(name) has no such tensor; choose another --architecture")
    }
    if let element = firstNonFinite(
      in: contents.tensors.filter { wanted.contains($0.name) })
    {
      throw CheckpointError(
        contents.path, tensor: element.tensor,
        "element \(element.index) is \(element.value); the training that wrote it diverged")
    }
    self.init(
      network: network,
      parameters: ParameterVector(layout: network.layout, elements: Vector(parameters)),
      state: ModelState(layout: network.stateLayout, elements: Vector(state)))
  }

  private static func collect(
    _ segments: [(name: String, shape: [Int])], _ contents: CheckpointContents,
    _ architecture: String, _ wanted: inout Set<String>
  ) throws(CheckpointError) -> [Float] {
    var elements: [Float] = []
    var byName: [String: StoredTensor] = [:]
    for tensor in contents.tensors where byName[tensor.name] == nil { byName[tensor.name] = tensor }
    for (name, shape) in segments {
      guard let tensor = byName[name] else {
        throw CheckpointError(
          contents.path, tensor: name,
          "is missing, but \(architecture) has it; choose another --architecture")
      }
      guard tensor.shape == shape else {
        throw CheckpointError(
          contents.path, tensor: name,
          "has shape \(tensor.shape), but \(architecture) has \(shape) there; "
            + "choose another --architecture or number of classes")
      }
      elements += tensor.floats()
      wanted.insert(name)
    }
    return elements
  }

  /// The tensors as a checkpoint stores them: parameters and state in the order of the network.
  package var storedTensors: [StoredTensor] {
    var tensors: [StoredTensor] = []
    for segment in network.layout.segments {
      tensors.append(
        StoredTensor(
          name: segment.name,
          array: NumericArray(
            parameters.elements[segment.range].array, shape: segment.shape.dimensions)))
    }
    for segment in network.stateLayout.segments {
      tensors.append(
        StoredTensor(
          name: segment.name,
          array: NumericArray(
            state.elements[segment.range].array, shape: segment.shape.dimensions)))
    }
    return tensors
  }
}
