import FileFormats
import Foundation

/// A table of texts as comma-separated values (RFC 4180), with a header line.
///
/// Lines end with a line feed; when read, a carriage return before it is accepted.
package struct CSVTable: Equatable, Sendable {
  /// The names of the columns.
  package let columns: [String]
  /// The cells, one row after the other, each as long as `columns`.
  package private(set) var rows: [[String]] = []

  /// Creates a table without rows.
  package init(columns: [String]) {
    self.columns = columns
  }

  /// Adds a row.
  ///
  /// - Precondition: there is one cell for each column.
  package mutating func append(_ cells: [String]) {
    precondition(cells.count == columns.count, "\(cells.count) cells, \(columns.count) columns")
    rows.append(cells)
  }

  /// A cell for a number: the fewest digits that read back to it, or `nan`, `inf`, `-inf`.
  package static func cell(_ value: Double) -> String { value.isNaN ? "nan" : "\(value)" }

  /// A cell for a number: the fewest digits that read back to it, or `nan`, `inf`, `-inf`.
  package static func cell(_ value: Float) -> String { value.isNaN ? "nan" : "\(value)" }

  /// A cell for an integer.
  package static func cell(_ value: Int) -> String { "\(value)" }

  /// The numbers of a column.
  ///
  /// - Returns: `nil` if there is no such column or one of its cells is no number.
  package func numbers(_ column: String) -> [Double]? {
    guard let index = columns.firstIndex(of: column) else { return nil }
    let values = rows.compactMap { Double($0[index]) }
    return values.count == rows.count ? values : nil
  }

  // MARK: - Writing

  /// The table as text.
  package var text: String {
    ([columns] + rows).map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
  }

  /// Writes the table to `path` atomically.
  ///
  /// - Throws: `ArtifactError` if the file cannot be written.
  package func write(to path: String) throws(ArtifactError) {
    do throws(FileFormatError) {
      try AtomicFile.write(text, to: path)
    } catch {
      throw .file(error)
    }
  }

  private static func quoted(_ cell: String) -> String {
    let needsQuotes = cell.utf8.contains {
      $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\n")
        || $0 == UInt8(ascii: "\r")
    }
    guard needsQuotes else { return cell }
    return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }

  // MARK: - Reading

  /// Reads the table in the file at `path`.
  ///
  /// - Throws: `ArtifactError` if it is unreadable, or a row has too few or too many cells.
  package init(path: String) throws(ArtifactError) {
    let bytes: [UInt8]
    do throws(FileFormatError) {
      bytes = try FileBytes.read(path)
    } catch {
      throw .file(error)
    }
    try self.init(bytes, path: path)
  }

  /// Reads a table from its bytes; `path` is named in errors.
  ///
  /// - Throws: `ArtifactError` if a row has too few or too many cells, or a quote is not closed.
  package init(_ bytes: [UInt8], path: String) throws(ArtifactError) {
    var lines = try CSVParser(bytes, path: path).lines()
    guard !lines.isEmpty else { throw .malformed(path: path, "is empty") }
    columns = lines.removeFirst()
    for (index, line) in lines.enumerated() {
      guard line.count == columns.count else {
        throw .malformed(
          path: path, "row \(index + 1) has \(line.count) cells, not \(columns.count)")
      }
    }
    rows = lines
  }
}

/// The state machine that splits text into lines and cells.
private struct CSVParser {
  private let bytes: [UInt8]
  private let path: String

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  func lines() throws(ArtifactError) -> [[String]] {
    let quote = UInt8(ascii: "\"")
    var lines: [[String]] = []
    var line: [String] = []
    var cell: [UInt8] = []
    var isQuoted = false
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      switch byte {
      case quote where isQuoted && next == quote:
        cell.append(quote)
        index += 1
      case quote: isQuoted.toggle()
      case _ where isQuoted: cell.append(byte)
      case UInt8(ascii: ","):
        line.append(String(decoding: cell, as: UTF8.self))
        cell = []
      case UInt8(ascii: "\r") where next == UInt8(ascii: "\n"): break
      case UInt8(ascii: "\n"):
        lines.append(line + [String(decoding: cell, as: UTF8.self)])
        line = []
        cell = []
      default: cell.append(byte)
      }
      index += 1
    }
    guard !isQuoted else {
      throw ArtifactError.malformed(path: path, "row \(lines.count) has a quote that is not closed")
    }
    if !cell.isEmpty || !line.isEmpty {
      lines.append(line + [String(decoding: cell, as: UTF8.self)])
    }
    return lines
  }
}
