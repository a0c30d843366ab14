public import LinearAlgebra

/// Symmetric matrix that is known only by its products with vectors.
///
/// Contract of every conformer, checked by `checkSymmetricOperator` in the tests:
/// - linear and symmetric up to rounding: `<u, A v> = <A u, v>`;
/// - deterministic: the same vector gives the same bits;
/// - the output is overwritten in full and never read;
/// - no state from one product changes the next.
///
/// There is no product of operators: that of two symmetric ones is not symmetric.
public protocol SymmetricOperator<Scalar> {
  /// Type of the elements of a vector; sums and dots are in `Double` all the same.
  associatedtype Scalar: BLASScalar

  /// Number of rows and columns.
  var dimension: Int { get }

  /// Threads that an algorithm may use between products; nil for the caller's alone.
  var pool: WorkerPool? { get }

  /// `y <- A x`.
  ///
  /// - Parameters:
  ///   - x: Vector of `dimension` elements.
  ///   - y: Vector of `dimension` elements, overwritten.
  /// - Throws: What computing the product throws, such as a failure to read data.
  func apply(to x: Vector<Scalar>, into y: inout Vector<Scalar>) throws

  /// `ys[k] <- A xs[k]` for each k; operators that share work between directions override it.
  ///
  /// - Parameters:
  ///   - xs: Vectors of `dimension` elements.
  ///   - ys: As many vectors of `dimension` elements, overwritten.
  /// - Throws: What computing a product throws.
  func apply(toEach xs: [Vector<Scalar>], into ys: inout [Vector<Scalar>]) throws
}

extension SymmetricOperator {
  /// None.
  public var pool: WorkerPool? { nil }

  /// One product after the other.
  public func apply(toEach xs: [Vector<Scalar>], into ys: inout [Vector<Scalar>]) throws {
    precondition(xs.count == ys.count, "\(xs.count) inputs and \(ys.count) outputs")
    for k in xs.indices { try apply(to: xs[k], into: &ys[k]) }
  }

  /// The product `A x` as a new vector, checked for non-finite values.
  ///
  /// - Throws: `KrylovError.nonFiniteProduct`, and what the operator throws.
  public func product(with x: Vector<Scalar>) throws -> Vector<Scalar> {
    var y = Vector<Scalar>(overwritten: dimension)
    try apply(to: x, into: &y)
    try requireFinite(y)
    return y
  }

  /// The products `A x` for each x as new vectors, checked for non-finite values.
  public func products(with xs: [Vector<Scalar>]) throws -> [Vector<Scalar>] {
    // One allocation each: copies of one vector would all be copied on the first write.
    var ys = xs.indices.map { _ in Vector<Scalar>(overwritten: dimension) }
    try apply(toEach: xs, into: &ys)
    for y in ys { try requireFinite(y) }
    return ys
  }

  private func requireFinite(_ y: Vector<Scalar>) throws {
    guard let index = y.firstNonFiniteIndex else { return }
    throw KrylovError.nonFiniteProduct(index: index)
  }
}
