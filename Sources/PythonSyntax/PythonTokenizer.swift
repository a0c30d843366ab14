/// Cuts a text in Python into tokens, with the starts and ends of blocks.
///
/// Source: the Python Language Reference, section 2. Memory and time are linear in the text.
struct PythonTokenizer {
  private static let symbols: [[UInt8]] =
    [
      "**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "<=", ">=", "==", "!=", "->", "+=",
      "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", ":=", "+", "-", "*", "/", "%", "@", "&", "|",
      "^", "~", "<", ">", "(", ")", "[", "]", "{", "}", ",", ":", ".", ";", "=", "!",
    ].map { Array($0.utf8) }

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var nesting = 0
  private var blocks = [0]
  private var tokens: [PythonToken] = []

  /// Starts at the first byte; lines count from a given number on.
  init(_ text: String, firstLine: Int = 1) {
    bytes = Array(text.utf8)
    line = firstLine
  }

  /// All tokens, the last of which is the end.
  ///
  /// - Throws: `PythonSyntaxError` for a character or string that is no Python.
  mutating func run() throws(PythonSyntaxError) -> [PythonToken] {
    var isLineStart = true
    while position < bytes.count {
      if isLineStart && nesting == 0 {
        guard try startLine() else { continue }
        isLineStart = false
      }
      let byte = bytes[position]
      switch byte {
      case 0x20, 0x09, 0x0C, 0x0D: position += 1
      case 0x23: skipComment()
      case 0x0A:
        position += 1
        if nesting == 0 {
          add(.newline)
          isLineStart = true
        }
        line += 1
      case 0x5C where next == 0x0A:
        position += 2
        line += 1
      case 0x5C where next == 0x0D: position += 1
      default: try readToken()
      }
    }
    if !isLineStart { add(.newline) }
    for _ in blocks.dropFirst() { add(.dedent) }
    add(.end)
    return tokens
  }

  private var next: UInt8? { position + 1 < bytes.count ? bytes[position + 1] : nil }

  private mutating func add(_ kind: PythonToken.Kind) {
    tokens.append(PythonToken(kind: kind, line: line))
  }

  private mutating func skipComment() {
    while position < bytes.count, bytes[position] != 0x0A { position += 1 }
  }

  // MARK: - Blocks

  /// Measures the indentation of a line and opens or closes blocks.
  ///
  /// - Returns: false for a line without tokens, which is skipped.
  private mutating func startLine() throws(PythonSyntaxError) -> Bool {
    var width = 0
    while position < bytes.count {
      switch bytes[position] {
      case 0x20: width += 1
      case 0x09: width = (width / 8 + 1) * 8
      case 0x0C, 0x0D: break
      case 0x23: skipComment(); continue
      case 0x0A:
        position += 1
        line += 1
        return false
      default:
        try open(width)
        return true
      }
      position += 1
    }
    return false
  }

  private mutating func open(_ width: Int) throws(PythonSyntaxError) {
    if width > blocks.last ?? 0 {
      guard blocks.count < 100 else { throw failure("blocks are nested more than 100 deep") }
      blocks.append(width)
      add(.indent)
    }
    while width < blocks.last ?? 0 {
      blocks.removeLast()
      add(.dedent)
    }
    guard width == blocks.last else { throw failure("the indentation fits no block") }
  }

  private func failure(_ reason: String) -> PythonSyntaxError {
    PythonSyntaxError(reason, line: line)
  }

  // MARK: - Tokens

