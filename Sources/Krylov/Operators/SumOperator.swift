public import LinearAlgebra

/// `A + B`.
public struct SumOperator<First: SymmetricOperator, Second: SymmetricOperator>: SymmetricOperator
where First.Scalar == Second.Scalar {
  /// The operator A.
  public let first: First
  /// The operator B.
  public let second: Second

  /// Creates `first + second`.
  ///
  /// - Precondition: Both have the same dimension.
  public init(_ first: First, _ second: Second) {
    precondition(
      first.dimension == second.dimension,
      "sum of operators of dimension \(first.dimension) and \(second.dimension)")
    self.first = first
    self.second = second
  }

  /// Number of rows and columns.
  public var dimension: Int { first.dimension }

  /// `y <- A x + B x`.
  public func apply(to x: Vector<First.Scalar>, into y: inout Vector<First.Scalar>) throws {
    try first.apply(to: x, into: &y)
    var other = Vector<First.Scalar>(zeros: dimension)
    try second.apply(to: x, into: &other)
    y.add(other)
  }

  /// `ys[k] <- A xs[k] + B xs[k]`.
  public func apply(
    toEach xs: [Vector<First.Scalar>], into ys: inout [Vector<First.Scalar>]
  ) throws {
    try first.apply(toEach: xs, into: &ys)
    var others = xs.indices.map { _ in Vector<First.Scalar>(zeros: dimension) }
    try second.apply(toEach: xs, into: &others)
    for k in ys.indices { ys[k].add(others[k]) }
  }
}
