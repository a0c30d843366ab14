internal import ComputationGraph
internal import FileFormats
internal import LinearAlgebra
package import NeuralNetworks

/// A model with its weights and running statistics.
package struct TrainedModel: Sendable {
  /// The model.
  package let model: Model
  /// Weights and running statistics.
  package var point: ModelPoint

  /// Joins the parts.
  ///
  /// - Precondition: The point is one of the model.
  package init(model: Model, point: ModelPoint) {
    precondition(point.fits(model), "the point belongs to another model")
    self.model = model
    self.point = point
  }

  /// Takes the tensors of a checkpoint into a known model.
  ///
  /// - Parameters:
  ///   - contents: The checkpoint.
  ///   - model: The model.
  ///   - tensorNames: Names in the checkpoint of tensors that it calls otherwise.
  ///   - advice: What to do where the tensors are not those of the model.
  /// - Throws: `CheckpointError` naming the first tensor that is missing, has another shape, is
  ///   not known to the model, or holds a number that is not finite.
  package init(
    _ contents: CheckpointContents, model: Model, tensorNames: [String: String] = [:],
    advice: String = "choose another --architecture"
  ) throws(CheckpointError) {
    let name = model.name
    var wanted: Set<String> = []
    let weights = try Self.collect(
      model.layout.segments.map { (tensorNames[$0.name] ?? $0.name, $0.shape.dimensions) },
      contents, name, advice, &wanted)
    let buffers = try Self.collect(
      model.bufferLayout.segments.map { (tensorNames[$0.name] ?? $0.name, $0.shape.dimensions) },
      contents, name, advice, &wanted)
    for tensor in contents.tensors
    where !wanted.contains(tensor.name) && !tensor.name.hasSuffix("num_batches_tracked")
      && !tensor.name.hasPrefix(TrainedModelMetadata.trainingPrefix)
    {
      throw CheckpointError(
        contents.path, tensor: tensor.name,
        "\(name) has no such tensor; \(advice)")
    }
    if let element = firstNonFinite(
      in: contents.tensors.filter { wanted.contains($0.name) })
    {
      throw CheckpointError(
        contents.path, tensor: element.tensor,
        "element \(element.index) is \(element.value); the training that wrote it diverged")
    }
    self.init(
      model: model,
      point: ModelPoint(model, weights: Vector(weights), buffers: Vector(buffers)))
  }

  private static func collect(
    _ segments: [(name: String, shape: [Int])], _ contents: CheckpointContents,
    _ architecture: String, _ advice: String, _ wanted: inout Set<String>
  ) throws(CheckpointError) -> [Float] {
    var elements: [Float] = []
    elements.reserveCapacity(segments.reduce(0) { $0 + $1.shape.reduce(1, *) })
    var byName: [String: StoredTensor] = [:]
    for tensor in contents.tensors where byName[tensor.name] == nil { byName[tensor.name] = tensor }
    for (name, shape) in segments {
      guard let tensor = byName[name] else {
        throw CheckpointError(
          contents.path, tensor: name,
          "is missing, but \(architecture) has it; \(advice)")
      }
      guard tensor.shape == shape else {
        throw CheckpointError(
          contents.path, tensor: name,
          "has shape \(tensor.shape), but \(architecture) has \(shape) there; "
            + (advice.hasSuffix("--architecture") ? "\(advice) or number of classes" : advice))
      }
      elements += tensor.floats()
      wanted.insert(name)
    }
    return elements
  }

  /// The tensors as a checkpoint stores them: parameters and buffers in the order of the model.
  package var storedTensors: [StoredTensor] {
    var tensors: [StoredTensor] = []
    for segment in model.layout.segments {
      tensors.append(
        StoredTensor(
          name: segment.name,
          array: NumericArray(
            point.weights.elements[segment.range].array, shape: segment.shape.dimensions)))
    }
    for segment in model.bufferLayout.segments {
      tensors.append(
        StoredTensor(
          name: segment.name,
          array: NumericArray(
            point.buffers.elements[segment.range].array, shape: segment.shape.dimensions)))
    }
    return tensors
  }
}
