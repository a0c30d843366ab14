internal import FileFormats

/// A table in a text file: numbers in columns, some of which may hold text instead.
///
/// Fields are separated by commas, semicolons or tabs, whichever the first line has most of, and may stand in
/// double quotes (RFC 4180). A first line with text over a column of numbers is a header.
struct Table {
  /// One column.
  struct Column {
    /// As in the header; "column 5" where there is none.
    let name: String
    /// One for each row; empty in a column of text.
    fileprivate(set) var numbers: [Float] = []
    /// One for each row; empty in a column of numbers.
    fileprivate(set) var texts: [String] = []
    /// Whether no number was written with a decimal point or an exponent.
    fileprivate(set) var isWhole = true

    var isText: Bool { !texts.isEmpty }

    init(name: String) { self.name = name }
  }

  /// The columns, all of `rowCount`.
  private(set) var columns: [Column]
  private(set) var rowCount = 0
  let hasHeader: Bool

  /// Bytes of the largest file that is read.
  private static let sizeLimit = 1 << 31

  /// Reads a file.
  ///
  /// - Throws: `DatasetError` that names the line which is no row of the table.
  /// - Complexity: One pass; memory of about twice the file.
  init(file path: String) throws(DatasetError) {
    let bytes = try reading(path) { () throws(FileFormatError) in
      let source = try ByteSource(file: path)
      guard source.count <= Self.sizeLimit else {
        throw FileFormatError(
          .tooLarge, format: "table", "has \(source.count) bytes; save it as an .npz file")
      }
      return Array(try source.read(0..<source.count, format: "table"))
    }
    var reader = RowReader(bytes)
    guard let first = reader.next() else {
      throw DatasetError(.empty, path, "has no lines; give a table")
    }
    let second = reader.next()
    let hasHeader =
      second.map { row in
        zip(first, row).contains { $0.number == nil && $1.number != nil }
      } ?? first.allSatisfy { $0.number == nil }
    self.hasHeader = hasHeader
    columns = first.enumerated().map { place, field in
      Column(name: hasHeader && !field.text.isEmpty ? field.text : "column \(place + 1)")
    }
    guard columns.count > 1 else {
      throw DatasetError(
        .unrecognised, path,
        "its first line has one field; a table has fields separated by commas, semicolons or tabs")
    }
    if !hasHeader { try append(first, line: 1, path) }
    if let second { try append(second, line: 2, path) }
    while let row = reader.next() { try append(row, line: reader.line, path) }
    guard rowCount > 0 else { throw DatasetError(.empty, path, "has a header and no rows") }
  }

  private mutating func append(
    _ fields: [Field], line: Int, _ path: String
  ) throws(DatasetError) {
    guard fields.count == columns.count else {
      throw DatasetError(
        .malformed, path, "line \(line) has \(fields.count) fields, not \(columns.count)")
    }
    for place in columns.indices {
      let field = fields[place]
      if let number = field.number, !columns[place].isText {
        columns[place].numbers.append(number)
        columns[place].isWhole = columns[place].isWhole && field.isWhole
      } else if columns[place].numbers.isEmpty, !field.text.isEmpty {
        columns[place].texts.append(field.text)
      } else {
        let name = quoted(columns[place].name)
        throw DatasetError(
          .malformed, path,
          field.text.isEmpty
            ? "line \(line) has nothing in \(name); fill the gap or remove the row"
            : "line \(line) has \(quoted(field.text)) in \(name), a column of numbers; remove or correct it"
        )
      }
    }
    rowCount += 1
  }
}

/// One field of a row.
private struct Field {
  let bytes: ArraySlice<UInt8>
  /// The number that it is; nil for text.
  let number: Float?
  let isWhole: Bool

  init(_ raw: ArraySlice<UInt8>) {
    var bytes = raw
    while bytes.first == 0x20 { bytes = bytes.dropFirst() }
    while bytes.last == 0x20 { bytes = bytes.dropLast() }
    self.bytes = bytes
    let digits = bytes.first == 0x2D ? bytes.dropFirst() : bytes
    isWhole = !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
    if isWhole, digits.count <= 7 {
      let value = digits.reduce(0) { $0 &* 10 &+ Int($1 &- 0x30) }
      number = Float(digits.count < bytes.count ? -value : value)
    } else {
      // Single precision from double: rounded twice where a decimal lies halfway, as NumPy does.
      number = Double(String(decoding: bytes, as: UTF8.self)).map { Float($0) }
        .flatMap { $0.isFinite ? $0 : nil }
    }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Rows of a text, split into fields.
private struct RowReader {
  private let bytes: [UInt8]
  private let separator: UInt8
  private var position: Int
  /// Lines that were read.
  private(set) var line = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    // A byte order mark is no part of the first field.
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let first = bytes.prefix { $0 != 0x0A }
    let candidates: [UInt8] = [0x2C, 0x3B, 0x09]
    let counts = candidates.map { candidate in first.count { $0 == candidate } }
    separator = zip(candidates, counts).max { $0.1 < $1.1 }?.0 ?? 0x2C
  }

  /// The next row that is not empty; nil at the end.
  mutating func next() -> [Field]? {
    while position < bytes.count {
      line += 1
      let fields = row()
      if fields.count > 1 || fields.first?.bytes.isEmpty == false { return fields }
    }
    return nil
  }

  private mutating func row() -> [Field] {
    var fields: [Field] = []
    while true {
      fields.append(
        position < bytes.count && bytes[position] == 0x22 ? quotedField() : plainField())
      guard position < bytes.count else { return fields }
      let end = bytes[position]
      position += 1
      if end == 0x0A { return fields }
    }
  }

  /// A field up to its separator or the end of the line, which is not passed.
  private mutating func plainField() -> Field {
    let start = position
    while position < bytes.count, bytes[position] != separator, bytes[position] != 0x0A {
      position += 1
    }
    var field = bytes[start..<position]
    if field.last == 0x0D { field = field.dropLast() }
    return Field(field)
  }

  private mutating func quotedField() -> Field {
    var text: [UInt8] = []
    position += 1
    while position < bytes.count {
      if bytes[position] != 0x22 {
        text.append(bytes[position])
      } else if position + 1 < bytes.count, bytes[position + 1] == 0x22 {
        text.append(0x22)
        position += 1
      } else {
        break
      }
      position += 1
    }
    position = min(position + 1, bytes.count)
    // What stands between the quote and the separator is no part of it.
    while position < bytes.count, bytes[position] != separator, bytes[position] != 0x0A {
      position += 1
    }
    return Field(text[...])
  }
}
