internal import CLAPACKE

/// The linear algebra library, OpenBLAS with LAPACKE above it; it is loaded when it is first needed.
package enum OpenBLAS {
  /// The environment variable that chooses its kernels, when it is loaded.
  package static let kernelVariable = "OPENBLAS_CORETYPE"
  /// Kernels for every CPU that this package runs on, and the most used ones.
  package static let provenKernels = "Haswell"

  private static let loaded: clapacke_library? = {
    #if canImport(Darwin)
      let openBLAS = "/opt/homebrew/opt/openblas/lib/libopenblas.dylib"
      let lapacke = openBLAS
    #else
      let (openBLAS, lapacke) = ("libopenblas.so.0", "liblapacke.so.3")
    #endif
    guard let library = clapacke_load(openBLAS, lapacke)?.pointee else { return nil }
    // Parallelism lives above it, and its results must not depend on the machine.
    library.openblas_set_num_threads(1)
    return library
  }()

  /// The library, with one thread.
  ///
  /// - Throws: `Missing`.
  static func library() throws(Missing) -> clapacke_library {
    guard let loaded else { throw Missing() }
    return loaded
  }

  /// The library is not on this machine.
  package struct Missing: Error, CustomStringConvertible {
    /// One line for the user.
    package var description: String {
      "OpenBLAS and LAPACKE, which eigenvalues are computed with, are not installed; "
        + "on Debian and Ubuntu: apt install libopenblas0 liblapacke"
    }
  }

  /// Whether it solves a small problem rightly: versions older than a CPU have been wrong on it.
  ///
  /// - Throws: `Missing`.
  /// - Complexity: One decomposition of order 40; 0.2 milliseconds were measured.
  package static func isRight() throws(Missing) -> Bool {
    _ = try library()
    // Order 40 takes all of the routine: blocked reduction, divide and conquer, products.
    var matrix = SymmetricMatrix(zeros: 40)
    for i in 0..<matrix.order { for j in 0...i { matrix[i, j] = 1 / Double(1 + i + 2 * j) } }
    return (try? matrix.eigenpairs()) != nil
  }

  /// Its version and the kind of processor that its kernels were written for, like `0.3.21 Haswell`.
  package static var version: String {
    guard let loaded, let text = loaded.openblas_get_config(),
      let core = loaded.openblas_get_corename()
    else { return "unknown" }
    // Like "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Haswell MAX_THREADS=128".
    let version = String(cString: text).split(separator: " ").dropFirst().first ?? "unknown"
    return "\(version) \(String(cString: core))"
  }
}
