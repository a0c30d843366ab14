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

/// The linear algebra library, for reports.
package enum OpenBLAS {
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
