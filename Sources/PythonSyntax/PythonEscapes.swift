/// Escapes in Python's strings.
enum PythonEscapes {
  private static let simple: [UInt8: UInt8] = [
    0x5C: 0x5C, 0x27: 0x27, 0x22: 0x22, 0x61: 0x07, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D,
    0x74: 0x09, 0x76: 0x0B,
  ]

  /// The text that a literal stands for; unknown escapes stay as they are.
  static func resolved(_ literal: ArraySlice<UInt8>) -> String {
    guard literal.contains(0x5C) else { return String(decoding: literal, as: UTF8.self) }
    var output: [UInt8] = []
    var rest = literal
    while let byte = rest.popFirst() {
      guard byte == 0x5C, let code = rest.first else {
        output.append(byte)
        continue
      }
      if code == 0x0A {
        rest = rest.dropFirst()
      } else if let plain = simple[code] {
        output.append(plain)
        rest = rest.dropFirst()
      } else if let (scalar, length) = numbered(rest) {
        output += Array(String(Character(scalar)).utf8)
        rest = rest.dropFirst(length)
      } else {
        output.append(byte)
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// A character given by its number: `x41`, `u0041`, `U00000041`, or up to three octal digits.
  private static func numbered(_ rest: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
    let counts: [UInt8: Int] = [0x78: 2, 0x75: 4, 0x55: 8]
    let (digits, radix, skipped): (ArraySlice<UInt8>, Int, Int)
    if let code = rest.first, let count = counts[code] {
      digits = rest.dropFirst().prefix(count)
      guard digits.count == count else { return nil }
      (radix, skipped) = (16, 1)
    } else {
      digits = rest.prefix(3).prefix { (0x30...0x37).contains($0) }
      (radix, skipped) = (8, 0)
    }
    guard let first = digits.first, first != 0x2B, first != 0x2D,
      let number = UInt32(String(decoding: digits, as: UTF8.self), radix: radix),
      let scalar = Unicode.Scalar(number)
    else { return nil }
    return (scalar, skipped + digits.count)
  }
}
