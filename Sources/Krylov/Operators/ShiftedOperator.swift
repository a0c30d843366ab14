public import LinearAlgebra

/// `A + shift I`, such as a Hessian with weight decay.
public struct ShiftedOperator<Base: SymmetricOperator>: SymmetricOperator {
  /// The operator A.
  public let base: Base
  /// What is added to each diagonal entry.
  public let shift: Base.Scalar

  /// Creates `base + shift I`.
  public init(_ base: Base, by shift: Base.Scalar) {
    self.base = base
    self.shift = shift
  }

  /// Number of rows and columns.
  public var dimension: Int { base.dimension }

  /// `y <- A x + shift x`.
  public func apply(to x: Vector<Base.Scalar>, into y: inout Vector<Base.Scalar>) throws {
    try base.apply(to: x, into: &y)
    y.add(x, scaledBy: shift)
  }

  /// `ys[k] <- A xs[k] + shift xs[k]`.
  public func apply(
    toEach xs: [Vector<Base.Scalar>], into ys: inout [Vector<Base.Scalar>]
  ) throws {
    try base.apply(toEach: xs, into: &ys)
    for k in ys.indices { ys[k].add(xs[k], scaledBy: shift) }
  }
}
