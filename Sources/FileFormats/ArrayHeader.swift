/// Name, type and extents of an array in an `.npz` file, without its elements.
package struct ArrayHeader: Sendable, Hashable {
  package let name: String
  /// Type of the elements.
  package let type: ScalarType
  /// The extents, outermost first.
  package let shape: [Int]

  /// Bytes that are read of an array, whose header has some hundred.
  private static let span = 1 << 16

  /// The headers of all arrays of a file; those of types that are not read are left out.
  ///
  /// - Parameter path: The file.
  /// - Returns: The headers in the order of the file.
  /// - Throws: `FileFormatError` if the file is no zip archive, or its directory is damaged.
  /// - Complexity: A read of at most 64 KiB an array, whatever its size.
  package static func headers(npz path: String) throws(FileFormatError) -> [ArrayHeader] {
    do throws(FileFormatError) {
      let file = try ByteSource(file: path)
      var headers: [ArrayHeader] = []
      for entry in try ZipDirectory(file).entries() where entry.name.hasSuffix(".npy") {
        let end = entry.dataOffset + min(entry.compressedSize, span)
        let stored = try file.read(entry.dataOffset..<end, format: NPZFile.format)
        // What is damaged is said where the array is read.
        guard
          let start = entry.isDeflated
            ? try? Deflate.start(of: stored, count: span, format: NPZFile.format)[...] : stored,
          let found = try? NPY.header(start, format: NPZFile.format).header
        else { continue }
        headers.append(
          ArrayHeader(
            name: String(entry.name.dropLast(4)), type: found.type.type, shape: found.shape))
      }
      return headers
    } catch {
      throw error.inFile(path)
    }
  }
}
