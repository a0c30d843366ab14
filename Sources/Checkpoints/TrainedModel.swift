internal import ComputationGraph
internal import FileFormats
internal import LinearAlgebra
package import NeuralNetworks
internal import Settings

/// A model with its weights and running statistics.
package struct TrainedModel: Sendable {
  /// The model.
  package let model: Model
  /// Weights and running statistics.
  package var point: ModelPoint
  /// Whether the running statistics are the network's; otherwise they are those before any training, and
  /// only batch norms that use the statistics of each batch compute what the network computes.
  package let hasStatistics: Bool
  /// Names in the checkpoint of tensors that it calls otherwise than the model.
  private let tensorNames: [String: String]

  /// What to do with a checkpoint that lacks running statistics.
  package enum MissingStatistics: Sendable {
    /// It is an error.
    case refused
    /// They are put in as before any training, and `hasStatistics` says so.
    case unused
  }

  /// Joins the parts.
  ///
  /// - Precondition: The point is one of the model.
  package init(model: Model, point: ModelPoint, hasStatistics: Bool = true) {
    self.init(model: model, point: point, hasStatistics: hasStatistics, tensorNames: [:])
  }

  private init(
    model: Model, point: ModelPoint, hasStatistics: Bool, tensorNames: [String: String]
  ) {
    precondition(point.fits(model), "the point belongs to another model")
    self.model = model
    self.point = point
    self.hasStatistics = hasStatistics
    self.tensorNames = tensorNames
  }

  /// Takes the tensors of a checkpoint into a known model.
  ///
  /// - Parameters:
  ///   - contents: The checkpoint.
  ///   - model: The model.
  ///   - tensorNames: Names in the checkpoint of tensors that it calls otherwise.
  ///   - advice: What to do where the tensors are not those of the model.
  ///   - missingStatistics: What to do where the checkpoint has none of the running statistics.
  /// - Throws: `CheckpointError` naming the first tensor that is missing, has another shape, is
  ///   not known to the model, or holds a number that is not finite.
  package init(
    _ contents: CheckpointContents, model: Model, tensorNames: [String: String] = [:],
    advice: String = "choose another \(.architecture)",
    missingStatistics: MissingStatistics = .refused
  ) throws(CheckpointError) {
    let name = model.name
    let names = model.layout.segments.map(\.name) + model.bufferLayout.segments.map(\.name)
    let contents = contents.named(as: Set(names.map { tensorNames[$0] ?? $0 }))
    var wanted: Set<String> = []
    let weights = try Self.collect(
      model.layout.segments.map { (tensorNames[$0.name] ?? $0.name, $0.shape.dimensions) },
      contents, name, advice, &wanted)
    let statistics = model.bufferLayout.segments.map {
      (name: tensorNames[$0.name] ?? $0.name, shape: $0.shape.dimensions)
    }
    let lacksAll =
      !statistics.isEmpty && model.bufferLayout.segments.allSatisfy { $0.role != .fixed }
      && Set(statistics.map(\.name)).isDisjoint(with: contents.tensors.map(\.name))
    if lacksAll, missingStatistics == .refused {
      throw CheckpointError(
        contents.path, tensor: statistics.first?.name,
        "is missing, as are all running statistics of \(name); \(.batchNorm) batch uses those of the data"
      )
    }
    let buffers =
      lacksAll
      ? model.initialBuffers().elements
      : try Self.collect(statistics, contents, name, advice, &wanted)
    for tensor in contents.tensors
    where !wanted.contains(tensor.name) && !tensor.name.hasSuffix("num_batches_tracked")
      && !tensor.name.hasPrefix(TrainedModelMetadata.trainingPrefix)
    {
      throw CheckpointError(
        contents.path, tensor: tensor.name,
        "\(name) has no such tensor; \(advice)")
    }
    let isFinite = weights.firstNonFiniteIndex == nil && buffers.firstNonFiniteIndex == nil
    if !isFinite,
      let element = firstNonFinite(in: contents.tensors.filter { wanted.contains($0.name) })
    {
      throw CheckpointError(
        contents.path, tensor: element.tensor,
        "element \(element.index) is \(element.value); the training that wrote it diverged")
    }
    self.init(
      model: model,
      point: ModelPoint(model, weights: weights, buffers: buffers),
      hasStatistics: !lacksAll, tensorNames: tensorNames)
  }

  /// Whether the checkpoint calls its tensors as the model does, but for what stands before all names.
  package var hasOwnNames: Bool {
    tensorNames.allSatisfy { own, name in name == own || name.hasSuffix(".\(own)") }
  }

  /// Another network with the same tensors in the same order, and these weights, which both share.
  ///
  /// - Precondition: The tensors are those of the model.
  package func lookalike(_ model: Model) -> TrainedModel {
    TrainedModel(
      model: model, point: point, hasStatistics: hasStatistics, tensorNames: tensorNames)
  }

  /// The same network at the weights of another checkpoint, whose tensors are called as in this one's.
  ///
  /// What was measured of this one, or chosen for it, is not asked again: an early checkpoint of a
  /// training would not answer.
  ///
  /// - Parameters:
  ///   - contents: The other checkpoint.
  ///   - isPart: Whether it may hold tensors that are not the network's, as a file with a graph does.
  /// - Returns: The network at these weights.
  /// - Throws: `CheckpointError` as for the first.
  package func reading(
    _ contents: CheckpointContents, isPart: Bool = false
  ) throws(CheckpointError) -> TrainedModel {
    var contents = contents
    if contents.isTransformersFolder {
      contents = try Self.renamed(contents, for: model)
    } else if isPart {
      let names = Set(
        (model.layout.segments.map(\.name) + model.bufferLayout.segments.map(\.name))
          .map { tensorNames[$0] ?? $0 })
      contents = contents.named(as: names)
      contents = CheckpointContents(
        path: contents.path, format: contents.format, sha256: contents.sha256,
        tensors: contents.tensors.filter { names.contains($0.name) })
    }
    return try TrainedModel(
      contents, model: model, tensorNames: tensorNames,
      advice: "give checkpoints of one network",
      missingStatistics: hasStatistics ? .refused : .unused)
  }

  private static func collect(
    _ segments: [(name: String, shape: [Int])], _ contents: CheckpointContents,
    _ architecture: String, _ advice: String, _ wanted: inout Set<String>
  ) throws(CheckpointError) -> Vector<Float> {
    var arrays: [NumericArray] = []
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
            + (advice.hasSuffix("\(.architecture)") ? "\(advice) or number of classes" : advice))
      }
      arrays.append(tensor.array)
      wanted.insert(name)
    }
    // Hundreds of millions of elements are written once, to where they stay.
    return unsafe Vector(uninitialized: arrays.reduce(0) { $0 + $1.count }) { elements in
      var start = 0
      for array in arrays {
        unsafe array.writeFloats(
          to: UnsafeMutableBufferPointer(rebasing: elements[start..<start + array.count]))
        start += array.count
      }
    }
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
