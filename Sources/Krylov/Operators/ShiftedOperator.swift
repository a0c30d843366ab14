package import LinearAlgebra

/// `A + shift I`, such as a Hessian with weight decay.
package struct ShiftedOperator<Base: SymmetricOperator>: SymmetricOperator {
  /// The operator A.
  package let base: Base
  /// What is added to each diagonal entry.
  package let shift: Base.Scalar

  /// Creates `base + shift I`.
  package init(_ base: Base, by shift: Base.Scalar) {
    self.base = base
    self.shift = shift
  }

  /// Number of rows and columns.
  package var dimension: Int { base.dimension }

  /// `y <- A x + shift x`.
  package func apply(to x: Vector<Base.Scalar>, into y: inout Vector<Base.Scalar>) throws {
    try base.apply(to: x, into: &y)
    y.add(x, scaledBy: shift)
  }

  /// `ys[k] <- A xs[k] + shift xs[k]`.
  package func apply(
    toEach xs: [Vector<Base.Scalar>], into ys: inout [Vector<Base.Scalar>]
  ) throws {
    try base.apply(toEach: xs, into: &ys)
    for k in ys.indices { ys[k].add(xs[k], scaledBy: shift) }
  }
}
