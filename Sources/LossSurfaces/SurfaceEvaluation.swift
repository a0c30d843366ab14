package import LinearAlgebra
package import NeuralNetworks
package import Objectives
internal import Settings

/// Which statistics batch norms use at the points of a surface.
public enum SurfaceNormalization: String, Sendable, Codable, CaseIterable {
  /// Running statistics of the checkpoint at every point, as the published figures.
  case inference
  /// Statistics of each batch.
  case batch
  /// Running statistics estimated anew at every point.
  case recalibrated
}

/// A finding that makes a surface worthless.
public struct SurfaceError: Error, CustomStringConvertible {
  /// One line for the user.
  public let description: String
}

/// Loss at points `w + a x + b y`.
package struct SurfaceEvaluator {
  private let risk: any RiskEvaluator
  private let center: ModelPoint
  private let axes: [Vector<Float>]
  private let bufferAxes: [Vector<Float>]
  private let normalization: SurfaceNormalization
  private let last: LastPoint

  /// The last point, whose memory is used again.
  private final class LastPoint {
    var point: ModelPoint
    init(_ point: ModelPoint) { self.point = point }
  }

  /// Prepares the evaluation.
  ///
  /// - Parameters:
  ///   - risk: The loss over the samples; its batch-norm mode must be `.batch` for `.batch`.
  ///   - center: The centre.
  ///   - axes: One or two directions in the space of the weights.
  ///   - bufferAxes: How the running statistics move along the axes (between two checkpoints), or
  ///     none. They move for coordinates in 0 ... 1 and stay at the nearer end outside of it: a
  ///     variance that is extrapolated becomes negative, and there is no network to take one from.
  ///   - normalization: Which statistics batch norms use.
  package init(
    risk: any RiskEvaluator, center: ModelPoint, axes: [Vector<Float>],
    bufferAxes: [Vector<Float>] = [], normalization: SurfaceNormalization
  ) {
    self.risk = risk
    self.center = center
    self.axes = axes
    self.bufferAxes = bufferAxes
    self.normalization = normalization
    last = LastPoint(center)
  }

  /// Loss and right answers at one point; loss may be non-finite.
  package func value(at coordinates: [Double]) throws -> RiskValue {
    try risk.value(at: point(at: coordinates))
  }

  /// Weights and running statistics at one point.
  ///
  /// Its memory is used again for the next one where nobody holds it any more.
  package func point(at coordinates: [Double]) throws -> ModelPoint {
    last.point.weights.elements.assign(
      center.weights.elements,
      adding: zip(axes, coordinates).filter { $1 != 0 }.map { ($0, Float($1)) }, pool: risk.pool)
    last.point.buffers = center.buffers
    for (axis, coordinate) in zip(bufferAxes, coordinates) where coordinate > 0 {
      last.point.buffers.elements.add(axis, scaledBy: Float(min(coordinate, 1)))
    }
    if normalization == .recalibrated {
      last.point.buffers = try risk.recalibratedBuffers(at: last.point)
    }
    return last.point
  }

  /// The value at the centre.
  ///
  /// - Throws: `SurfaceError` when it is not finite: then no point means anything.
  package func centerValue() throws -> RiskValue {
    let value = try value(at: [0, 0])
    guard value.loss.isFinite else {
      throw SurfaceError(
        description: "the loss at the centre is \(value.loss); the weights do not fit the data "
          + "or its normalisation (\(.data), \(.normalization), \(.batchNorm))")
    }
    return value
  }
}
