public import LinearAlgebra

/// `M A M` with a diagonal M of zeros and ones: the rows and columns of some elements.
public struct MaskedOperator<Base: SymmetricOperator>: SymmetricOperator {
  /// The operator A.
  public let base: Base
  /// Diagonal of M.
  public let mask: Vector<Base.Scalar>

  /// Creates `M base M`.
  ///
  /// - Precondition: The mask has `base.dimension` elements.
  public init(_ base: Base, mask: Vector<Base.Scalar>) {
    precondition(mask.count == base.dimension, "mask of \(mask.count) for \(base.dimension)")
    self.base = base
    self.mask = mask
  }

  /// Number of rows and columns.
  public var dimension: Int { base.dimension }

  /// `y <- M A M x`.
  public func apply(to x: Vector<Base.Scalar>, into y: inout Vector<Base.Scalar>) throws {
    try base.apply(to: masked(x), into: &y)
    y.multiplyElements(by: mask)
  }

  /// `ys[k] <- M A M xs[k]`.
  public func apply(
    toEach xs: [Vector<Base.Scalar>], into ys: inout [Vector<Base.Scalar>]
  ) throws {
    try base.apply(toEach: xs.map(masked), into: &ys)
    for k in ys.indices { ys[k].multiplyElements(by: mask) }
  }

  private func masked(_ x: Vector<Base.Scalar>) -> Vector<Base.Scalar> {
    var result = x
    result.multiplyElements(by: mask)
    return result
  }
}
