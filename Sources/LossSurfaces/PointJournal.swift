internal import Artifacts
internal import Communication
internal import Objectives

/// Loss and metric of many points, which ranks evaluate in turn, with what is finished kept on disk.
struct PointJournal {
  private let journal: SharedJournal
  /// Values that need no evaluation.
  private var given: [Int: [Double]] = [:]
  private let count: Int

  /// Opens the journal and reads the points that it holds.
  ///
  /// - Parameters:
  ///   - path: Path of the file; created when missing. nil to keep none.
  ///   - configuration: Everything that the values depend on.
  ///   - count: Number of points.
  ///   - ranks: Who evaluates points.
  /// - Throws: `ArtifactError` when the journal belongs to another configuration or cannot be
  ///   written; `RankFailure`.
  init(
    path: String?, configuration: some Encodable, count: Int, ranks: any Communicator
  ) throws {
    self.count = count
    journal = try SharedJournal(path: path, configuration: configuration, ranks: ranks) {
      $0.key >= 0 && $0.key < count && $0.values.count == 3
    }
  }

  /// Loss of each point; NaN where it is missing.
  var loss: [Double] { (0..<count).map { value($0)?[0] ?? .nan } }

  /// Metric of each point; NaN where it is missing.
  var score: [Double] { (0..<count).map { value($0)?[1] ?? .nan } }

  /// Time of all evaluations, also of earlier runs and other ranks.
  var seconds: Double { journal.records.values.reduce(0) { $0 + $1[2] } }

  private func value(_ index: Int) -> [Double]? { given[index] ?? journal[index] }

  /// Sets a point that needs no evaluation.
  mutating func set(_ index: Int, _ loss: Double, _ score: Double) {
    given[index] = [loss, score]
  }

  /// Evaluates the points that are not finished; afterwards every rank has all values.
  ///
  /// - Parameters:
  ///   - order: The order in which points are begun.
  ///   - progress: Called with the number of finished points before each one of this rank, while it waits
  ///     for others, and at the end; may throw to end.
  ///   - value: Evaluates a point.
  /// - Throws: What `progress` and `value` throw, `ArtifactError` for the journal, `RankFailure`; finished
  ///   points are kept.
  func evaluate(
    inOrder order: [Int], progress: (_ done: Int) throws -> Void,
    _ value: (Int) throws -> RiskValue
  ) throws {
    let clock = ContinuousClock()
    func show() throws { try progress(given.keys.count { journal[$0] == nil } + journal.count) }
    try journal.compute(order.filter { given[$0] == nil }, check: show) { index in
      let started = clock.now
      let result = try value(index)
      return [result.loss, result.score, (clock.now - started) / .seconds(1)]
    }
    try journal.synchronize()
    try show()
  }
}
