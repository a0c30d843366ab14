internal import CHDF5
package import FileFormats

/// Writes arrays and texts as an HDF5 file; the same ones always give the same bytes.
package struct HDF5Writer {
  private enum Content {
    case array(NumericArray)
    case text(String)
  }

  private var contents: [(name: String, content: Content)] = []

  /// Creates a writer of an empty file.
  package init() {}

  /// Adds an array under a name; groups in it, as in `xdirection/0`, are made.
  ///
  /// - Precondition: It is of 32- or 64-bit numbers with signs.
  package mutating func add(_ name: String, _ array: NumericArray) {
    precondition(
      array.type.identifierOfHDF5 != nil, "\(array.type) in an HDF5 file")
    contents.append((name, .array(array)))
  }

  /// Adds a text under a name.
  package mutating func add(_ name: String, text: String) { contents.append((name, .text(text))) }

  /// Writes the file at `path` atomically.
  ///
  /// - Throws: `FileFormatError` if it cannot be written.
  package func write(to path: String) throws(FileFormatError) {
    let bytes: [UInt8]
    do {
      bytes = try self.bytes
    } catch {
      throw error.inFile(path)
    }
    try AtomicFile.write(bytes, to: path)
  }

  /// The file.
  ///
  /// - Throws: `FileFormatError` if the library is not installed, or refuses for lack of memory or
  ///   equal names.
  package var bytes: [UInt8] {
    get throws(FileFormatError) {
      try HDF5Library.entered { library, entry throws(FileFormatError) in
        try image(name: "write-\(entry)", by: library)
      }
    }
  }

  private func image(
    name: String, by library: chdf5_library
  ) throws(FileFormatError) -> [UInt8] {
    let access = HDF5Handle(
      try HDF5Library.checked(library.H5Pcreate(library.file_access)), library.H5Pclose)
    guard library.H5Pset_fapl_core(access.id, 1 << 16, false) >= 0 else {
      throw FileFormatError(.unwritable, format: HDF5File.format, "cannot be made")
    }
    let file = HDF5Handle(
      try HDF5Library.checked(library.H5Fcreate(name, chdf5_truncate(), 0, access.id)),
      library.H5Fclose)
    let creation = HDF5Handle(
      try HDF5Library.checked(library.H5Pcreate(library.dataset_creation)), library.H5Pclose)
    // The time would be other bytes each time.
    _ = library.H5Pset_obj_track_times(creation.id, false)
    let links = HDF5Handle(
      try HDF5Library.checked(library.H5Pcreate(library.link_creation)), library.H5Pclose)
    _ = library.H5Pset_create_intermediate_group(links.id, 1)
    for (name, content) in contents {
      let place = Place(file: file.id, name: name, links: links.id, creation: creation.id)
      let isWritten =
        switch content {
        case .array(let array): Self.write(array, at: place, by: library)
        case .text(let text): Self.write(text, at: place, by: library)
        }
      guard isWritten else {
        throw FileFormatError(
          .unwritable, format: HDF5File.format, "cannot hold \(quoted(name))")
      }
    }
    _ = library.H5Fflush(file.id, H5F_SCOPE_LOCAL)
    let size = library.H5Fget_file_image(file.id, nil, 0)
    guard size > 0 else {
      throw FileFormatError(.unwritable, format: HDF5File.format, "cannot be made")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    guard library.H5Fget_file_image(file.id, &bytes, size) == size else {
      throw FileFormatError(.unwritable, format: HDF5File.format, "cannot be made")
    }
    return bytes
  }

  /// Where something is written, and how.
  private struct Place {
    let file: hid_t
    let name: String
    let links: hid_t
    let creation: hid_t
  }

  private static func write(
    _ array: NumericArray, at place: Place, by library: chdf5_library
  ) -> Bool {
    guard let type = array.type.identifierOfHDF5.map({ library[keyPath: $0] }) else { return false }
    let extents = array.shape.map { hsize_t($0) }
    let space = HDF5Handle(
      extents.isEmpty
        ? library.H5Screate(H5S_SCALAR)
        : library.H5Screate_simple(Int32(extents.count), extents, nil),
      library.H5Sclose)
    let dataset = HDF5Handle(
      library.H5Dcreate2(
        place.file, place.name, type, space.id, place.links, place.creation, 0),
      library.H5Dclose)
    guard dataset.id >= 0 else { return false }
    return array.bytes.withUnsafeBytes {
      $0.isEmpty || library.H5Dwrite(dataset.id, type, 0, 0, 0, $0.baseAddress) >= 0
    }
  }

  /// As h5py writes a text: one of any length, in UTF-8.
  private static func write(
    _ text: String, at place: Place, by library: chdf5_library
  ) -> Bool {
    let type = HDF5Handle(library.H5Tcopy(library.text), library.H5Tclose)
    _ = library.H5Tset_size(type.id, chdf5_variable_length())
    _ = library.H5Tset_cset(type.id, H5T_CSET_UTF8)
    let space = HDF5Handle(library.H5Screate(H5S_SCALAR), library.H5Sclose)
    let dataset = HDF5Handle(
      library.H5Dcreate2(
        place.file, place.name, type.id, space.id, place.links, place.creation, 0),
      library.H5Dclose)
    guard dataset.id >= 0 else { return false }
    return text.withCString { pointer in
      var pointer: UnsafePointer<CChar>? = pointer
      return library.H5Dwrite(dataset.id, type.id, 0, 0, 0, &pointer) >= 0
    }
  }
}
