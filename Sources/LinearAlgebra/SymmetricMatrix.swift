internal import CLAPACKE

/// Small dense symmetric matrix in `Double` and its eigenpairs through LAPACK (`dsyevd`).
package struct SymmetricMatrix: Sendable, Hashable {
  /// Number of rows and columns.
  package let order: Int
  /// All entries, row after row; kept symmetric by the subscript.
  private var entries: [Double]

  /// Creates a matrix of zeros.
  package init(zeros order: Int) {
    precondition(order >= 0, "negative order")
    self.order = order
    entries = [Double](repeating: 0, count: order * order)
  }

  /// Entry (i, j); setting it sets (j, i) too.
  package subscript(i: Int, j: Int) -> Double {
    get {
      precondition(i >= 0 && j >= 0 && i < order && j < order, "entry outside the matrix")
      return entries[i * order + j]
    }
    set {
      precondition(i >= 0 && j >= 0 && i < order && j < order, "entry outside the matrix")
      entries[i * order + j] = newValue
      entries[j * order + i] = newValue
    }
  }

  /// Principal block of a range of indices.
  package func block(_ range: Range<Int>) -> SymmetricMatrix {
    var result = SymmetricMatrix(zeros: range.count)
    for i in 0..<range.count {
      for j in 0...i { result[i, j] = self[range.lowerBound + i, range.lowerBound + j] }
    }
    return result
  }

  /// The leading part of this matrix in one of another order, padded with zeros.
  package func resized(to newOrder: Int) -> SymmetricMatrix {
    var result = SymmetricMatrix(zeros: newOrder)
    for i in 0..<min(order, newOrder) { for j in 0...i { result[i, j] = self[i, j] } }
    return result
  }

  /// Product with a vector.
  package func product(_ x: [Double]) -> [Double] {
    precondition(x.count == order, "vector of \(x.count) for a matrix of order \(order)")
    return (0..<order).map { i in
      var sum = 0.0
      for j in 0..<order { sum += entries[i * order + j] * x[j] }
      return sum
    }
  }

  /// Failure of the LAPACK routine.
  package struct NoConvergence: Error, CustomStringConvertible {
    let info: Int
    /// One line for the user.
    package var description: String {
      "LAPACK dsyevd did not converge on a symmetric matrix (info \(info)); "
        + "check the operator for non-finite values"
    }
  }

  /// Eigenvalues in ascending order and the orthonormal eigenvectors, verified with a vector (`isExplained`).
  ///
  /// - Returns: `vectors[k]` belongs to `values[k]`.
  /// - Throws: `NoConvergence`, also for non-finite entries; `WrongEigenpairs` where the library computed
  ///   something else; `OpenBLAS.Missing`.
  /// - Complexity: O(order^3) time, O(order^2) memory.
  package func eigenpairs() throws -> (values: [Double], vectors: [[Double]]) {
    guard order > 0 else { return ([], []) }
    guard entries.allSatisfy(\.isFinite) else { throw NoConvergence(info: -1) }
    var vectors = entries
    var values = [Double](repeating: 0, count: order)
    let info = try OpenBLAS.library().LAPACKE_dsyevd(
      LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")), Int32(order),
      &vectors, Int32(order), &values)
    guard info == 0 else { throw NoConvergence(info: Int(info)) }
    let pairs = (
      values: values, vectors: (0..<order).map { Array(vectors[$0 * order..<($0 + 1) * order]) }
    )
    guard isExplained(by: pairs) else { throw WrongEigenpairs(order: order) }
    return pairs
  }

  /// Whether `V diag(values) V^T x = A x` and `|V^T x| = |x|` for a vector x with parts in all directions.
  ///
  /// LAPACK's errors are a small multiple of `order` roundings of the largest eigenvalue; kernels that are
  /// wrong miss by whole digits.
  ///
  /// - Complexity: O(order^2).
  package func isExplained(by pairs: (values: [Double], vectors: [[Double]])) -> Bool {
    // Multiples of the golden ratio spread evenly and follow no pattern of a matrix.
    let x = (0..<order).map {
      (Double($0 + 1) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1) - 0.5
    }
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    var difference = product(x)
    var squares = 0.0
    for (value, vector) in zip(pairs.values, pairs.vectors) {
      let share = dot(vector, x)
      squares += share * share
      for index in 0..<order { difference[index] -= value * share * vector[index] }
    }
    let length = dot(x, x).squareRoot()
    let tolerance = 64 * Double(order) * Double.ulpOfOne * length
    let scale = pairs.values.map(abs).max() ?? 0
    return dot(difference, difference).squareRoot() <= tolerance * scale
      && abs(squares.squareRoot() - length) <= tolerance
  }

  /// Eigenpairs of LAPACK that are not those of the matrix.
  package struct WrongEigenpairs: Error, CustomStringConvertible {
    let order: Int
    /// One line for the user.
    package var description: String {
      "OpenBLAS \(OpenBLAS.version) computes wrong eigenvalues on this CPU (a matrix of order \(order)); set "
        + "\(OpenBLAS.kernelVariable)=\(OpenBLAS.provenKernels), or install another version"
    }
  }
}
