public import LinearAlgebra
internal import Synchronization

/// Passes products through and counts them.
public final class CountingOperator<Base: SymmetricOperator>: SymmetricOperator {
  /// The operator that is counted.
  public let base: Base
  private let counter = Atomic<Int>(0)

  /// Creates a counter at zero.
  public init(_ base: Base) { self.base = base }

  /// Number of products so far.
  public var applications: Int { counter.load(ordering: .relaxed) }

  /// Number of rows and columns.
  public var dimension: Int { base.dimension }

  /// The threads of the operator.
  public var pool: WorkerPool? { base.pool }

  /// `y <- A x`; one product.
  public func apply(to x: Vector<Base.Scalar>, into y: inout Vector<Base.Scalar>) throws {
    counter.add(1, ordering: .relaxed)
    try base.apply(to: x, into: &y)
  }

  /// `ys[k] <- A xs[k]`; `xs.count` products.
  public func apply(
    toEach xs: [Vector<Base.Scalar>], into ys: inout [Vector<Base.Scalar>]
  ) throws {
    counter.add(xs.count, ordering: .relaxed)
    try base.apply(toEach: xs, into: &ys)
  }
}
