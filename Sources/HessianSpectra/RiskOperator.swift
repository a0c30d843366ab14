internal import Krylov
package import LinearAlgebra
package import Objectives

/// Block of a curvature matrix of a risk as an operator for Krylov methods.
///
/// Its vectors have only the chosen elements, so a basis is small and the zero eigenvalues of
/// the other elements do not enter a density.
package struct RiskOperator: SymmetricOperator {
  /// Most vectors that pay to go through the network together: they share the passes that do not
  /// depend on them, but each takes memory.
  package static let blockSize = 4

  private let curvature: CurvatureProduct
  /// Vectors that are best multiplied together: no more go through the network at once.
  package let directionsAtOnce: Int
  /// The rows and columns.
  package let selection: ParameterSelection

  /// Creates the operator of a matrix at fixed weights.
  ///
  /// - Parameters:
  ///   - matrix: Which matrix.
  ///   - risk: The mean loss over samples.
  ///   - parameters: The weights.
  ///   - state: Running statistics.
  ///   - selection: Its rows and columns.
  ///   - labelSeed: Seed of the labels of a sampled Fisher matrix.
  ///   - labelDraws: Labels per sample of a sampled Fisher matrix.
  ///   - keptBytes: Memory for what does not depend on the direction.
  ///   - directionsAtOnce: Most vectors that go through the network together.
  /// - Throws: `RiskError` when labels are to be drawn from logits that are not finite.
  package init(
    _ matrix: CurvatureMatrix, of risk: EmpiricalRisk, at parameters: Vector<Float>,
    state: Vector<Float>, selection: ParameterSelection, labelSeed: UInt64 = 0,
    labelDraws: Int = 1, keptBytes: Int = 0, directionsAtOnce: Int = Self.blockSize
  ) throws {
    curvature = try CurvatureProduct(
      matrix, of: risk, at: parameters, state: state, segments: selection.segments,
      labelSeed: labelSeed, labelDraws: labelDraws, keptBytes: keptBytes,
      directionsAtOnce: directionsAtOnce)
    self.selection = selection
    self.directionsAtOnce = directionsAtOnce
  }

  /// Number of rows and columns.
  package var dimension: Int { selection.count }

  /// The threads of the risk.
  package var pool: WorkerPool? { curvature.risk.pool }

  /// `y <- A[selection, selection] x`.
  package func apply(to x: Vector<Float>, into y: inout Vector<Float>) throws {
    y = selection.restrict(try curvature.product(with: selection.embed(x)))
  }

  /// The same for each vector; what does not depend on them is computed once for several.
  package func apply(toEach xs: [Vector<Float>], into ys: inout [Vector<Float>]) throws {
    precondition(xs.count == ys.count, "\(xs.count) inputs and \(ys.count) outputs")
    ys = try curvature.products(with: xs.map(selection.embed)).map(selection.restrict)
  }
}
