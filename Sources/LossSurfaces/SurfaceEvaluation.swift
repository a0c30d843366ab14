package import LinearAlgebra
package import Objectives

/// Which statistics batch norms use at the points of a surface.
package enum SurfaceNormalization: String, Sendable, Codable, CaseIterable {
  /// Running statistics of the checkpoint at every point, as the published figures.
  case inference
  /// Statistics of each batch.
  case batch
  /// Running statistics estimated anew at every point.
  case recalibrated
}

/// A finding that makes a surface worthless.
package struct SurfaceError: Error, CustomStringConvertible {
  /// One line for the user.
  package let description: String
}

/// Loss at points `w + a x + b y`.
package struct SurfaceEvaluator {
  private let risk: EmpiricalRisk
  private let weights: Vector<Float>
  private let state: Vector<Float>
  private let axes: [Vector<Float>]
  private let stateAxes: [Vector<Float>]
  private let normalization: SurfaceNormalization
  private let point: Point

  /// The weights at the last point, whose memory is used again.
  private final class Point {
    var weights: Vector<Float>
    init(_ weights: Vector<Float>) { self.weights = weights }
  }

  /// Prepares the evaluation.
  ///
  /// - Parameters:
  ///   - risk: The loss over the samples; its batch-norm mode must be `.batch` for `.batch`.
  ///   - weights: The centre.
  ///   - state: Running statistics at the centre.
  ///   - axes: One or two directions in the space of the weights.
  ///   - stateAxes: How the running statistics move along the axes (between two checkpoints), or
  ///     none. They move for coordinates in 0 ... 1 and stay at the nearer end outside of it: a
  ///     variance that is extrapolated becomes negative, and there is no network to take one from.
  ///   - normalization: Which statistics batch norms use.
  package init(
    risk: EmpiricalRisk, weights: Vector<Float>, state: Vector<Float>, axes: [Vector<Float>],
    stateAxes: [Vector<Float>] = [], normalization: SurfaceNormalization
  ) {
    self.risk = risk
    self.weights = weights
    self.state = state
    self.axes = axes
    self.stateAxes = stateAxes
    self.normalization = normalization
    point = Point(weights)
  }

  /// Loss and right answers at one point; loss may be non-finite.
  package func value(at coordinates: [Double]) throws -> RiskValue {
    point.weights.assign(
      weights,
      adding: zip(axes, coordinates).filter { $1 != 0 }.map { ($0, Float($1)) }, pool: risk.pool)
    let w = point.weights
    var state = state
    for (axis, coordinate) in zip(stateAxes, coordinates) where coordinate > 0 {
      state.add(axis, scaledBy: Float(min(coordinate, 1)))
    }
    if normalization == .recalibrated {
      state = try risk.recalibratedState(at: w, state: state)
    }
    return try risk.value(at: w, state: state)
  }

  /// The value at the centre.
  ///
  /// - Throws: `SurfaceError` when it is not finite: then no point means anything.
  package func center() throws -> RiskValue {
    let value = try value(at: [0, 0])
    guard value.loss.isFinite else {
      throw SurfaceError(
        description: "the loss at the centre is \(value.loss); the weights do not fit the data "
          + "or its normalisation (--data, --normalize, --batch-norm)")
    }
    return value
  }
}
