/// The arguments of a term, taken one by one: each by its place or its key.
struct LayerSettings {
  private let term: LayerTerm
  private var remaining: [LayerTerm.Argument]

  /// Sizes at most: layers with more would not fit any memory.
  private static let largest = 1 << 24

  init(_ term: LayerTerm) {
    self.term = term
    remaining = term.arguments
  }

  /// The text of a setting; the first argument without a key where `isPositional`.
  private mutating func text(_ keys: [String], isPositional: Bool) -> String? {
    if let index = remaining.firstIndex(where: { $0.key.map(keys.contains) ?? false }) {
      return remaining.remove(at: index).text
    }
    guard isPositional,
      let index = remaining.firstIndex(where: { $0.key == nil && $0.text.first?.isLetter != true })
    else { return nil }
    return remaining.remove(at: index).text
  }

  /// A whole number, or nil where there is none.
  mutating func integer(
    _ keys: String..., in range: ClosedRange<Int> = 1...LayerSettings.largest,
    positional: Bool = false
  ) throws(LayerListError) -> Int? {
    guard let text = text(keys, isPositional: positional) else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw error("\(keys[0]) is \"\(text)\" instead of a whole number from \(range.lowerBound) on")
    }
    return value
  }

  /// A whole number that must be there.
  mutating func required(_ key: String) throws(LayerListError) -> Int {
    guard let value = try integer(key, positional: true) else {
      throw error("needs \(key), as in \(LayerWords.examples[term.word] ?? term.word)")
    }
    return value
  }

  /// One number for height and width, or two with an `x` between.
  mutating func extents(
    _ keys: String..., from least: Int = 1, positional: Bool = false
  ) throws(LayerListError) -> [Int]? {
    guard let text = text(keys, isPositional: positional) else { return nil }
    let numbers = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    let range = least...Self.largest
    guard (1...2).contains(numbers.count), let first = numbers[0], range.contains(first),
      let last = numbers[numbers.count - 1], range.contains(last)
    else {
      throw error("\(keys[0]) is \"\(text)\" instead of a number like 3, or 3x5 for height x width")
    }
    return [first, last]
  }

  /// A number, or nil where there is none.
  mutating func number(
    _ keys: String..., positional: Bool = false
  ) throws(LayerListError) -> Double? {
    guard let text = text(keys, isPositional: positional) else { return nil }
    guard let value = Double(text), value.isFinite else {
      throw error("\(keys[0]) is \"\(text)\" instead of a number")
    }
    return value
  }

  /// Whether a word without a key is there.
  mutating func flag(_ words: String...) -> Bool {
    guard
      let index = remaining.firstIndex(where: {
        $0.key == nil && words.contains($0.text.lowercased())
      })
    else { return false }
    remaining.remove(at: index)
    return true
  }

  /// `key=yes` or `key=no`.
  mutating func answer(_ key: String, default value: Bool) throws(LayerListError) -> Bool {
    guard let text = text([key], isPositional: false)?.lowercased() else { return value }
    if ["yes", "true", "1"].contains(text) { return true }
    if ["no", "false", "0"].contains(text) { return false }
    throw error("\(key) is \"\(text)\" instead of yes or no")
  }

  /// Checks that nothing is left.
  func finish() throws(LayerListError) {
    guard let extra = remaining.first else { return }
    let text = extra.key.map { "\($0)=\(extra.text)" } ?? extra.text
    throw error("has no setting \"\(text)\"")
  }

  func error(_ text: String) -> LayerListError {
    LayerListError("\(term.word) \(text)", at: term.place)
  }
}
