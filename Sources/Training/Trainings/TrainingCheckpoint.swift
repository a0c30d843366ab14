internal import Artifacts
package import Checkpoints
internal import FileFormats
internal import Foundation
internal import LinearAlgebra
package import NeuralNetworks

/// A training state as a file, and back with the same bits.
package enum TrainingCheckpoint {
  private static let firstMoment = "training.momentum"
  private static let secondMoment = "training.second-moment"
  private static let mask = "training.mask"
  private static let counters = "training.counters"
  private static let history = "training.history"

  private struct Counters: Codable {
    let epoch: Int
    let step: Int
  }

  /// Tensors and texts that a state has beside the model itself.
  package static func parts(
    of state: TrainingState
  ) throws -> (tensors: [StoredTensor], texts: [String: String]) {
    var tensors = [
      StoredTensor(name: firstMoment, array: NumericArray(state.moments.first.array))
    ]
    if let second = state.moments.second {
      tensors.append(StoredTensor(name: secondMoment, array: NumericArray(second.array)))
    }
    tensors += maskTensors(state)
    return (
      tensors,
      [
        counters: try JSON.encode(
          Counters(epoch: state.epoch, step: state.step), onOneLine: true),
        history: try JSON.encode(state.history, onOneLine: true),
      ]
    )
  }

  /// The mask of a state, if it has one, as a tensor of zeros and ones.
  package static func maskTensors(_ state: TrainingState) -> [StoredTensor] {
    guard let mask = state.mask else { return [] }
    let bytes = mask.elements.array.map { UInt8($0) }
    return [StoredTensor(name: self.mask, array: NumericArray(bytes))]
  }

  /// The mask that a checkpoint holds, if there is one.
  ///
  /// - Throws: `CheckpointError` when it does not fit the network.
  package static func readMask(
    _ contents: CheckpointContents, layout: ParameterLayout
  ) throws(CheckpointError) -> PerturbationMask? {
    guard let tensor = contents[mask] else { return nil }
    let values = tensor.floats()
    guard values.count == layout.count, values.allSatisfy({ $0 == 0 || $0 == 1 }) else {
      throw CheckpointError(
        contents.path, tensor: mask, "is no mask of the network's parameters; train again")
    }
    return PerturbationMask(ones: values.indices.filter { values[$0] == 1 }, count: layout.count)
  }

  /// The state in a checkpoint.
  ///
  /// - Throws: `CheckpointError` when the file is damaged or holds no state of a training of the model
  ///   with the optimizer.
  package static func read(
    _ contents: CheckpointContents, model: Model, optimizer: BaseOptimizer
  ) throws -> TrainingState {
    func missing(_ name: String) -> CheckpointError {
      CheckpointError(
        contents.path, "holds no \(quoted(name)) that fits; remove it to start again")
    }
    let trained = try TrainedModel(contents, model: model)
    func moment(_ name: String) throws -> Vector<Float> {
      guard let values = contents[name]?.floats(), values.count == model.layout.count else {
        throw missing(name)
      }
      return Vector(values)
    }
    guard let counterText = contents.metadata[counters] else { throw missing(counters) }
    guard let historyText = contents.metadata[history] else { throw missing(history) }
    let counters = try JSON.decode(
      Counters.self, from: Array(counterText.utf8), path: contents.path)
    var state = TrainingState(model, optimizer: optimizer, seed: 0)
    state.point = trained.point
    state.moments.first = try moment(firstMoment)
    if state.moments.second != nil {
      let second = try moment(secondMoment)
      guard second.array.allSatisfy({ $0 >= 0 }) else { throw missing(secondMoment) }
      state.moments.second = second
    }
    state.mask = try readMask(contents, layout: model.layout)
    state.epoch = counters.epoch
    state.step = counters.step
    state.history = try JSON.decode(
      TrainingHistory.self, from: Array(historyText.utf8), path: contents.path)
    guard state.epoch >= 0, state.step >= 0, state.history.epochs.count == state.epoch else {
      throw missing(Self.counters)
    }
    return state
  }
}
