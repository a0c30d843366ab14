public import LinearAlgebra

/// `(I - V V^T) A (I - V V^T)`: the operator with the span of known vectors taken out.
///
/// The known eigenvalues become 0; all others stay.
public struct DeflatedOperator<Base: SymmetricOperator>: SymmetricOperator {
  /// The operator A.
  public let base: Base
  private let known: ColumnMatrix<Base.Scalar>

  /// Creates the deflated operator.
  ///
  /// - Parameters:
  ///   - base: The operator A.
  ///   - known: Orthonormal vectors, such as eigenvectors that have been found.
  public init(_ base: Base, removing known: [Vector<Base.Scalar>]) {
    self.base = base
    self.known = ColumnMatrix(rows: base.dimension, columns: known)
  }

  /// Number of rows and columns.
  public var dimension: Int { base.dimension }

  /// `y <- (I - V V^T) A (I - V V^T) x`.
  public func apply(to x: Vector<Base.Scalar>, into y: inout Vector<Base.Scalar>) throws {
    try base.apply(to: removingKnown(x), into: &y)
    y = removingKnown(y)
  }

  /// The same for each vector.
  public func apply(
    toEach xs: [Vector<Base.Scalar>], into ys: inout [Vector<Base.Scalar>]
  ) throws {
    try base.apply(toEach: xs.map(removingKnown), into: &ys)
    for k in ys.indices { ys[k] = removingKnown(ys[k]) }
  }

  private func removingKnown(_ x: Vector<Base.Scalar>) -> Vector<Base.Scalar> {
    var result = x
    known.subtractCombination(known.project(x), from: &result)
    return result
  }
}
