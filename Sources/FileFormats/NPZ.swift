/// A NumPy `.npz` file: a zip archive of named arrays, each decoded when asked for.
package struct NPZFile {
  static let format = "NPZ file"
  private let archive: ZipArchive
  private let path: String?
  /// The names of the arrays in file order, without the `.npy` ending.
  package let names: [String]

  /// Opens the file at `path`; an array is read when it is asked for.
  ///
  /// - Throws: `FileFormatError` if it is unreadable or not a valid zip archive.
  package init(path: String) throws(FileFormatError) {
    try self.init(ByteSource(file: path), path: path)
  }

  /// Opens the contents of a file; `path` is named in errors.
  ///
  /// - Throws: `FileFormatError` if it is not a valid zip archive.
  package init(_ bytes: [UInt8], path: String? = nil) throws(FileFormatError) {
    try self.init(ByteSource(bytes[...], path: path ?? "archive"), path: path)
  }

  private init(_ source: ByteSource, path: String?) throws(FileFormatError) {
    do throws(FileFormatError) {
      archive = try ZipArchive(source)
    } catch {
      throw path.map(error.inFile) ?? error
    }
    self.path = path
    names = archive.entries.compactMap {
      $0.name.hasSuffix(".npy") ? String($0.name.dropLast(4)) : nil
    }
  }

  /// Whether there is an array called `name`.
  package func contains(_ name: String) -> Bool {
    archive.entry(named: name + ".npy") != nil
  }

  /// The array called `name`.
  ///
  /// - Throws: `FileFormatError` if there is none, or it is damaged or of an unread type.
  package func array(_ name: String) throws(FileFormatError) -> NumericArray {
    do throws(FileFormatError) {
      guard let entry = archive.entry(named: name + ".npy") else {
        let list = names.prefix(20).map { quoted($0) }.joined(separator: ", ")
        throw FileFormatError(
          .malformed, format: Self.format, "has no array \(quoted(name)), but \(list)")
      }
      return try NPY.decode(
        try archive.contents(of: entry), format: "\(Self.format), array \(quoted(name))")
    } catch {
      throw path.map(error.inFile) ?? error
    }
  }
}
