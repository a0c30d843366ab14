/// A curvature matrix of an empirical risk.
public enum CurvatureMatrix: String, Sendable, Codable, CaseIterable {
  /// Second derivatives of the mean loss.
  case hessian
  /// `sum_r weight_r J_r^T H_r J_r` over the rows r, with H_r the Hessian of the row's loss in the
  /// outputs, or in their logarithms where they are probabilities; positive semidefinite.
  ///
  /// For cross-entropy, squared error and binary cross-entropy it is the Fisher matrix of the model.
  case gaussNewton = "gauss-newton"
  /// Empirical Fisher `sum_r weight_r g_r g_r^T` with g_r the gradient of one row's loss.
  case fisher
  /// The same with targets drawn from the model: a Monte Carlo estimate of its Fisher matrix.
  case sampledFisher = "sampled-fisher"

  /// What a product with it is.
  var quantity: RiskQuantity {
    switch self {
    case .hessian: .hessianProduct
    case .gaussNewton: .gaussNewtonProduct
    case .fisher, .sampledFisher: .fisherProduct
    }
  }
}

/// Which matrix, which block of it, and how its products are computed.
package struct CurvatureSettings: Sendable {
  /// Which matrix.
  package var matrix: CurvatureMatrix
  /// Indices of the tensors whose block is wanted, ascending; nil for all.
  ///
  /// What other tensors would need is not computed.
  package var segments: [Int]?
  /// Seed of the targets of a sampled Fisher matrix.
  package var targetSeed: UInt64
  /// Targets drawn per row; a product takes that many times longer, and nothing is kept.
  package var targetDraws: Int
  /// Memory for what does not depend on the direction: activations, cotangents and transformed
  /// weights of as many samples as fit are computed once for all products.
  ///
  /// The gradient, of which a product needs parts, is always kept.
  package var keptBytes: Int
  /// Most directions that go through the network together, each with memory of its own.
  package var directionsAtOnce: Int

  /// Creates settings.
  package init(
    _ matrix: CurvatureMatrix, segments: [Int]? = nil, targetSeed: UInt64 = 0,
    targetDraws: Int = 1, keptBytes: Int = 0, directionsAtOnce: Int = 4
  ) {
    precondition(targetDraws > 0 && directionsAtOnce > 0, "at least one draw and direction")
    self.matrix = matrix
    self.segments = segments
    self.targetSeed = targetSeed
    self.targetDraws = targetDraws
    self.keptBytes = keptBytes
    self.directionsAtOnce = directionsAtOnce
  }

  /// The tensors that products have elements for; nil where they are all `count` of a model.
  func support(of count: Int) -> GradientSupport? {
    segments.flatMap { $0.count == count ? nil : GradientSupport(segments: $0) }
  }
}

/// Memory of products, in bytes.
package struct CurvatureMemory: Sendable {
  /// What the plan holds.
  package let held: Int
  /// What the first product adds at its largest moment, beside its direction.
  package let added: Int
  /// What could be kept for the others.
  package let keepable: Int

  /// Joins the parts.
  package init(held: Int, added: Int, keepable: Int) {
    self.held = held
    self.added = added
    self.keepable = keepable
  }
}
