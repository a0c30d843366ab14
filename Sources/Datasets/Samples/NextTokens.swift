/// The token behind each one as its target.
///
/// The last one of a sample has none. Where a mask says which tokens are there, padding has no target
/// and is none.
struct NextTokens: Sendable {
  private let tokens: SampleArray
  private let mask: SampleArray?

  /// Prepares the targets of rows of tokens, `[t]`, with a mask of the same shape.
  init(of tokens: SampleArray, mask: SampleArray?) {
    self.tokens = tokens
    self.mask = mask
  }

  /// Writes the targets of consecutive samples.
  ///
  /// - Throws: `DatasetError` when a file ends early.
  func read(_ samples: Range<Int>, to target: UnsafeMutablePointer<Float>) throws(DatasetError) {
    let length = tokens.elementCount
    try unsafe tokens.read(samples, to: target)
    var isThere = [Float](repeating: 1, count: samples.count * length)
    if let mask { isThere = try mask.values(samples) }
    let ignored = Float(SampleArray.ignoredClass)
    for row in 0..<samples.count {
      let first = row * length
      for place in first..<first + length {
        let isLast = place == first + length - 1
        let counts = !isLast && isThere[place] != 0 && isThere[place + 1] != 0
        unsafe target[place] = counts ? target[place + 1] : ignored
      }
    }
  }
}
