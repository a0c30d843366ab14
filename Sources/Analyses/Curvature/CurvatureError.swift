internal import Checkpoints
internal import GraphRuntime
internal import HessianSpectra
internal import Krylov
internal import LinearAlgebra
internal import NeuralNetworks
internal import Objectives

/// How exact products are.
extension CurvatureRun {
  /// Products that a run takes beside those of its method: two that must repeat, and one that is
  /// computed otherwise too.
  static let checkProducts = 3

  /// Error of the products of an operator in single precision, as a distance of eigenvalues.
  ///
  /// The product with a vector is compared with one from direct instead of Winograd's convolutions,
  /// at weights of which half have moved to a neighbouring number. Gives back the memory of the plans
  /// that the products had.
  ///
  /// - Parameters:
  ///   - matrix: What `recordedOperator` gave.
  ///   - x: The unit vector of an eigenvalue.
  ///   - point: Weights and running statistics of the operator; nil for those of the model.
  /// - Returns: Three times the distance of the two products.
  /// - Throws: What cancels the run, and the errors of products.
  func arithmeticError(
    of matrix: RecordedOperator<RiskOperator>, at x: Vector<Float>, point: ModelPoint? = nil
  ) throws -> Double {
    let product = try matrix.product(with: x)
    risk.releasePlans()
    try context.checkCancellation()
    var direct = risk.options
    direct.convolution = .direct
    var moved = point ?? model.trained.point
    moved.weights.elements = moved.weights.elements.movedByRounding(seed: configuration.seed)
    let other = try RiskOperator(
      CurvatureSettings(
        configuration.matrix, targetSeed: configuration.seed,
        targetDraws: configuration.labelDraws, directionsAtOnce: 1),
      of: model.risk(direct, on: samples, pool: risk.pool, ranks: ranks), at: moved,
      selection: matrix.base.selection)
    return try HessianSpectra.arithmeticError(ofProduct: product, against: other, at: x)
  }
}
