internal import CLAPACKE

/// Symmetric tridiagonal matrix and its eigenvalues through LAPACK (`dstev`).
package struct SymmetricTridiagonal: Sendable {
  /// Diagonal entries, `n` of them.
  package var diagonal: [Double]
  /// Entries beside the diagonal, `n - 1` of them.
  package var offDiagonal: [Double]

  /// Creates the matrix.
  package init(diagonal: [Double], offDiagonal: [Double]) {
    precondition(offDiagonal.count == max(diagonal.count - 1, 0), "n diagonal, n - 1 beside it")
    self.diagonal = diagonal
    self.offDiagonal = offDiagonal
  }

  /// Failure of the LAPACK routine.
  package struct NoConvergence: Error, CustomStringConvertible {
    let info: Int
    /// One line for the user.
    package var description: String {
      "LAPACK dstev did not converge on a tridiagonal matrix (info \(info)); "
        + "check the operator for non-finite values"
    }
  }

  /// Eigenvalues in ascending order and the orthonormal eigenvectors.
  ///
  /// - Returns: `vectors[k]` belongs to `values[k]`.
  /// - Throws: `NoConvergence`, also for non-finite entries.
  /// - Complexity: O(n^3) time, O(n^2) memory.
  package func eigenpairs() throws -> (values: [Double], vectors: [[Double]]) {
    let n = diagonal.count
    guard n > 0 else { return ([], []) }
    guard diagonal.allSatisfy(\.isFinite), offDiagonal.allSatisfy(\.isFinite) else {
      throw NoConvergence(info: -1)
    }
    var values = diagonal
    var beside = offDiagonal + [0]
    var vectors = [Double](repeating: 0, count: n * n)
    let info = LAPACKE_dstev(
      LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), Int32(n), &values, &beside, &vectors,
      Int32(n))
    guard info == 0 else { throw NoConvergence(info: Int(info)) }
    return (values, (0..<n).map { Array(vectors[$0 * n..<($0 + 1) * n]) })
  }
}
