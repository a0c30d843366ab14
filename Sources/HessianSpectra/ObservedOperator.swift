package import Krylov
package import LinearAlgebra

/// Passes products through and tells how many there have been.
package final class ObservedOperator<Base: SymmetricOperator>: SymmetricOperator {
  private let base: Base
  private let observe: (Int) throws -> Void
  private var products = 0

  /// Creates the operator.
  ///
  /// - Parameters:
  ///   - base: The operator A.
  ///   - observe: Called after each product with the number so far; may throw to interrupt.
  package init(_ base: Base, observe: @escaping (Int) throws -> Void) {
    self.base = base
    self.observe = observe
  }

  /// Number of rows and columns.
  package var dimension: Int { base.dimension }

  /// The threads of the operator.
  package var pool: WorkerPool? { base.pool }

  /// `y <- A x`.
  package func apply(to x: Vector<Base.Scalar>, into y: inout Vector<Base.Scalar>) throws {
    try base.apply(to: x, into: &y)
    products += 1
    try observe(products)
  }

  /// `ys[k] <- A xs[k]`.
  package func apply(
    toEach xs: [Vector<Base.Scalar>], into ys: inout [Vector<Base.Scalar>]
  ) throws {
    try base.apply(toEach: xs, into: &ys)
    products += xs.count
    try observe(products)
  }
}
