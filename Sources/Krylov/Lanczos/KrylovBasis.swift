package import Communication
package import LinearAlgebra

/// Orthonormal vectors of which each rank holds some rows.
///
/// Rows are divided by whole sections of `ColumnMatrix`, in the order of the ranks. What the ranks exchange
/// are the sums of each section, which all add up in the order of the rows, and the rows of a vector that
/// comes out: results have the bits of a single process. All ranks call the same methods in the same order.
package struct KrylovBasis<Scalar: BLASScalar>: Sendable {
  /// Length of a vector, d.
  package let dimension: Int
  private let ranks: any Communicator
  private let division: RowDivision
  private var held: ColumnMatrix<Scalar>

  /// Creates a basis without vectors.
  package init(dimension: Int, ranks: any Communicator) {
    self.dimension = dimension
    self.ranks = ranks
    division = RowDivision(of: dimension, among: ranks.size)
    held = ColumnMatrix(rows: division.rows(of: ranks.rank).count)
  }

  /// Number of vectors.
  package var count: Int { held.columns }

  /// Threads for products; the bits do not depend on them.
  package var pool: WorkerPool? {
    get { held.pool }
    set { held.pool = newValue }
  }

  /// Bytes of memory that the rows of this rank take.
  package var byteCount: Int { held.byteCount }

  /// Appends a vector.
  package mutating func append(_ vector: Vector<Scalar>) { held.append(ownRows(of: vector)) }

  /// Removes the vectors from an index on.
  package mutating func removeLast(keeping count: Int) { held.removeLast(keeping: count) }

  /// Copy of one vector.
  ///
  /// - Throws: `RankFailure` among ranks.
  package func vector(_ index: Int) throws -> Vector<Scalar> { try joined(held.column(index)) }

  /// `ColumnMatrix.orthogonalize`.
  ///
  /// - Throws: `RankFailure` among ranks.
  /// - Complexity: O(d count / ranks), three passes over the own rows; each rank sends its rows of y.
  package func orthogonalize(_ y: inout Vector<Scalar>) throws -> [Double] {
    guard ranks.size > 1 else { return held.orthogonalize(&y) }
    guard count > 0 else { return [] }
    var own = ownRows(of: y)
    let coefficients = try held.orthogonalize(&own, sum: sumOverRanks)
    y = try joined(own)
    return coefficients
  }

  /// Linear combination `V c` of the vectors.
  ///
  /// - Throws: `RankFailure` among ranks.
  /// - Complexity: O(d count / ranks), one pass over the own rows.
  package func combine(_ coefficients: [Double]) throws -> Vector<Scalar> {
    try joined(held.combine(coefficients))
  }

  /// `ColumnMatrix.replaceColumns`, which needs no other rank.
  package mutating func replace(byCombinations combinations: [[Double]]) {
    held.replaceColumns(byCombinations: combinations)
  }

  private func ownRows(of vector: Vector<Scalar>) -> Vector<Scalar> {
    precondition(vector.count == dimension, "vector of \(vector.count), not \(dimension)")
    guard ranks.size > 1 else { return vector }
    return unsafe vector.withUnsafeBuffer { source in
      unsafe Vector(UnsafeBufferPointer(rebasing: source[division.rows(of: ranks.rank)]))
    }
  }

  private func joined(_ own: Vector<Scalar>) throws -> Vector<Scalar> {
    guard ranks.size > 1 else { return own }
    var vector = Vector<Scalar>(overwritten: dimension)
    vector.setElements(from: division.rows(of: ranks.rank).lowerBound, to: own)
    unsafe try vector.withUnsafeMutableBuffer { elements in
      unsafe try ranks.join(
        UnsafeMutableRawBufferPointer(elements),
        bounds: division.rowBounds.map { $0 * MemoryLayout<Scalar>.stride })
    }
    return vector
  }

  private func sumOverRanks(_ own: [[Double]]) throws -> [Double] {
    var all = [Double](repeating: 0, count: division.sections * count)
    let first = division.sectionBounds[ranks.rank] * count
    all.replaceSubrange(first..<first + own.count * count, with: own.joined())
    try ranks.join(&all, bounds: division.sectionBounds.map { $0 * count })
    return ColumnMatrix<Scalar>.sum(
      (0..<division.sections).map { Array(all[$0 * count..<($0 + 1) * count]) })
  }
}

/// How the rows of a basis are divided: whole sections of a `ColumnMatrix`, in the order of the ranks.
struct RowDivision: Sendable {
  /// Number of sections.
  let sections: Int
  /// First section of each rank, then their number.
  let sectionBounds: [Int]
  /// First row of each rank, then their number.
  let rowBounds: [Int]

  /// Divides rows.
  init(of count: Int, among ranks: Int) {
    let height = ColumnMatrix<Float>.sectionRows
    let sections = count / height + (count % height > 0 ? 1 : 0)
    sectionBounds = (0...ranks).map { $0 * sections / ranks }
    rowBounds = sectionBounds.map { $0 == sections ? count : $0 * height }
    self.sections = sections
  }

  /// Those of a rank.
  func rows(of rank: Int) -> Range<Int> { rowBounds[rank]..<rowBounds[rank + 1] }

  /// Most rows of a rank.
  var largestCount: Int { zip(rowBounds, rowBounds.dropFirst()).map { $1 - $0 }.max() ?? 0 }
}
