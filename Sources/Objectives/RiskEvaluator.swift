package import LinearAlgebra
package import NeuralNetworks

/// Samples, options or a loss that a risk cannot be computed with.
public struct RiskError: Error, CustomStringConvertible {
  /// One line for the user.
  public let description: String

  /// Creates the error.
  public init(description: String) { self.description = description }
}

/// A loss over fixed samples as a function of a model's point: what analyses and training see of it.
///
/// `EmpiricalRisk` computes in this process; ranks, other devices and test doubles stand behind the
/// same protocol.
package protocol RiskEvaluator: AnyObject, Sendable {
  /// The model.
  var model: Model { get }
  /// Number of samples.
  var sampleCount: Int { get }
  /// The threads.
  var pool: WorkerPool { get }

  /// Mean loss and metric.
  func value(at point: ModelPoint) throws -> RiskValue
  /// Mean loss and its gradient.
  func gradient(at point: ModelPoint) throws -> (value: RiskValue, gradient: Vector<Float>)
  /// Buffers estimated anew from the samples.
  func recalibratedBuffers(at point: ModelPoint) throws -> Buffers
  /// Prepares products of a curvature matrix.
  func curvature(
    _ settings: CurvatureSettings, at point: ModelPoint
  ) throws -> any CurvatureEvaluator
  /// Plans products and says what memory they take.
  func curvatureMemory(_ settings: CurvatureSettings) throws -> CurvatureMemory
}

/// Products of a curvature matrix at a fixed point.
package protocol CurvatureEvaluator: AnyObject {
  /// The products with several directions in the space of all parameters, in the same order.
  func products(with directions: [Vector<Float>]) throws -> [Vector<Float>]
}

extension CurvatureEvaluator {
  /// The product with one direction.
  package func product(with direction: Vector<Float>) throws -> Vector<Float> {
    try products(with: [direction])[0]
  }
}

extension RiskEvaluator {
  /// Exact product of the Hessian with a direction.
  ///
  /// Forward over reverse mode: the tangent of the gradient (Pearlmutter 1994).
  ///
  /// - Complexity: About nine forward passes' worth of convolutions.
  package func hessianProduct(
    at point: ModelPoint, direction: Vector<Float>
  ) throws -> Vector<Float> {
    try curvature(CurvatureSettings(.hessian), at: point).product(with: direction)
  }

  /// Product of the generalised Gauss-Newton matrix with a direction.
  ///
  /// `G v = sum_r weight_r J_r^T H_r J_r v`, H_r the Hessian of row r's loss in the outputs
  /// (Schraudolph 2002).
  package func gaussNewtonProduct(
    at point: ModelPoint, direction: Vector<Float>
  ) throws -> Vector<Float> {
    try curvature(CurvatureSettings(.gaussNewton), at: point).product(with: direction)
  }
}
