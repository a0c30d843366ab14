internal import FileFormats

extension FuzzedReader.Words {
  /// The words of a list, which is written as libFuzzer reads it: one in quotes a line, with bytes like `\x0a`.
  ///
  /// - Parameter tests: The folder `Tests` of the repository.
  /// - Returns: The bytes of each word.
  /// - Throws: `FileFormatError` for a list that is missing.
  func bytes(tests: String) throws -> [[UInt8]] {
    let text = try FileBytes.read("\(tests)/Fuzzing/Dictionaries/\(rawValue)")
    return text.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard let first = line.firstIndex(of: UInt8(ascii: "\"")), line.last == UInt8(ascii: "\""),
        first < line.endIndex - 1
      else { return nil }
      return Self.unescaped(line[(first + 1)..<(line.endIndex - 1)])
    }
  }

  private static func unescaped(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var (result, rest) = ([UInt8](), line)
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let next = rest.popFirst() else {
        result.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      if next == UInt8(ascii: "x"), let value = UInt8(digits, radix: 16) {
        result.append(value)
        rest = rest.dropFirst(2)
      } else {
        result.append(next)
      }
    }
    return result
  }
}
