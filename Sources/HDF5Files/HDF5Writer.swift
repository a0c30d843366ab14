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
  /// - Throws: `FileFormatError` if the library refuses, for lack of memory or equal names.
  package var bytes: [UInt8] {
    get throws(FileFormatError) {
      let result = HDF5Library.entered { entry in
        Result { () throws(FileFormatError) in try image(name: "write-\(entry)") }
      }
      return try result.get()
    }
  }

  private func image(name: String) throws(FileFormatError) -> [UInt8] {
    let access = HDF5Handle(
      try HDF5Library.checked(H5Pcreate(chdf5_file_access())), H5Pclose)
    guard H5Pset_fapl_core(access.id, 1 << 16, false) >= 0 else {
      throw FileFormatError(.unwritable, format: HDF5File.format, "cannot be made")
    }
    let file = HDF5Handle(
      try HDF5Library.checked(H5Fcreate(name, chdf5_truncate(), 0, access.id)), H5Fclose)
    let creation = HDF5Handle(
      try HDF5Library.checked(H5Pcreate(chdf5_dataset_creation())), H5Pclose)
    // The time would be other bytes each time.
    H5Pset_obj_track_times(creation.id, false)
    let links = HDF5Handle(
      try HDF5Library.checked(H5Pcreate(chdf5_link_creation())), H5Pclose)
    H5Pset_create_intermediate_group(links.id, 1)
    for (name, content) in contents {
      let isWritten =
        switch content {
        case .array(let array): Self.write(array, name, file.id, links.id, creation.id)
        case .text(let text): Self.write(text, name, file.id, links.id, creation.id)
        }
      guard isWritten else {
        throw FileFormatError(
          .unwritable, format: HDF5File.format, "cannot hold \(quoted(name))")
      }
    }
    H5Fflush(file.id, H5F_SCOPE_LOCAL)
    let size = H5Fget_file_image(file.id, nil, 0)
    guard size > 0 else {
      throw FileFormatError(.unwritable, format: HDF5File.format, "cannot be made")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    guard H5Fget_file_image(file.id, &bytes, size) == size else {
      throw FileFormatError(.unwritable, format: HDF5File.format, "cannot be made")
    }
    return bytes
  }

  private static func write(
    _ array: NumericArray, _ name: String, _ file: hid_t, _ links: hid_t, _ creation: hid_t
  ) -> Bool {
    guard let type = array.type.identifierOfHDF5 else { return false }
    let extents = array.shape.map { hsize_t($0) }
    let space = HDF5Handle(
      extents.isEmpty
        ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(extents.count), extents, nil),
      H5Sclose)
    let dataset = HDF5Handle(
      H5Dcreate2(file, name, type, space.id, links, creation, 0), H5Dclose)
    guard dataset.id >= 0 else { return false }
    return array.bytes.withUnsafeBytes {
      $0.isEmpty || H5Dwrite(dataset.id, type, 0, 0, 0, $0.baseAddress) >= 0
    }
  }

  /// As h5py writes a text: one of any length, in UTF-8.
  private static func write(
    _ text: String, _ name: String, _ file: hid_t, _ links: hid_t, _ creation: hid_t
  ) -> Bool {
    let type = HDF5Handle(H5Tcopy(chdf5_text()), H5Tclose)
    H5Tset_size(type.id, chdf5_variable_length())
    H5Tset_cset(type.id, H5T_CSET_UTF8)
    let space = HDF5Handle(H5Screate(H5S_SCALAR), H5Sclose)
    let dataset = HDF5Handle(
      H5Dcreate2(file, name, type.id, space.id, links, creation, 0), H5Dclose)
    guard dataset.id >= 0 else { return false }
    return text.withCString { pointer in
      var pointer: UnsafePointer<CChar>? = pointer
      return H5Dwrite(dataset.id, type.id, 0, 0, 0, &pointer) >= 0
    }
  }
}