  private mutating func readToken() throws(PythonSyntaxError) {
    let byte = bytes[position]
    if byte == 0x22 || byte == 0x27 { return try readText(prefix: "") }
    if Self.isDigit(byte) || byte == 0x2E && next.map(Self.isDigit) == true {
      return try readNumber()
    }
    if Self.startsName(byte) {
      var end = position + 1
      while end < bytes.count, Self.startsName(bytes[end]) || Self.isDigit(bytes[end]) { end += 1 }
      let name = String(decoding: bytes[position..<end], as: UTF8.self)
      let isQuoted = end < bytes.count && (bytes[end] == 0x22 || bytes[end] == 0x27)
      if isQuoted, name.utf8.count <= 2, name.allSatisfy({ "rRbBuUfF".contains($0) }) {
        position = end
        return try readText(prefix: name.lowercased())
      }
      position = end
      return add(.name(name))
    }
    for symbol in Self.symbols where bytes[position...].starts(with: symbol) {
      position += symbol.count
      if let bracket = symbol.first, symbol.count == 1 {
        if "([{".utf8.contains(bracket) { nesting += 1 }
        if ")]}".utf8.contains(bracket) { nesting = max(nesting - 1, 0) }
      }
      return add(.symbol(String(decoding: symbol, as: UTF8.self)))
    }
    throw failure("has the character 0x\(String(byte, radix: 16))")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func startsName(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte >= 0x80
  }

  private mutating func readNumber() throws(PythonSyntaxError) {
    let start = position
    let radixes: [UInt8: Int] = [0x78: 16, 0x58: 16, 0x6F: 8, 0x4F: 8, 0x62: 2, 0x42: 2]
    if bytes[position] == 0x30, let radix = next.flatMap({ radixes[$0] }) {
      position += 2
      let digits = take { Self.startsName($0) || Self.isDigit($0) }
      guard let value = Int(digits, radix: radix) else { throw failure("has a damaged number") }
      return add(.integer(value))
    }
    var digits = take { Self.isDigit($0) || $0 == 0x5F }
    var isWhole = true
    if position < bytes.count, bytes[position] == 0x2E {
      isWhole = false
      position += 1
      digits += "." + take { Self.isDigit($0) || $0 == 0x5F }
    }
    if position < bytes.count, bytes[position] | 0x20 == 0x65, position > start {
      let sign = next == 0x2B || next == 0x2D ? 1 : 0
      let place = position + 1 + sign
      if place < bytes.count, Self.isDigit(bytes[place]) {
        isWhole = false
        digits += String(decoding: bytes[position..<place], as: UTF8.self)
        position = place
        digits += take { Self.isDigit($0) || $0 == 0x5F }
      }
    }
    if isWhole, let value = Int(digits) { return add(.integer(value)) }
    if digits.hasPrefix(".") { digits = "0" + digits }
    if digits.hasSuffix(".") { digits += "0" }
    guard let value = Double(digits.replacing(".e", with: ".0e").replacing(".E", with: ".0e"))
    else { throw failure("has a damaged number") }
    add(.real(value))
  }

  /// The bytes while they fulfil a condition, without the separators of digits.
  private mutating func take(_ isTaken: (UInt8) -> Bool) -> String {
    let start = position
    while position < bytes.count, isTaken(bytes[position]) { position += 1 }
    return String(decoding: bytes[start..<position].filter { $0 != 0x5F }, as: UTF8.self)
  }

  // MARK: - Strings

  private mutating func readText(prefix: String) throws(PythonSyntaxError) {
    let firstLine = line
    let quote = bytes[position]
    let isTriple =
      position + 2 < bytes.count && bytes[position + 1] == quote && bytes[position + 2] == quote
    position += isTriple ? 3 : 1
    let start = position
    while true {
      guard position < bytes.count else { throw failure("has a string without an end") }
      let byte = bytes[position]
      if byte == 0x5C {
        if next == 0x0A { line += 1 }
        position += 2
        continue
      }
      if byte == 0x0A {
        guard isTriple else { throw failure("has a string without an end") }
        line += 1
      }
      if byte == quote {
        if !isTriple { break }
        if position + 2 < bytes.count, bytes[position + 1] == quote, bytes[position + 2] == quote {
          break
        }
      }
      position += 1
    }
    let content = bytes[start..<position]
    position += isTriple ? 3 : 1
    let text =
      prefix.contains("r")
      ? String(decoding: content, as: UTF8.self) : PythonEscapes.resolved(content)
    tokens.append(
      PythonToken(kind: prefix.contains("f") ? .template(text) : .text(text), line: firstLine))
  }
}
