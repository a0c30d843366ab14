internal import Checkpoints
internal import LinearAlgebra
internal import LossSurfaces
internal import NeuralNetworks

/// Reads the checkpoints of all paths, and keeps what their files say.
final class CheckpointReader {
  /// What is known of a checkpoint once it has been read.
  struct Origin {
    let sha256: String
    let epoch: Int?
  }

  let checkpoints: [TrajectoryPath.Checkpoint]
  /// The network at the centre.
  let model: OpenedModel
  private let memory: ByteCount
  private let pool: WorkerPool
  private var origins: [Int: Origin] = [:]

  init(
    _ checkpoints: [TrajectoryPath.Checkpoint], model: OpenedModel, memory: ByteCount,
    pool: WorkerPool
  ) {
    self.checkpoints = checkpoints
    self.model = model
    self.memory = memory
    self.pool = pool
  }

  /// Weights and running statistics of a checkpoint.
  ///
  /// - Throws: `AnalysisError` for one of another network, or that has changed since it was read first.
  func point(_ index: Int) throws -> ModelPoint {
    let checkpoint = checkpoints[index]
    let content = try checkpoint.read()
    guard content.point.fits(model.trained.model) else {
      throw AnalysisError(
        "is no \(model.trained.model.name) as \(model.path); a path takes checkpoints of one network",
        subject: checkpoint.path)
    }
    guard content.point.weights.elements.firstNonFiniteIndex == nil else {
      throw AnalysisError(
        "has weights that are not finite; leave it out", subject: checkpoint.path)
    }
    if let origin = origins[index] {
      guard origin.sha256 == content.sha256 else {
        throw AnalysisError(
          "has changed since this run began; start it again", subject: checkpoint.path)
      }
    } else {
      origins[index] = Origin(sha256: content.sha256, epoch: content.epoch)
    }
    return content.point
  }

  /// What a checkpoint that has been read says.
  func origin(_ index: Int) -> Origin {
    guard let origin = origins[index] else { preconditionFailure("not read yet") }
    return origin
  }

  /// Differences to the weights at the centre.
  ///
  /// - Parameter beforeReading: Called ahead of every reading.
  /// - Returns: What reads them when they are needed.
  func differences(beforeReading: @escaping () throws -> Void) -> WeightDifferences {
    WeightDifferences(
      centre: model.trained.point.weights.elements, count: checkpoints.count,
      memory: memory.bytes, pool: pool
    ) { index in
      try beforeReading()
      return try self.point(index).weights.elements
    }
  }

  /// What tells the checkpoints of every path apart in ascending numbers: epochs, else numbers of
  /// names, else places.
  func numbering(of paths: [TrajectoryPath]) -> TrajectorySummary.Numbering {
    for numbering in [TrajectorySummary.Numbering.epoch, .number] {
      let areAscending = places(of: paths).allSatisfy { places in
        let numbers = places.compactMap { number($0, numbering) }
        return numbers.count == places.count && zip(numbers, numbers.dropFirst()).allSatisfy(<)
      }
      if areAscending { return numbering }
    }
    return .position
  }

  private func number(_ index: Int, _ numbering: TrajectorySummary.Numbering) -> Int? {
    numbering == .epoch ? origins[index]?.epoch : checkpoints[index].number
  }

  /// The number of each checkpoint of each path.
  func numbers(of paths: [TrajectoryPath]) -> [[Int]] {
    let numbering = numbering(of: paths)
    return places(of: paths).map { places in
      places.enumerated().map { number($0.element, numbering) ?? $0.offset }
    }
  }

  /// Where the checkpoints of each path lie among those of all.
  func places(of paths: [TrajectoryPath]) -> [Range<Int>] {
    var start = 0
    return paths.map { path in
      defer { start += path.checkpoints.count }
      return start..<start + path.checkpoints.count
    }
  }
}
