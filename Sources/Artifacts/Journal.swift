import FileFormats

/// A file that keeps finished pieces of a long computation, so that it can be continued.
///
/// The first line is the configuration of the computation; each further line is one record,
/// with its values as bit patterns and a checksum in front. A process killed at any byte leaves
/// at most one torn line, which is cut off when the journal is opened again. One process at a
/// time can hold a journal.
///
/// A journal is not to be used from several threads at once.
package final class Journal {
  /// One finished piece: which one, and its values.
  package struct Record: Equatable, Sendable {
    /// What the values belong to, such as the index of a grid point.
    package let key: Int
    /// The values; single-precision ones are represented exactly.
    package let values: [Double]

    package init(key: Int, values: [Double]) {
      self.key = key
      self.values = values
    }
  }

  /// The records that the file held when it was opened, in the order of writing.
  ///
  /// A key may occur twice where a piece was computed twice.
  package let records: [Record]
  private let file: AppendOnlyFile

  /// Opens the journal at `path`, or creates it.
  ///
  /// The configuration should hold everything that the values depend on, and nothing else.
  ///
  /// - Throws: `ArtifactError.otherConfiguration` if the file belongs to another configuration;
  ///   another `ArtifactError` if it is no journal, cannot be written, or is held elsewhere.
  package init(path: String, configuration: some Encodable) throws(ArtifactError) {
    let header: JournalHeader
    do {
      header = JournalHeader(configuration: try JSON.encode(configuration, onOneLine: true))
    } catch {
      throw .malformed(path: path, "its configuration cannot be written as JSON")
    }
    do throws(FileFormatError) {
      file = try AppendOnlyFile(path)
      let bytes = try file.contents()
      let expected = Array(header.line.utf8)
      // A process killed while it wrote the first line leaves a part of it.
      if bytes.count < expected.count, expected.starts(with: bytes) {
        try file.truncate(to: 0)
        try file.append(expected)
        records = []
        return
      }
    } catch {
      throw .file(error)
    }
    records = try Self.resume(file, header, path: path)
  }

  /// Adds a record, which a killed process does not lose once this has returned.
  ///
  /// - Throws: `ArtifactError` if it cannot be written; the records before it are safe.
  package func append(_ record: Record) throws(ArtifactError) {
    do throws(FileFormatError) {
      try file.append(Array(JournalLine.text(of: record).utf8))
    } catch {
      throw .file(error)
    }
  }

  /// Waits until the disk holds all records, so that a power failure does not lose them either.
  ///
  /// - Throws: `ArtifactError` if the disk reports an error.
  package func synchronize() throws(ArtifactError) {
    do throws(FileFormatError) {
      try file.synchronize()
    } catch {
      throw .file(error)
    }
  }

  /// Reads the complete records and cuts off what follows the last of them.
  ///
  /// A damaged line between others is passed over: its piece will be computed again.
  private static func resume(
    _ file: AppendOnlyFile, _ header: JournalHeader, path: String
  ) throws(ArtifactError) -> [Record] {
    let bytes: [UInt8]
    do throws(FileFormatError) {
      bytes = try file.contents()
    } catch {
      throw .file(error)
    }
    guard let headerEnd = bytes.firstIndex(of: UInt8(ascii: "\n")),
      let found = JournalHeader(line: bytes[..<headerEnd])
    else {
      throw .malformed(path: path, "is no journal, or its first line is damaged; remove the file")
    }
    guard found == header else {
      throw .otherConfiguration(path: path, header.difference(from: found))
    }
    var records: [Record] = []
    var start = headerEnd + 1
    var validEnd = start
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      if let record = JournalLine.record(in: bytes[start..<end]) {
        records.append(record)
        validEnd = end + 1
      }
      start = end + 1
    }
    guard validEnd < bytes.count else { return records }
    do throws(FileFormatError) {
      try file.truncate(to: validEnd)
    } catch {
      throw .file(error)
    }
    return records
  }
}
