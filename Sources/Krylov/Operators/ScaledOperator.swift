package import LinearAlgebra

/// `factor A`.
package struct ScaledOperator<Base: SymmetricOperator>: SymmetricOperator {
  /// The operator A.
  package let base: Base
  /// The factor.
  package let factor: Base.Scalar

  /// Creates `factor base`.
  package init(_ base: Base, by factor: Base.Scalar) {
    self.base = base
    self.factor = factor
  }

  /// Number of rows and columns.
  package var dimension: Int { base.dimension }

  /// `y <- factor A x`.
  package func apply(to x: Vector<Base.Scalar>, into y: inout Vector<Base.Scalar>) throws {
    try base.apply(to: x, into: &y)
    y.scale(by: factor)
  }

  /// `ys[k] <- factor A xs[k]`.
  package func apply(
    toEach xs: [Vector<Base.Scalar>], into ys: inout [Vector<Base.Scalar>]
  ) throws {
    try base.apply(toEach: xs, into: &ys)
    for k in ys.indices { ys[k].scale(by: factor) }
  }
}
