internal import FileFormats

/// A table in a text file: columns of numbers or text, see `TableRows`.
///
/// A first line with text over a column of numbers is a header.
struct Table {
  /// One column.
  struct Column {
    /// As in the header; "column 5" where there is none.
    fileprivate(set) var name: String
    /// One for each row; empty unless all fields are numbers.
    fileprivate(set) var numbers: [Float] = []
    /// One for each row; empty where all fields are numbers.
    fileprivate(set) var texts: [String] = []
    /// Whether some fields are numbers.
    fileprivate(set) var hasNumbers = false
    /// The first field that is no number, for messages.
    fileprivate(set) var firstText: String?
    /// The first field without anything, for messages.
    fileprivate(set) var firstGap: String?

    /// Whether no field is a number.
    var isText: Bool { !texts.isEmpty && !hasNumbers }
    /// Whether all fields are numbers.
    var isNumeric: Bool { texts.isEmpty }
    /// Whether all fields are whole numbers, however they are written: `1` or `1.0`.
    var isWhole: Bool { isNumeric && numbers.allSatisfy { $0 == $0.rounded() } }
    /// Number of different fields.
    var distinctCount: Int { isNumeric ? Set(numbers).count : Set(texts).count }

    init(name: String) { self.name = name }
  }

  /// The columns, all of `rowCount`.
  private(set) var columns: [Column]
  private(set) var rowCount = 0
  let hasHeader: Bool
  /// The column that comes from a file of targets.
  private(set) var joinedTarget: Int?

  /// Bytes of the largest file that is read.
  private static let sizeLimit = 1 << 31

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - hasHeader: Whether the first line is one, in a file that may have a single column; nil where the file says it.
  /// - Throws: `DatasetError` that names the line which is no row of the table.
  /// - Complexity: One pass, a second one where text follows numbers in a column; memory of about twice the file.
  init(file path: String, hasHeader: Bool? = nil) throws(DatasetError) {
    let bytes = try reading(path) { () throws(FileFormatError) in
      let source = try ByteSource(file: path)
      guard source.count <= Self.sizeLimit else {
        throw FileFormatError(
          .tooLarge, format: "table", "has \(source.count) bytes; save it as an .npz file")
      }
      return Array(try source.read(0..<source.count, format: "table"))
    }
    try self.init(bytes, path, hasHeader: hasHeader)
  }

  private init(_ bytes: [UInt8], _ path: String, hasHeader: Bool?) throws(DatasetError) {
    try self.init(bytes, path, hasHeader: hasHeader, asText: [])
    // Numbers above the first text have gone by: their text is in the file.
    let mixed = columns.indices.filter { columns[$0].hasNumbers && columns[$0].firstText != nil }
    if !mixed.isEmpty { try self.init(bytes, path, hasHeader: hasHeader, asText: Set(mixed)) }
  }

  private init(
    _ bytes: [UInt8], _ path: String, hasHeader given: Bool?, asText: Set<Int>
  ) throws(DatasetError) {
    var reader = TableRows(bytes)
    guard let first = reader.next() else {
      throw DatasetError(.empty, path, "has no lines; give a table")
    }
    let firstLine = reader.line
    let second = reader.next()
    let hasHeader =
      given
      ?? second.map { row in
        zip(first, row).contains { $0.number == nil && $1.number != nil }
          || Self.countsColumns(first)
      } ?? first.allSatisfy { $0.number == nil }
    self.hasHeader = hasHeader
    columns = first.enumerated().map { place, field in
      // NumPy writes a header as a comment.
      let name = String(field.text.drop { place == 0 && ($0 == "#" || $0 == " ") })
      return Column(name: hasHeader && !name.isEmpty ? name : "column \(place + 1)")
    }
    guard columns.count > 1 || given != nil else {
      throw DatasetError(
        .unrecognised, path,
        "its first line has one field; a table has fields separated by commas, semicolons or tabs")
    }
    if !hasHeader { try append(first, line: firstLine, asText, path) }
    if let second { try append(second, line: reader.line, asText, path) }
    while let row = reader.next() { try append(row, line: reader.line, asText, path) }
    guard rowCount > 0 else { throw DatasetError(.empty, path, "has a header and no rows") }
  }

  /// Adds the target that another file holds, in a column beside which only the names of rows may stand.
  ///
  /// - Throws: `DatasetError` when it has other rows, or several columns.
  mutating func join(_ file: String, path: String) throws(DatasetError) {
    let other = try Table(file: file, hasHeader: hasHeader)
    // Rows are the same where both files name them alike.
    let columns = other.columns.filter { column in
      !self.columns.contains {
        $0.name == column.name && $0.numbers == column.numbers && $0.texts == column.texts
      }
    }
    guard other.rowCount == rowCount, columns.count == 1, var target = columns.first else {
      throw DatasetError(
        .shape, file,
        "has \(other.rowCount) rows and \(other.columns.count) columns beside the \(rowCount) rows of "
          + "\(lastComponent(path)); join the two in one file with a column 'label'")
    }
    if !hasHeader || self.columns.contains(where: { $0.name == target.name }) {
      target.name = "target"
    }
    joinedTarget = self.columns.count
    self.columns.append(target)
  }

  /// Whether the numbers of a first line are those of the columns, as pandas writes them.
  private static func countsColumns(_ fields: [TableField]) -> Bool {
    let numbers = fields.compactMap(\.number)
    return numbers.count >= 2 && numbers.count < fields.count && (0...1).contains(numbers[0])
      && numbers.enumerated().allSatisfy { Float($0.offset) == $0.element - numbers[0] }
  }

  private mutating func append(
    _ fields: [TableField], line: Int, _ asText: Set<Int>, _ path: String
  ) throws(DatasetError) {
    guard fields.count == columns.count else {
      throw DatasetError(
        .malformed, path, "line \(line) has \(fields.count) fields, not \(columns.count)")
    }
    for place in columns.indices {
      let field = fields[place]
      if let number = field.number {
        columns[place].hasNumbers = true
        if columns[place].firstText == nil, !asText.contains(place) {
          columns[place].numbers.append(number)
        } else {
          columns[place].texts.append(field.text)
        }
      } else {
        let text = field.text
        columns[place].numbers = []
        columns[place].texts.append(text)
        if columns[place].firstText == nil {
          columns[place].firstText =
            text.isEmpty ? "line \(line) has nothing" : "line \(line) has \(quoted(text))"
        }
        if text.isEmpty, columns[place].firstGap == nil {
          columns[place].firstGap = "line \(line) has nothing"
        }
      }
    }
    rowCount += 1
  }
}
