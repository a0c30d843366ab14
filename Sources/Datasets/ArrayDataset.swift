internal import FileFormats
internal import LinearAlgebra

/// Named arrays of one split: inputs of any model, what its outputs are compared with, weights.
package struct ArrayDataset: Sendable {
  /// Short name: that of the file.
  package let name: String
  package let split: DatasetSplit
  /// The file.
  package let source: String
  package let samples: Samples
  /// What the user should know about the file.
  let notes: [String]
  /// The target read the other way, classes as numbers or numbers as classes, where that is another array, with
  /// what is said of the file then.
  let otherTarget: (array: SampleArray, notes: [String])?
  /// Whether the classes of the target stand for words.
  let hasTextTarget: Bool

  init(
    name: String, split: DatasetSplit, source: String, samples: Samples,
    otherTarget: (array: SampleArray, notes: [String])? = nil, hasTextTarget: Bool = false,
    notes: [String] = []
  ) {
    self.hasTextTarget = hasTextTarget
    self.otherTarget = otherTarget
    self.name = name
    self.split = split
    self.source = source
    self.samples = samples
    self.notes = notes
  }

  /// Samples that a program has made itself.
  package init(memory samples: Samples) {
    self.init(name: "samples", split: .train, source: "memory", samples: samples)
  }

  /// Number of classes or tokens that an array of whole numbers has: one more than the largest.
  ///
  /// - Parameters:
  ///   - array: One of the arrays.
  ///   - ignored: A number that is no class.
  /// - Returns: nil where the array holds other numbers.
  /// - Throws: `DatasetError` when the file ends early.
  /// - Complexity: One pass over the array.
  package func bound(
    of array: SampleArray, ignoring ignored: Int = SampleArray.ignoredClass
  ) throws(DatasetError) -> Int? {
    guard array.isInteger else { return nil }
    let ignored = Float(ignored)
    var largest: Float = -1
    try samples.forEachBlock(of: array) { values in
      for value in values where value != ignored { largest = max(largest, value) }
    }
    return Int(largest) + 1
  }

  /// Whether the input is a row of tokens: whole numbers, each with a target of its own.
  package var hasTokens: Bool {
    guard samples.inputs.count == 1, let input = samples.inputs.first else { return false }
    return input.isInteger && input.shape.count == 1 && samples.target?.shape == input.shape
  }

  /// The first samples.
  ///
  /// - Throws: `DatasetError` if fewer exist.
  package func prefix(samples count: Int) throws(DatasetError) -> ArrayDataset {
    guard count > 0, count <= samples.count else {
      throw DatasetError(
        .range, source,
        "\(count) samples asked for, but the \(split.rawValue) split has \(samples.count); "
          + "ask for 1 to \(samples.count)")
    }
    return selecting(Array(0..<count), as: split)
  }

  /// Splits off samples for validation, uniformly; both parts keep the file order.
  ///
  /// The choice depends on the seed alone (stream "data.holdout").
  ///
  /// - Throws: `DatasetError` unless both parts get at least one sample.
  package func holdingOut(
    samples held: Int, seed: UInt64
  ) throws(DatasetError) -> (training: ArrayDataset, validation: ArrayDataset) {
    guard held > 0, held < samples.count else {
      throw DatasetError(
        .range, source,
        "\(held) of \(samples.count) samples to be held out; hold out 1 to \(samples.count - 1)")
    }
    var stream = RandomStream(seed: seed, label: "data.holdout")
    let chosen = Set(stream.permutation(count: samples.count).prefix(held))
    let places = 0..<samples.count
    return (
      selecting(places.filter { !chosen.contains($0) }, as: split),
      selecting(places.filter { chosen.contains($0) }, as: .validation)
    )
  }

  private func selecting(_ places: [Int], as split: DatasetSplit) -> ArrayDataset {
    ArrayDataset(
      name: name, split: split, source: source,
      samples: places.count == samples.count ? samples : samples.selecting(places), notes: notes)
  }

  /// SHA-256 over names, shapes and values as single-precision numbers, in the order of the samples.
  ///
  /// - Throws: `DatasetError` when the file ends early.
  /// - Complexity: One pass over the data.
  package func digest() throws(DatasetError) -> String {
    var lines: [String] = []
    for (role, array) in samples.roles {
      let hash = SHA256.Stream()
      try samples.forEachBlock(of: array) { values in
        unsafe values.withUnsafeBytes { unsafe hash.update($0) }
      }
      let shape = ([samples.count] + array.shape).map(String.init).joined(separator: ", ")
      lines.append("\(role) \(array.name) [\(shape)] \(hash.finish())\n")
    }
    return SHA256.hexDigest(of: Array(lines.joined().utf8))
  }
}

extension Samples {
  /// All arrays with what they are: inputs, target, weights.
  var roles: [(role: String, array: SampleArray)] {
    inputs.map { ("input", $0) } + (target.map { [("target", $0)] } ?? [])
      + (weights.map { [("weights", $0)] } ?? [])
  }

  /// Reads an array in parts, in the order of the samples.
  ///
  /// - Parameters:
  ///   - array: One of the arrays.
  ///   - body: Receives the elements of consecutive samples.
  /// - Throws: `DatasetError` when the file ends early.
  func forEachBlock(
    of array: SampleArray, _ body: (ArraySlice<Float>) -> Void
  ) throws(DatasetError) {
    let block = max(1, (1 << 16) / max(array.elementCount, 1))
    var buffer = [Float](repeating: 0, count: block * array.elementCount)
    var start = 0
    while start < count {
      let end = min(start + block, count)
      try read(array, start..<end, into: &buffer)
      body(buffer[..<((end - start) * array.elementCount)])
      start = end
    }
  }

  /// Reads samples of an array into the start of a buffer.
  func read(
    _ array: SampleArray, _ range: Range<Int>, into buffer: inout [Float]
  ) throws(DatasetError) {
    precondition(buffer.count >= range.count * array.elementCount, "buffer too small")
    var failure: DatasetError?
    unsafe buffer.withUnsafeMutableBufferPointer { target in
      guard let base = target.baseAddress else { return }
      do throws(DatasetError) {
        try unsafe read(array, range, to: base)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// All elements of an array in the order of the samples.
  ///
  /// - Throws: `DatasetError` when a file ends early.
  public func values(of array: SampleArray) throws(DatasetError) -> [Float] {
    try values(of: array, 0..<count)
  }

  /// The elements of some samples of an array.
  ///
  /// - Throws: `DatasetError` when a file ends early.
  package func values(
    of array: SampleArray, _ range: Range<Int>
  ) throws(DatasetError) -> [Float] {
    var buffer = [Float](repeating: 0, count: range.count * array.elementCount)
    try read(array, range, into: &buffer)
    return buffer
  }
}
