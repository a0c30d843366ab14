internal import LinearAlgebra

/// Changes bytes without knowing what they are: the part of libFuzzer that tests can do without it.
struct ByteMutator {
  /// Words that may take the place of others.
  private let words: [[UInt8]]
  private var stream: RandomStream

  /// Begins one mutation.
  init(seed: Int, words: [[UInt8]]) {
    self.words = words
    stream = RandomStream(seed: 1, label: "byte mutator", index: seed)
  }

  /// Bytes with one to four changes, at most `limit` of them.
  mutating func mutated(_ bytes: [UInt8], limit: Int) -> [UInt8] {
    var result = bytes
    for _ in 0...stream.integer(below: 4) {
      let start = stream.integer(below: result.count + 1)
      let end = min(start + 1 + stream.integer(below: 16), result.count)
      switch stream.integer(below: 4) {
      case 0 where start < end: result[start] = UInt8(stream.integer(below: 256))
      case 1: result.removeSubrange(start..<end)
      case 2 where !words.isEmpty:
        result.replaceSubrange(start..<end, with: words[stream.integer(below: words.count)])
      default: result.insert(contentsOf: result[start..<end], at: start)
      }
    }
    return Array(result.prefix(limit))
  }
}
