internal import COpenBLAS

/// Thread setting of the linear algebra library below this module.
enum LibraryThreads {
  /// Sets OpenBLAS to one thread, the first time it is read: parallelism lives above it, and its
  /// results must not depend on the machine.
  static let areSingle: Bool = {
    openblas_set_num_threads(1)
    return true
  }()
}

/// The linear algebra library.
package enum OpenBLAS {
  /// The environment variable that chooses its kernels, when it is loaded.
  package static let kernelVariable = "OPENBLAS_CORETYPE"
  /// Kernels for every CPU that this package runs on, and the most used ones.
  package static let provenKernels = "Haswell"

  /// Whether it solves a small problem rightly: versions older than a CPU have been wrong on it.
  ///
  /// - Complexity: One decomposition of order 40; 0.2 milliseconds were measured.
  package static var isRight: Bool {
    // Order 40 takes all of the routine: blocked reduction, divide and conquer, products.
    var matrix = SymmetricMatrix(zeros: 40)
    for i in 0..<matrix.order { for j in 0...i { matrix[i, j] = 1 / Double(1 + i + 2 * j) } }
    return (try? matrix.eigenpairs()) != nil
  }

  /// Its version and the kind of processor that its kernels were written for, like `0.3.21 Haswell`.
  package static var version: String {
    guard let text = openblas_get_config(), let core = openblas_get_corename() else {
      return "unknown"
    }
    // Like "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Haswell MAX_THREADS=128".
    let version = String(cString: text).split(separator: " ").dropFirst().first ?? "unknown"
    return "\(version) \(String(cString: core))"
  }
}
