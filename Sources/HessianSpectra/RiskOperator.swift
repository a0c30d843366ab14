public import Krylov
public import LinearAlgebra
package import NeuralNetworks
package import Objectives

/// Block of a curvature matrix of a risk as an operator for Krylov methods.
///
/// Its vectors have only the chosen elements, so a basis is small and the zero eigenvalues of
/// the other elements do not enter a density.
public struct RiskOperator: SymmetricOperator {
  /// Most vectors that pay to go through the network together: they share the passes that do not
  /// depend on them, but each takes memory.
  package static let blockSize = 4

  private let curvature: any CurvatureEvaluator
  /// Vectors that are best multiplied together: no more go through the network at once.
  package let directionsAtOnce: Int
  /// The rows and columns.
  package let selection: ParameterSelection

  /// Creates the operator of a matrix at fixed weights.
  ///
  /// - Parameters:
  ///   - settings: Which matrix, and how its products are computed; the block is that of `selection`.
  ///   - risk: The mean loss over samples.
  ///   - point: Weights and running statistics.
  ///   - selection: Its rows and columns.
  /// - Throws: `RiskError` when targets are to be drawn from outputs that are not finite.
  package init(
    _ settings: CurvatureSettings, of risk: any RiskEvaluator, at point: ModelPoint,
    selection: ParameterSelection
  ) throws {
    var settings = settings
    settings.segments = selection.segments
    curvature = try risk.curvature(settings, at: point)
    pool = risk.pool
    self.selection = selection
    directionsAtOnce = settings.directionsAtOnce
  }

  /// Number of rows and columns.
  public var dimension: Int { selection.count }

  /// The threads of the risk.
  public let pool: WorkerPool?

  /// `y <- A[selection, selection] x`.
  public func apply(to x: Vector<Float>, into y: inout Vector<Float>) throws {
    y = selection.restrict(try curvature.product(with: selection.embed(x)))
  }

  /// The same for each vector; what does not depend on them is computed once for several.
  public func apply(toEach xs: [Vector<Float>], into ys: inout [Vector<Float>]) throws {
    precondition(xs.count == ys.count, "\(xs.count) inputs and \(ys.count) outputs")
    ys = try curvature.products(with: xs.map(selection.embed)).map(selection.restrict)
  }
}
