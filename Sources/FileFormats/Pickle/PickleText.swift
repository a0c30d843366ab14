/// The operands that pickles write as text (protocol 0) or as integers of any length.
enum PickleText {
  /// The integer of little-endian two's-complement bytes.
  static func integer(_ bytes: ArraySlice<UInt8>) -> PickleValue {
    guard bytes.count <= 8 else { return .bigInteger(Array(bytes)) }
    var value: Int64 = (bytes.last ?? 0) >= 0x80 ? -1 : 0
    for byte in bytes.reversed() { value = value << 8 | Int64(byte) }
    return .integer(Int(value))
  }

  /// The value of a text opcode from its line.
  static func value(
    _ opcode: PickleOpcode, _ line: ArraySlice<UInt8>
  ) throws(FileFormatError) -> PickleValue {
    switch opcode {
    case .string: return .bytes(try unescaped(line)[...])
    case .unicode: return .string(try unicode(line))
    case .float:
      let text = String(decoding: line, as: UTF8.self)
      guard let value = Double(text) else { throw invalid(text) }
      return .float(value)
    default:
      let text = String(decoding: line, as: UTF8.self)
      if opcode == .integer, text == "00" || text == "01" { return .boolean(text == "01") }
      guard let value = Int(text.hasSuffix("L") ? String(text.dropLast()) : text) else {
        throw invalid(text)
      }
      return .integer(value)
    }
  }

  private static func invalid(_ text: String) -> FileFormatError {
    Pickle.malformed("has the number \(quoted(text))")
  }

  /// The bytes of a quoted Python 2 string literal.
  private static func unescaped(_ line: ArraySlice<UInt8>) throws(FileFormatError) -> [UInt8] {
    guard let quote = line.first, quote == 0x27 || quote == 0x22, line.count >= 2,
      line.last == quote
    else {
      throw Pickle.malformed("has a string without quotes")
    }
    let simple: [UInt8: UInt8] = [
      0x5C: 0x5C, 0x27: 0x27, 0x22: 0x22, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09,
    ]
    var rest = line.dropFirst().dropLast()
    var output: [UInt8] = []
    while let byte = rest.popFirst() {
      guard byte == 0x5C else {
        output.append(byte)
        continue
      }
      let code = rest.popFirst()
      if let code, let plain = simple[code] {
        output.append(plain)
      } else if code == UInt8(ascii: "x"), let value = hexadecimal(rest.prefix(2), 2) {
        output.append(UInt8(truncatingIfNeeded: value))
        rest = rest.dropFirst(2)
      } else {
        throw Pickle.malformed("has a string with an unknown escape")
      }
    }
    return output
  }

  /// The text of a "raw-unicode-escape" line: Latin-1 with `\u` and `\U` escapes.
  private static func unicode(_ line: ArraySlice<UInt8>) throws(FileFormatError) -> String {
    var scalars = String.UnicodeScalarView()
    var rest = line
    while let byte = rest.popFirst() {
      let digits = byte == 0x5C ? [0x75: 4, 0x55: 8][rest.first ?? 0] : nil
      guard let digits else {
        scalars.append(Unicode.Scalar(byte))
        continue
      }
      let code = hexadecimal(rest.dropFirst().prefix(digits), digits)
      guard let scalar = code.flatMap({ Unicode.Scalar($0) }) else {
        throw Pickle.malformed("has text with an unknown escape")
      }
      scalars.append(scalar)
      rest = rest.dropFirst(1 + digits)
    }
    return String(scalars)
  }

  private static func hexadecimal(_ digits: ArraySlice<UInt8>, _ count: Int) -> UInt32? {
    guard digits.count == count, digits.first != UInt8(ascii: "+") else { return nil }
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
