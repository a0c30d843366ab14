package import Communication
internal import FileFormats
public import Objectives

/// Loss and metric on a grid; the result of `landscape grid`.
public struct LossSurface: Sendable, Equatable {
  /// Coordinates along x.
  public let xs: [Double]
  /// Coordinates along y; one 0 for a line.
  public let ys: [Double]
  /// Mean loss, `loss[row * xs.count + column]` at `(xs[column], ys[row])`; may be non-finite.
  public let loss: [Double]
  /// What `score` is; nil where there is nothing but the loss.
  public let metric: Metric?
  /// The metric, in the same order; NaN where the loss is not finite, and without a metric.
  public let score: [Double]

  /// Creates a surface from values in row-major order.
  ///
  /// Where the loss is not finite the largest of the outputs means nothing: such a point has no
  /// accuracy, and not one of 0.
  public init(
    xs: [Double], ys: [Double], loss: [Double], metric: Metric? = .accuracy, score: [Double]
  ) {
    precondition(loss.count == xs.count * ys.count && score.count == loss.count)
    self.xs = xs
    self.ys = ys
    self.loss = loss
    self.metric = metric
    self.score = zip(loss, score).map { $0.isFinite ? $1 : .nan }
  }

  /// Number of points with a loss that is not finite.
  public var nonFiniteCount: Int { loss.count { !$0.isFinite } }

  /// Evaluates all points that a journal does not hold yet; ranks take them in turn.
  ///
  /// Points are taken from the centre outwards, so that an interrupted run already shows the
  /// middle; every value depends on its point alone.
  ///
  /// - Parameters:
  ///   - evaluator: Computes a value at a point.
  ///   - metric: What it reports beside the loss.
  ///   - xs: Coordinates along x.
  ///   - ys: Coordinates along y.
  ///   - ranks: Who evaluates points, each with a risk of its own.
  ///   - journalPath: File of finished points; created when missing. nil to keep none.
  ///   - configuration: Everything that the values depend on; another one in the journal is an
  ///     error.
  ///   - progress: Called before every point with the number that is done and the total.
  /// - Returns: The surface and the time of all evaluations, also of earlier runs and other ranks.
  /// - Throws: What the evaluation throws, `ArtifactError` for the journal, and what `progress`
  ///   throws, which ends the run; finished points are kept.
  package static func evaluate(
    _ evaluator: SurfaceEvaluator, metric: Metric?, xs: [Double], ys: [Double],
    ranks: any Communicator = Alone(), journalPath: String?, configuration: some Encodable,
    progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> (surface: LossSurface, seconds: Double) {
    let total = xs.count * ys.count
    let points = try PointJournal(
      path: journalPath, configuration: configuration, count: total, ranks: ranks)
    try points.evaluate(inOrder: order(xs, ys), progress: { try progress($0, total) }) { index in
      try evaluator.value(at: [xs[index % xs.count], ys[index / xs.count]])
    }
    let surface = LossSurface(
      xs: xs, ys: ys, loss: points.loss, metric: metric, score: points.score)
    return (surface, points.seconds)
  }

  /// Points by their distance from the origin.
  private static func order(_ xs: [Double], _ ys: [Double]) -> [Int] {
    let distance = (0..<xs.count * ys.count).map { index in
      let (x, y) = (xs[index % xs.count], ys[index / xs.count])
      return x * x + y * y
    }
    return distance.indices.sorted { (distance[$0], $0) < (distance[$1], $1) }
  }

  /// Writes the arrays `x`, `y`, `loss` and one named after the metric (shape `[ys, xs]`) as `.npz`.
  public func write(to path: String) throws {
    var writer = NPZWriter(isCompressed: true)
    writer.add("x", NumericArray(xs))
    writer.add("y", NumericArray(ys))
    writer.add("loss", NumericArray(loss, shape: [ys.count, xs.count]))
    if let metric {
      writer.add(metric.arrayName, NumericArray(score, shape: [ys.count, xs.count]))
    }
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
      arrays = try ["x", "y", "loss", metric?.arrayName ?? "loss"].map {
        (name) throws(FileFormatError) in try file.array(name)
      }
    } catch {
      throw SurfaceError(description: "\(error)")
    }
    let (xs, ys) = (arrays[0].doubles(), arrays[1].doubles())
    let (points, overflow) = xs.count.multipliedReportingOverflow(by: ys.count)
    guard !overflow, points > 0, arrays[2].shape == [ys.count, xs.count],
      arrays[3].shape == [ys.count, xs.count]
    else {
      throw SurfaceError(
        description: "\(path): loss \(arrays[2].shape) and metric \(arrays[3].shape) do not fit "
          + "\(xs.count) x \(ys.count) coordinates; run landscape grid again")
    }
    let loss = arrays[2].doubles()
    self.init(
      xs: xs, ys: ys, loss: loss, metric: metric,
      score: metric == nil ? loss.map { _ in .nan } : arrays[3].doubles())
  }
}
