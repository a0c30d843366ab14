internal import CHDF5
internal import FileFormats
internal import Foundation

/// The HDF5 library, which two threads must not be in at once.
///
/// It writes; files of others are read by `HDF5File`. It is loaded when it is first needed.
enum HDF5Library {
  private static let lock = NSLock()
  nonisolated(unsafe) private static var entries = 0
  private static let loaded: chdf5_library? = load()

  /// Calls the library, without messages of its own on the standard error.
  ///
  /// - Parameter body: Gets the library, and a number that no other call gets, of which names of
  ///   files in memory are made: two open files of one name would be one file.
  /// - Returns: What `body` returns.
  /// - Throws: `FileFormatError` if the library is not installed, and what `body` throws.
  static func entered<Result>(
    _ body: (_ library: chdf5_library, _ entry: Int) throws(FileFormatError) -> Result
  ) throws(FileFormatError) -> Result {
    lock.lock()
    defer { lock.unlock() }
    guard let loaded else {
      throw FileFormatError(
        .unwritable, format: HDF5File.format,
        "cannot be made without libhdf5 \(chdf5_major).\(chdf5_minor), which is not installed")
    }
    entries += 1
    _ = loaded.H5Eset_auto2(0, nil, nil)
    return try body(loaded, entries)
  }

  private static func load() -> chdf5_library? {
    // Those of 1.10, 1.12 and 1.14, of which `chdf5_load` takes the one that the headers are of; a name without a
    // number comes with headers.
    let versions = [".103", ".200", ".310", ""]
    let names =
      versions.flatMap { ["libhdf5_serial.so\($0)", "libhdf5.so\($0)"] }
      + ["/opt/homebrew/lib/libhdf5.dylib", "libhdf5.dylib"]
    return names.lazy.compactMap { chdf5_load($0)?.pointee }.first
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
  /// Where the library has its identifier of the type; nil for types that are not written.
  var identifierOfHDF5: KeyPath<chdf5_library, hid_t>? {
    switch self {
    case .float32: \.float32
    case .float64: \.float64
    case .int32: \.int32
    case .int64: \.int64
    default: nil
    }
  }
}
