/// Collects arrays and writes them as a NumPy `.npz` file.
///
/// The file is written array by array, and of an array whose rows are made on demand one row at a
/// time, so that a file may be larger than memory. Files past 4 GiB are zip64, as NumPy writes them.
package struct NPZWriter {
  /// An array that is written later.
  private struct Entry {
    let name: String
    let header: [UInt8]
    let size: Int
    let chunkCount: Int
    let chunk: (Int) -> [UInt8]
  }

  private var entries: [Entry] = []
  private let isCompressed: Bool

  /// Creates a file without arrays; `isCompressed` is `numpy.savez_compressed`.
  package init(isCompressed: Bool = false) {
    self.isCompressed = isCompressed
  }

  /// Adds an array under a name that is new to the file.
  package mutating func add(_ name: String, _ array: NumericArray) {
    entries.append(
      Entry(
        name: name, header: NPY.header(array.type, array.shape), size: array.bytes.count,
        chunkCount: 1
      ) { _ in array.bytes })
  }

  /// Adds an array whose rows, all along the first axis, are made when they are written.
  ///
  /// - Parameters:
  ///   - name: A name that is new to the file.
  ///   - type: Type of the elements.
  ///   - shape: Extents, the number of rows first.
  ///   - row: Makes the row with a number; must give `type` and as many elements as `shape` says.
  package mutating func add(
    _ name: String, type: ScalarType, shape: [Int], row: @escaping (Int) -> NumericArray
  ) {
    let size = shape.reduce(type.size, *)
    entries.append(
      Entry(name: name, header: NPY.header(type, shape), size: size, chunkCount: shape[0]) {
        let array = row($0)
        precondition(array.type == type, "a row of \(array.type.rawValue) in \(name)")
        return array.bytes
      })
  }

  /// The finished file in memory.
  ///
  /// - Throws: `FileFormatError` never in practice: memory can always be written.
  package func finished() throws(FileFormatError) -> [UInt8] {
    var zip = ZipWriter()
    try write(to: &zip)
    return zip.sink.bytes
  }

  /// Writes the finished file to `path` atomically.
  ///
  /// - Throws: `FileFormatError` if the file cannot be written.
  package func write(to path: String) throws(FileFormatError) {
    try AtomicFile.write(to: path) { (sink: inout FileSink) throws(FileFormatError) in
      var zip = ZipWriter(sink)
      try write(to: &zip)
      sink = zip.sink
    }
  }

  private func write(to zip: inout ZipWriter<some ByteSink>) throws(FileFormatError) {
    for entry in entries {
      let chunks = (0..<entry.chunkCount).lazy.map(entry.chunk)
      if isCompressed {
        try zip.add(
          entry.name + ".npy", entry.header + chunks.flatMap(\.self), isCompressed: true)
      } else {
        let parts = (-1..<entry.chunkCount).lazy.map { $0 < 0 ? entry.header : entry.chunk($0) }
        try zip.add(entry.name + ".npy", size: entry.header.count + entry.size, chunks: parts)
      }
    }
    try zip.finish()
  }
}
