internal import CHDF5
internal import FileFormats
internal import Foundation

/// The HDF5 library, which two threads must not be in at once.
///
/// It writes; files of others are read by `HDF5File`.
enum HDF5Library {
  private static let lock = NSLock()
  nonisolated(unsafe) private static var entries = 0

  /// Calls the library, without messages of its own on the standard error.
  ///
  /// - Parameter body: Gets a number that no other call gets, of which names of files in memory are
  ///   made: two open files of one name would be one file.
  /// - Returns: What `body` returns.
  static func entered<Result>(_ body: (_ entry: Int) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    entries += 1
    H5open()
    H5Eset_auto2(0, nil, nil)
    return try body(entries)
  }

  /// What a call of the library returned, unless it failed.
  static func checked(_ identifier: hid_t) throws(FileFormatError) -> hid_t {
    guard identifier >= 0 else {
      throw FileFormatError(.unwritable, format: HDF5File.format, "cannot be made")
    }
    return identifier
  }
}

/// An object of the library, which is closed with the value.
struct HDF5Handle: ~Copyable {
  let id: hid_t
  private let close: (hid_t) -> herr_t

  /// Takes over an object that is open.
  init(_ id: hid_t, _ close: @escaping (hid_t) -> herr_t) {
    self.id = id
    self.close = close
  }

  deinit { _ = close(id) }
}

extension ScalarType {
  /// What the library calls the types that are written; nil for others.
  var identifierOfHDF5: hid_t? {
    switch self {
    case .float32: chdf5_float32()
    case .float64: chdf5_float64()
    case .int32: chdf5_int32()
    case .int64: chdf5_int64()
    default: nil
    }
  }
}
