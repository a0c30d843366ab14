/// Pattern over names: `*` stands for any characters, `?` for one.
package struct NamePattern: Sendable, Hashable {
  private let pattern: [Character]

  /// Creates a pattern; without `*` and `?` it matches one name.
  package init(_ text: String) { pattern = Array(text) }

  /// Whether the whole name matches.
  ///
  /// - Complexity: At most length of the name times length of the pattern.
  package func matches(_ name: String) -> Bool {
    let text = Array(name)
    var (i, p) = (0, 0)
    // Where to go on when the characters behind the last `*` do not fit.
    var retry: (text: Int, pattern: Int)?
    while i < text.count {
      if p < pattern.count, pattern[p] == "*" {
        retry = (i, p + 1)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[i] {
        i += 1
        p += 1
      } else if let last = retry {
        retry = (last.text + 1, last.pattern)
        (i, p) = (last.text + 1, last.pattern)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}
