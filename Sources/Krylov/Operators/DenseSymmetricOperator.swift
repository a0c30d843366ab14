public import LinearAlgebra

/// Symmetric matrix held in memory; for tests and for small problems.
public struct DenseSymmetricOperator<Scalar: BLASScalar>: SymmetricOperator, Sendable {
  private let matrix: ColumnMatrix<Scalar>

  /// Creates the operator from the columns of a symmetric matrix.
  public init(columns: [Vector<Scalar>]) {
    matrix = ColumnMatrix(rows: columns.count, columns: columns)
  }

  /// Creates a diagonal matrix.
  public init(diagonal: [Scalar]) {
    self.init(
      columns: diagonal.indices.map { index in
        var column = Vector<Scalar>(zeros: diagonal.count)
        column[index] = diagonal[index]
        return column
      })
  }

  /// Number of rows and columns.
  public var dimension: Int { matrix.rows }

  /// `y <- A x`: each element a dot product in `Double`, rounded once.
  public func apply(to x: Vector<Scalar>, into y: inout Vector<Scalar>) {
    y = Vector(matrix.project(x)).rounded()
  }
}
