package import Checkpoints
internal import ComputationGraph
package import NeuralNetworks

/// Gives the layers of a list the tensors of a file.
package enum LayerAssignment {
  /// The network of a layer list with the names of a file.
  ///
  /// Where the file has the names of the list, as one written here, these count; otherwise each layer takes
  /// the first tensors of its shapes that are left.
  ///
  /// - Parameters:
  ///   - text: The layer list.
  ///   - input: What a sample is.
  ///   - contents: The file.
  /// - Returns: Model and weights.
  /// - Throws: `LayerListError` for what is no list, or a layer without tensors; `ShapeError` where layers
  ///   do not fit each other.
  package static func network(
    _ text: String, input: Architecture.Input, contents: CheckpointContents
  ) throws -> TrainedModel {
    let network = try LayerNetwork(text, input: input)
    let model = try Model(network.recipe)
    let wanted =
      model.layout.segments.map { Tensor(name: $0.name, shape: $0.shape.dimensions) }
      + model.bufferLayout.segments.map { Tensor(name: $0.name, shape: $0.shape.dimensions) }
    let present = Set(contents.tensors.map(\.name))
    if wanted.allSatisfy({ present.contains($0.name) }) {
      return try TrainedModel(contents, model: model, missingStatistics: .unused)
    }
    let shapes = Dictionary(
      contents.tensors.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    var left = try FoundLayer.layers(of: contents.tensors).get()
    if !contents.keepsOrder { left.sort { NaturalOrder.precedes($0.path, $1.path) } }
    var names: [String] = []
    var tensorNames: [String: String] = [:]
    for (name, layer) in zip(network.names, Layer.parametric(network.layers)) {
      let own = wanted.filter { $0.layer == name }
      let place = left.firstIndex { found in
        found.tensorNames.count == own.count
          && own.allSatisfy { tensor in
            found.tensorNames[tensor.role].map { shapes[$0] == tensor.shape } ?? false
          }
      }
      guard let place else {
        let missing = own.map { "\($0.role) \($0.shape)" }.joined(separator: ", ")
        throw CheckpointError(
          contents.path, "has no tensors (left) for the layer \(layer), which needs \(missing)")
      }
      let found = left.remove(at: place)
      names.append(found.path)
      for (role, tensor) in found.tensorNames { tensorNames["\(found.path).\(role)"] = tensor }
    }
    if let extra = left.first {
      throw CheckpointError(
        contents.path, "has the layer \(extra.path), for which the list has no place; add it")
    }
    let named = try LayerNetwork(network.layers, input: input, names: names)
    return try TrainedModel(
      contents, model: Model(named.recipe), tensorNames: tensorNames, missingStatistics: .unused)
  }

  private struct Tensor {
    let name: String
    let shape: [Int]
    /// Name of its layer.
    var layer: String { String(name.prefix(upTo: name.lastIndex(of: ".") ?? name.endIndex)) }
    /// What it is in its layer.
    var role: String { String(name.split(separator: ".").last ?? "") }
  }
}
