public import LinearAlgebra

/// `factor A`.
public struct ScaledOperator<Base: SymmetricOperator>: SymmetricOperator {
  /// The operator A.
  public let base: Base
  /// The factor.
  public let factor: Base.Scalar

  /// Creates `factor base`.
  public init(_ base: Base, by factor: Base.Scalar) {
    self.base = base
    self.factor = factor
  }

  /// Number of rows and columns.
  public var dimension: Int { base.dimension }

  /// `y <- factor A x`.
  public func apply(to x: Vector<Base.Scalar>, into y: inout Vector<Base.Scalar>) throws {
    try base.apply(to: x, into: &y)
    y.scale(by: factor)
  }

  /// `ys[k] <- factor A xs[k]`.
  public func apply(
    toEach xs: [Vector<Base.Scalar>], into ys: inout [Vector<Base.Scalar>]
  ) throws {
    try base.apply(toEach: xs, into: &ys)
    for k in ys.indices { ys[k].scale(by: factor) }
  }
}
