internal import ComputationGraph
internal import Datasets
internal import NeuralNetworks
internal import Settings

/// Samples that fit a model and a loss, with the weights of their rows.
struct BoundSamples: Sendable {
  let samples: Samples
  let loss: BoundLoss
  let weights: RowWeights
  /// The arrays in the order of the model's inputs.
  let inputs: [SampleArray]
  /// Targets in place of those of the samples: `[count] + targetShape`.
  var drawnTargets: SampleArray?

  /// Checks that the samples fit.
  ///
  /// - Parameters:
  ///   - samples: The samples.
  ///   - model: The model.
  ///   - loss: The loss.
  ///   - mayBeEmpty: Whether there need be no row that counts, as in a batch of many.
  /// - Throws: `RiskError` when an input is missing or has another shape, an index is outside its
  ///   range, or a target is none that the loss takes; `DatasetError` when a file ends early.
  init(
    _ samples: Samples, model: Model, loss: BoundLoss, mayBeEmpty: Bool = false
  ) throws {
    self.samples = samples
    self.loss = loss
    inputs = try model.inputs.map { try Self.array(for: $0, of: model, in: samples) }
    for (input, array) in zip(model.inputs, inputs) {
      if case .index(let bound) = input.kind {
        try Self.checkIndices(of: array, below: bound, in: samples, model: model)
      }
    }
    weights = try RowWeights(loss, samples, mayBeEmpty: mayBeEmpty)
    try checkTargets()
  }

  /// The array of an input: that of its name, or the only one there is.
  private static func array(
    for input: ModelInput, of model: Model, in samples: Samples
  ) throws(RiskError) -> SampleArray {
    let named = samples.inputs.first { $0.name == input.name }
    let only = model.inputs.count == 1 && samples.inputs.count == 1 ? samples.inputs.first : nil
    guard let array = named ?? only else {
      let names = samples.inputs.map(\.name).joined(separator: ", ")
      throw RiskError(
        description: "\(model.name) takes \(input), but the data have \(names); name one of them "
          + "'\(input.name)'")
    }
    guard array.elementCount == input.shape.count else {
      throw RiskError(
        description: "'\(array.name)' has \(Shape(array.shape)) = \(array.elementCount) values per "
          + "sample but \(model.name) takes \(input) = \(input.shape.count); give data or "
          + "\(.architecture) of the same size")
    }
    return array
  }

  private static func checkIndices(
    of array: SampleArray, below bound: Int, in samples: Samples, model: Model
  ) throws {
    let block = max(1, (1 << 14) / max(array.elementCount, 1))
    for start in stride(from: 0, to: samples.count, by: block) {
      let values = try samples.values(of: array, start..<min(start + block, samples.count))
      if let place = values.firstIndex(where: {
        !($0 >= 0 && $0 < Float(bound) && $0 == $0.rounded())
      }) {
        let value = values[place]
        let text = Int(exactly: value).map(String.init) ?? "\(value)"
        throw RiskError(
          description: "sample \(start + place / array.elementCount) of '\(array.name)' holds "
            + "\(text), which is none of the tokens 0 to \(bound - 1) of \(model.name); give data "
            + "with the tokens it was trained on")
      }
    }
  }
}
