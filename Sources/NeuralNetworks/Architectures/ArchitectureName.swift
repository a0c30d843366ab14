/// The parts of a name like `resnet20-b-w8`: a stem, numbers and options.
struct ArchitectureName {
  private var parts: [Substring]

  init(_ name: String) { parts = name.split(separator: "-", omittingEmptySubsequences: false) }

  /// Removes the next part if it is `text`.
  mutating func take(_ text: String) -> Bool {
    guard parts.first == text[...] else { return false }
    parts.removeFirst()
    return true
  }

  /// Removes the next part if it is the name of one of the cases, and gives the case.
  mutating func take<Option: CaseIterable & RawRepresentable<String>>(
    _ type: Option.Type
  ) -> Option? {
    guard let part = parts.first, let option = Option(rawValue: String(part)) else { return nil }
    parts.removeFirst()
    return option
  }

  /// Removes the next part if it is `prefix` and a number in `range`, and gives the number.
  mutating func takeNumber(after prefix: String = "", in range: ClosedRange<Int>) -> Int? {
    guard let part = parts.first, part.hasPrefix(prefix) else { return nil }
    let digits = part.dropFirst(prefix.count)
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      let number = Int(digits), range.contains(number)
    else { return nil }
    parts.removeFirst()
    return number
  }

  /// Removes `patchP-wW-dD`: pixels of a patch, numbers of its row, blocks.
  mutating func takePatches() -> (patch: Int, width: Int, layers: Int)? {
    guard let patch = takeNumber(after: "patch", in: 1...1024),
      let width = takeNumber(after: "w", in: 1...65536),
      let layers = takeNumber(after: "d", in: 1...1000)
    else { return nil }
    return (patch, width, layers)
  }

  /// Whether nothing is left.
  var isEmpty: Bool { parts.isEmpty }
}
