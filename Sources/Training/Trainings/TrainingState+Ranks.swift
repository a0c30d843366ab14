internal import Artifacts
internal import Communication
internal import LinearAlgebra
internal import NeuralNetworks

extension TrainingState {
  /// What of a state is no vector.
  private struct Header: Codable {
    let epoch: Int
    let step: Int
    let hasMask: Bool
    let history: TrainingHistory
  }

  /// The state that the first rank has found in its folder, on all ranks.
  ///
  /// - Parameters:
  ///   - found: The state; on other ranks nil.
  ///   - model: The network.
  ///   - optimizer: What makes the steps.
  ///   - ranks: Who trains.
  /// - Returns: The state; nil where the first rank has none.
  /// - Throws: `RankFailure`.
  static func ofFirst(
    _ found: TrainingState?, model: Model, optimizer: BaseOptimizer, among ranks: any Communicator
  ) throws -> TrainingState? {
    guard ranks.size > 1 else { return found }
    let own = try found.map { state in
      try JSON.encode(
        Header(
          epoch: state.epoch, step: state.step, hasMask: state.mask != nil, history: state.history),
        onOneLine: true)
    }
    let bytes = try ranks.ofFirst(Array((own ?? "").utf8))
    guard !bytes.isEmpty else { return nil }
    let header = try JSON.decode(Header.self, from: bytes, path: "state of rank 0")
    var state = found ?? TrainingState(model, optimizer: optimizer, seed: 0)
    try broadcast(&state.point.weights.elements, among: ranks)
    try broadcast(&state.point.buffers.elements, among: ranks)
    try broadcast(&state.moments.first, among: ranks)
    if var second = state.moments.second {
      try broadcast(&second, among: ranks)
      state.moments.second = second
    }
    if header.hasMask {
      var mask = state.mask?.elements ?? Vector(zeros: model.layout.count)
      try broadcast(&mask, among: ranks)
      let values = mask.array
      state.mask = PerturbationMask(
        ones: values.indices.filter { values[$0] == 1 }, count: values.count)
    }
    state.epoch = header.epoch
    state.step = header.step
    state.history = header.history
    return state
  }

  private static func broadcast(
    _ vector: inout Vector<Float>, among ranks: any Communicator
  ) throws {
    unsafe try vector.withUnsafeMutableBuffer {
      unsafe try ranks.broadcast(UnsafeMutableRawBufferPointer($0))
    }
  }
}
