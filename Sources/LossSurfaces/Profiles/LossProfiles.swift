package import Communication
internal import FileFormats
public import Objectives

/// Loss and metric along several directions through the same weights.
public struct LossProfiles: Sendable, Equatable {
  /// Coordinates along every direction.
  public let xs: [Double]
  /// Mean loss, `loss[profile][point]`; may be non-finite.
  public let loss: [[Double]]
  /// What `score` is; nil where there is nothing but the loss.
  public let metric: Metric?
  /// The metric, in the same order; NaN where the loss is not finite, and without a metric.
  public let score: [[Double]]

  /// Creates profiles from their values.
  package init(xs: [Double], loss: [[Double]], metric: Metric?, score: [[Double]]) {
    precondition(
      loss.count == score.count
        && zip(loss, score).allSatisfy { $0.count == xs.count && $1.count == xs.count },
      "a profile has a value at every coordinate")
    self.xs = xs
    self.loss = loss
    self.metric = metric
    self.score = zip(loss, score).map { zip($0, $1).map { $0.isFinite ? $1 : .nan } }
  }

  /// Number of values with a loss that is not finite.
  public var nonFiniteCount: Int { loss.reduce(0) { $0 + $1.count { !$0.isFinite } } }

  /// Evaluates all points that a journal does not hold yet.
  ///
  /// Profile by profile, each from the weights outwards. The weights themselves are not evaluated again
  /// for every direction.
  ///
  /// - Parameters:
  ///   - directions: How many directions there are.
  ///   - center: The value at the weights.
  ///   - xs: Coordinates along every direction.
  ///   - metric: What is reported beside the loss.
  ///   - ranks: Who evaluates points, each with a risk of its own.
  ///   - journalPath: File of finished points; created when missing. nil to keep none.
  ///   - configuration: Everything that the values depend on; another one in the journal is an error.
  ///   - evaluator: Makes a direction and computes values along it; called for directions that are not
  ///     finished.
  ///   - progress: Called before every point with the number that is done and the total.
  /// - Returns: The profiles and the time of all evaluations, also of earlier runs.
  /// - Throws: What the evaluation throws, `ArtifactError` for the journal, and what `progress` throws,
  ///   which ends the run; finished points are kept.
  package static func evaluate(
    directions: Int, center: RiskValue, xs: [Double], metric: Metric?,
    ranks: any Communicator = Alone(), journalPath: String?,
    configuration: some Encodable, evaluator: (Int) throws -> SurfaceEvaluator,
    progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> (profiles: LossProfiles, seconds: Double) {
    let total = directions * xs.count
    var points = try PointJournal(
      path: journalPath, configuration: configuration, count: total, ranks: ranks)
    let order = xs.indices.sorted { (abs(xs[$0]), $0) < (abs(xs[$1]), $1) }
    for direction in 0..<directions {
      for point in order where xs[point] == 0 {
        points.set(direction * xs.count + point, center.loss, center.score)
      }
    }
    // A direction is made once for its points, which follow each other.
    var line: (direction: Int, evaluator: SurfaceEvaluator)?
    try points.evaluate(
      inOrder: (0..<directions).flatMap { direction in order.map { direction * xs.count + $0 } },
      progress: { try progress($0, total) }
    ) { index in
      let direction = index / xs.count
      let along: SurfaceEvaluator
      if let line, line.direction == direction {
        along = line.evaluator
      } else {
        line = nil
        along = try evaluator(direction)
        line = (direction, along)
      }
      return try along.value(at: [xs[index % xs.count]])
    }
    func rows(_ values: [Double]) -> [[Double]] {
      (0..<directions).map { Array(values[$0 * xs.count..<($0 + 1) * xs.count]) }
    }
    let profiles = LossProfiles(
      xs: xs, loss: rows(points.loss), metric: metric, score: rows(points.score))
    return (profiles, points.seconds)
  }

  /// Quantile of the loss at every coordinate, over the profiles.
  public func lossQuantile(_ share: Double) -> [Double] { Self.quantile(share, of: loss) }

  /// Quantile of the metric at every coordinate; a profile whose loss is not finite is left out.
  public func scoreQuantile(_ share: Double) -> [Double] {
    xs.indices.map { point in
      let known = score.map { $0[point] }.filter(\.isFinite)
      return known.isEmpty ? .nan : Quantile(known).value(share)
    }
  }

  private static func quantile(_ share: Double, of rows: [[Double]]) -> [Double] {
    guard let count = rows.first?.count else { return [] }
    return (0..<count).map { point in Quantile(rows.map { $0[point] }).value(share) }
  }

  /// Shares of the quantiles that files hold.
  public static let shares = [0.05, 0.25, 0.5, 0.75, 0.95]

  /// Writes `x`, `loss` and the metric (shape `[profiles, x]`), and the quantiles of the loss over the
  /// profiles (`quantiles`, and `loss_quantiles` of shape `[quantiles, x]`) as `.npz`.
  public func write(to path: String) throws {
    var writer = NPZWriter(isCompressed: true)
    writer.add("x", NumericArray(xs))
    writer.add("loss", NumericArray(loss.flatMap(\.self), shape: [loss.count, xs.count]))
    if let metric {
      writer.add(
        metric.arrayName, NumericArray(score.flatMap(\.self), shape: [score.count, xs.count]))
    }
    writer.add("quantiles", NumericArray(Self.shares))
    writer.add(
      "loss_quantiles",
      NumericArray(Self.shares.flatMap(lossQuantile), shape: [Self.shares.count, xs.count]))
    try writer.write(to: path)
  }

  /// Reads what `write` wrote.
  ///
  /// - Throws: `SurfaceError` when arrays are missing or their shapes do not fit.
  public init(path: String) throws {
    let arrays: [NumericArray]
    let metric: Metric?
    do throws(FileFormatError) {
      let file = try NPZFile(path: path)
      metric = Metric.allCases.first { file.contains($0.arrayName) }
      arrays = try ["x", "loss", metric?.arrayName ?? "loss"].map {
        (name) throws(FileFormatError) in try file.array(name)
      }
    } catch {
      throw SurfaceError(description: "\(error)")
    }
    let xs = arrays[0].doubles()
    let shape = arrays[1].shape
    guard shape.count == 2, shape[0] > 0, !xs.isEmpty, shape[1] == xs.count,
      arrays[2].shape == shape
    else {
      throw SurfaceError(
        description: "\(path): loss \(shape) and metric \(arrays[2].shape) are no profiles over "
          + "\(xs.count) coordinates; run landscape line again")
    }
    func rows(_ array: NumericArray) -> [[Double]] {
      let values = array.doubles()
      return (0..<shape[0]).map { Array(values[$0 * xs.count..<($0 + 1) * xs.count]) }
    }
    let loss = rows(arrays[1])
    self.init(
      xs: xs, loss: loss, metric: metric,
      score: metric == nil ? loss.map { $0.map { _ in .nan } } : rows(arrays[2]))
  }
}
