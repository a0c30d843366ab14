/// The header of an `.npy` file: a Python dictionary literal with three known keys.
struct NPYHeader {
  let type: NumPyType
  let isFortranOrder: Bool
  let shape: [Int]

  init(_ text: String, format: String) throws(FileFormatError) {
    var parser = LiteralParser(text, format: format)
    var descriptor: String?
    var order: Bool?
    var extents: [Int]?
    try parser.expect("{")
    while !parser.accept("}") {
      let key = try parser.string()
      try parser.expect(":")
      switch key {
      case "descr": descriptor = try parser.string()
      case "fortran_order": order = try parser.boolean()
      case "shape": extents = try parser.tuple()
      default: throw parser.malformed("has the unknown key \(quoted(key))")
      }
      if !parser.accept(",") {
        try parser.expect("}")
        break
      }
    }
    guard let descriptor, let order, let extents else {
      throw parser.malformed("lacks one of the keys descr, fortran_order and shape")
    }
    type = try NumPyType(descriptor, format: format)
    isFortranOrder = order
    shape = extents
  }
}

/// A parser of the few Python literals of such a header.
private struct LiteralParser {
  private let characters: [UInt8]
  private let format: String
  private var index = 0

  init(_ text: String, format: String) {
    characters = Array(text.utf8)
    self.format = format
  }

  func malformed(_ detail: String) -> FileFormatError {
    FileFormatError(.malformed, format: format, "the header \(detail)")
  }

  mutating func accept(_ character: Unicode.Scalar) -> Bool {
    while index < characters.count, [0x20, 0x09, 0x0A, 0x0D].contains(characters[index]) {
      index += 1
    }
    guard index < characters.count, characters[index] == UInt8(ascii: character) else {
      return false
    }
    index += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(FileFormatError) {
    guard accept(character) else {
      throw malformed("has no '\(character)' at character \(index)")
    }
  }

  mutating func string() throws(FileFormatError) -> String {
    let isDouble = accept("\"")
    guard isDouble || accept("'") else {
      if accept("[") {
        throw FileFormatError(.unsupported, format: format, "is a structured array (records)")
      }
      throw malformed("has no string at character \(index)")
    }
    let quote = UInt8(ascii: isDouble ? "\"" : "'")
    guard let end = characters[index...].firstIndex(of: quote) else {
      throw malformed("has a string without an end")
    }
    defer { index = end + 1 }
    return String(decoding: characters[index..<end], as: UTF8.self)
  }

  mutating func boolean() throws(FileFormatError) -> Bool {
    if accept("T") {
      for character in "rue".unicodeScalars { try expect(character) }
      return true
    }
    for character in "False".unicodeScalars { try expect(character) }
    return false
  }

  mutating func tuple() throws(FileFormatError) -> [Int] {
    var values: [Int] = []
    try expect("(")
    while !accept(")") {
      values.append(try integer())
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return values
  }

  private mutating func integer() throws(FileFormatError) -> Int {
    _ = accept(" ")
    let digits = characters[index...].prefix { (0x30...0x39).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
      throw malformed("has no extent at character \(index)")
    }
    index += digits.count
    // Python 2 wrote long integers with a suffix.
    _ = accept("L")
    return value
  }
}
