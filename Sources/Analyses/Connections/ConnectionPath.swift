internal import Datasets
internal import GraphRuntime
internal import LinearAlgebra
internal import LossSurfaces
internal import NeuralNetworks
internal import Objectives
internal import Training

/// A curve or line between two networks, and the places where it is looked at.
struct ConnectionPath {
  /// The network at 0.
  let start: ModelPoint
  /// All control points, ends included.
  let controls: [Vector<Float>]
  let shape: CurveShape
  let places: [Double]

  /// Directions from the start to the other control points, along which the coefficients are coordinates.
  var axes: [Vector<Float>] {
    controls.dropFirst().map { control in
      var axis = control
      axis.add(controls[0], scaledBy: -1)
      return axis
    }
  }

  /// Coordinates of a place along the axes.
  func coordinates(at t: Double) -> [Double] {
    Array(shape.coefficients(at: t, points: controls.count).dropFirst())
  }

  /// Length of the chain through the places, from the inner products of the axes.
  func length(pool: WorkerPool) -> Double {
    let axes = axes
    let products = axes.map { a in axes.map { a.dot($0) } }
    return zip(places, places.dropFirst()).reduce(0) { sum, pair in
      let step = zip(coordinates(at: pair.0), coordinates(at: pair.1)).map { $1 - $0 }
      var square = 0.0
      for (i, a) in step.enumerated() {
        for (j, b) in step.enumerated() { square += a * b * products[i][j] }
      }
      return sum + max(square, 0).squareRoot()
    }
  }
}

/// Measures the loss along paths on one split.
struct ConnectionMeter {
  /// Risk over the samples that batch norms are re-estimated from.
  private let statistics: any RiskEvaluator
  private let risk: any RiskEvaluator
  private let parts: [any RiskEvaluator]
  private let step: () throws -> Void

  /// Prepares the measurements.
  ///
  /// - Parameters:
  ///   - statistics: The samples for batch norms.
  ///   - model: The network with the samples of the split.
  ///   - parts: Disjoint parts for the error of a barrier.
  ///   - convolution: Which convolution algorithms may be used.
  ///   - step: Called before each place.
  /// - Throws: `RiskError` when samples and model do not fit each other.
  init(
    statistics: EmpiricalRisk, model: OpenedModel, parts: Int, convolution: ConvolutionChoice,
    step: @escaping () throws -> Void
  ) throws {
    let options = RiskOptions(convolution: convolution)
    self.statistics = statistics
    self.step = step
    risk = try model.risk(options, pool: statistics.pool)
    let size = model.data.count / max(parts, 1)
    self.parts =
      parts < 2 || size < 2
      ? []
      : try (0..<parts).map {
        try model.risk(
          options, on: model.data.samples.selecting($0 * size..<($0 + 1) * size),
          pool: statistics.pool)
      }
  }

  /// The losses at all places of a path, and its barrier.
  func profile(
    _ path: ConnectionPath
  ) throws -> (places: [ConnectionSummary.Place], barrier: ConnectionSummary.Barrier?) {
    let axes = path.axes
    var point = path.start
    func move(to t: Double) throws {
      point.weights.elements.assign(
        path.start.weights.elements,
        adding: zip(axes, path.coordinates(at: t)).filter { $1 != 0 }.map { ($0, Float($1)) },
        pool: statistics.pool)
      if point.buffers.elements.count > 0 {
        point.buffers = try statistics.recalibratedBuffers(at: point)
      }
    }
    let values = try path.places.map { t in
      try step()
      try move(to: t)
      return try risk.value(at: point)
    }
    let places = zip(path.places, values).map { t, value in
      ConnectionSummary.Place(
        t: t, loss: value.loss.isFinite ? value.loss : nil, score: value.finiteScore)
    }
    guard let highest = Self.highest(path.places, values.map(\.loss)) else { return (places, nil) }
    // The ends and the highest place once more, part by part.
    var losses: [[Double]] = []
    for t in parts.isEmpty ? [] : [0, highest.t, 1] {
      try move(to: t)
      losses.append(try parts.map { try $0.value(at: point).loss })
    }
    let heights = parts.indices.map {
      losses[1][$0] - ((1 - highest.t) * losses[0][$0] + highest.t * losses[2][$0])
    }
    let spread = Spread(heights)
    return (
      places,
      ConnectionSummary.Barrier(
        height: highest.height, t: highest.t,
        standardError: spread.flatMap { spread in
          spread.standardDeviation.map { $0 / Double(spread.count).squareRoot() }
        })
    )
  }

  /// The place where a path rises most above the line between the losses of its ends.
  static func highest(_ places: [Double], _ losses: [Double]) -> (t: Double, height: Double)? {
    guard let first = losses.first, let last = losses.last, losses.allSatisfy(\.isFinite) else {
      return nil
    }
    return zip(places, losses).map { (t: $0, height: $1 - ((1 - $0) * first + $0 * last)) }
      .max { $0.height < $1.height }
  }
}
