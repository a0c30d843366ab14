internal import Artifacts
internal import Objectives

/// Loss and metric of many points, with what is finished kept on disk.
struct PointJournal {
  private let journal: Journal?
  /// Loss of each point; NaN where it is missing.
  private(set) var loss: [Double]
  /// Metric of each point; NaN where it is missing.
  private(set) var score: [Double]
  /// Time of all evaluations, also of earlier runs.
  private(set) var seconds = 0.0
  private var known: [Bool]

  /// Opens the journal and reads the points that it holds.
  ///
  /// - Parameters:
  ///   - path: Path of the file; created when missing. nil to keep none.
  ///   - configuration: Everything that the values depend on.
  ///   - count: Number of points.
  /// - Throws: `ArtifactError` when the journal belongs to another configuration or cannot be
  ///   written.
  init(path: String?, configuration: some Encodable, count: Int) throws {
    journal = try path.map { try Journal(path: $0, configuration: configuration) }
    loss = [Double](repeating: .nan, count: count)
    score = loss
    known = [Bool](repeating: false, count: count)
    for record in journal?.records ?? []
    where record.key >= 0 && record.key < count && record.values.count == 3 {
      set(record.key, record.values[0], record.values[1])
      seconds += record.values[2]
    }
  }

  /// Number of points that are finished.
  var finishedCount: Int { known.count { $0 } }

  /// Whether a point is finished.
  func isFinished(_ index: Int) -> Bool { known[index] }

  /// Sets a point that needs no evaluation.
  mutating func set(_ index: Int, _ loss: Double, _ score: Double) {
    self.loss[index] = loss
    self.score[index] = score
    known[index] = true
  }

  /// Evaluates a point and keeps its value.
  mutating func evaluate(_ index: Int, _ value: () throws -> RiskValue) throws {
    let clock = ContinuousClock()
    let started = clock.now
    let result = try value()
    let elapsed = (clock.now - started) / .seconds(1)
    set(index, result.loss, result.score)
    seconds += elapsed
    try journal?.append(Journal.Record(key: index, values: [result.loss, result.score, elapsed]))
  }

  /// Waits until the disk holds all points.
  func synchronize() throws { try journal?.synchronize() }
}
