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
