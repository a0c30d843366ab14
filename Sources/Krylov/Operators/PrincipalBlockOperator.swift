public import LinearAlgebra

/// Principal block `A[range, range]` as an operator of its own, such as one layer's curvature.
///
/// Unlike `MaskedOperator` its vectors have only the elements of the range, so a basis is small
/// and the zero eigenvalues of the other elements do not enter a density.
public struct PrincipalBlockOperator<Base: SymmetricOperator>: SymmetricOperator {
  /// The operator A.
  public let base: Base
  /// Indices of the rows and columns.
  public let range: Range<Int>

  /// Creates the block.
  ///
  /// - Precondition: The range lies in `0 ..< base.dimension`.
  public init(_ base: Base, range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= base.dimension,
      "block \(range) of an operator of dimension \(base.dimension)")
    self.base = base
    self.range = range
  }

  /// Number of rows and columns.
  public var dimension: Int { range.count }

  /// `y <- A[range, range] x`.
  public func apply(to x: Vector<Base.Scalar>, into y: inout Vector<Base.Scalar>) throws {
    var product = Vector<Base.Scalar>(zeros: base.dimension)
    try base.apply(to: embedded(x), into: &product)
    y = product[range]
  }

  /// `ys[k] <- A[range, range] xs[k]`.
  public func apply(
    toEach xs: [Vector<Base.Scalar>], into ys: inout [Vector<Base.Scalar>]
  ) throws {
    var products = xs.indices.map { _ in Vector<Base.Scalar>(zeros: base.dimension) }
    try base.apply(toEach: xs.map(embedded), into: &products)
    for k in ys.indices { ys[k] = products[k][range] }
  }

  private func embedded(_ x: Vector<Base.Scalar>) -> Vector<Base.Scalar> {
    var result = Vector<Base.Scalar>(zeros: base.dimension)
    result.setElements(from: range.lowerBound, to: x)
    return result
  }
}
