/// One field of a row of a table.
struct TableField {
  let bytes: ArraySlice<UInt8>
  /// The number that it is; nil for text.
  let number: Float?

  init(_ raw: ArraySlice<UInt8>) {
    var bytes = raw
    while bytes.first == 0x20 { bytes = bytes.dropFirst() }
    while bytes.last == 0x20 { bytes = bytes.dropLast() }
    self.bytes = bytes
    let digits = bytes.first == 0x2D ? bytes.dropFirst() : bytes
    let isWhole = !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
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
///
/// Fields are separated by commas, semicolons or tabs, whichever the first line has most of, and may stand in
/// double quotes (RFC 4180).
struct TableRows {
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
  mutating func next() -> [TableField]? {
    while position < bytes.count {
      line += 1
      let fields = row()
      if fields.count > 1 || fields.first?.bytes.isEmpty == false { return fields }
    }
    return nil
  }

  private mutating func row() -> [TableField] {
    var fields: [TableField] = []
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
  private mutating func plainField() -> TableField {
    let start = position
    while position < bytes.count, bytes[position] != separator, bytes[position] != 0x0A {
      position += 1
    }
    var field = bytes[start..<position]
    if field.last == 0x0D { field = field.dropLast() }
    return TableField(field)
  }

  private mutating func quotedField() -> TableField {
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
    return TableField(text[...])
  }
}
