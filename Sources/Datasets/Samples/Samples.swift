public import LinearAlgebra

/// Samples as named arrays: what a model and a loss take, converted when it is asked for.
///
/// All arrays have the same number of samples along their first axis. Numbers become `Float` one
/// micro-batch at a time, so that data cost their own bytes and may be larger than the memory.
public struct Samples: Sendable {
  /// Number of samples.
  public let count: Int
  /// The inputs of a model, by their names.
  public let inputs: [SampleArray]
  /// What the outputs are compared with; nil where the inputs are all there is.
  public let target: SampleArray?
  /// Weight of each sample, or of each row of a sample; nil for equal weights.
  public let weights: SampleArray?
  /// Which sample of the arrays each one is; nil for all in their order.
  private let order: [Int]?

  /// Joins arrays.
  ///
  /// - Precondition: At least one sample, and as many in every array.
  public init(
    count: Int, inputs: [SampleArray], target: SampleArray?, weights: SampleArray? = nil
  ) {
    precondition(count > 0, "no samples")
    for array in inputs + [target, weights].compactMap(\.self) {
      precondition(array.count == count, "\(array.name) has \(array.count) samples, not \(count)")
    }
    self.init(count: count, inputs: inputs, target: target, weights: weights, order: nil)
  }

  private init(
    count: Int, inputs: [SampleArray], target: SampleArray?, weights: SampleArray?, order: [Int]?
  ) {
    self.count = count
    self.inputs = inputs
    self.target = target
    self.weights = weights
    self.order = order
  }

  /// Labelled images in memory, already normalised.
  ///
  /// - Parameters:
  ///   - images: `[labels.count] + shape`, row-major.
  ///   - shape: Extents of one image.
  ///   - labels: Class of each image.
  public init(images: Vector<Float>, shape: [Int], labels: [Int32]) {
    self.init(
      count: labels.count, inputs: [SampleArray("images", shape, images)],
      target: SampleArray("labels", classes: labels))
  }

  /// The samples at some places, in that order.
  ///
  /// - Precondition: The places are in `0 ..< count`, and there is at least one.
  public func selecting(_ places: some Collection<Int>) -> Samples {
    precondition(!places.isEmpty && places.allSatisfy { $0 >= 0 && $0 < count }, "no such samples")
    return Samples(
      count: places.count, inputs: inputs, target: target, weights: weights,
      order: places.map { order?[$0] ?? $0 })
  }

  /// The first samples.
  public func prefix(_ count: Int) -> Samples { selecting(0..<count) }

  /// The same samples with another target in place of theirs.
  ///
  /// - Precondition: One element or row for each sample, in the order of this view.
  public func replacingTarget(_ target: SampleArray) -> Samples {
    precondition(target.count == count, "\(target.count) targets for \(count) samples")
    precondition(order == nil, "targets belong to samples in the order of their arrays")
    return Samples(count: count, inputs: inputs, target: target, weights: weights, order: nil)
  }

  /// The same samples with a target that follows from their arrays, row by row of these.
  ///
  /// - Precondition: As many rows as the arrays have.
  func derivingTarget(_ target: SampleArray) -> Samples {
    precondition(target.count == inputs.first?.count, "\(target.count) targets")
    return Samples(count: count, inputs: inputs, target: target, weights: weights, order: order)
  }

  /// Writes consecutive samples of an array as numbers.
  ///
  /// Past the last sample it is repeated: a batch is always full, and a real sample, unlike zeros,
  /// cannot make a number that is not finite.
  ///
  /// - Parameters:
  ///   - array: One of the arrays.
  ///   - samples: Places; may reach past the last sample.
  ///   - target: Receives `samples.count` times the elements of a sample.
  /// - Throws: `DatasetError` when a file ends early.
  public func read(
    _ array: SampleArray, _ samples: Range<Int>, to target: UnsafeMutablePointer<Float>
  ) throws(DatasetError) {
    let size = array.elementCount
    let real = samples.lowerBound..<min(samples.upperBound, count)
    if let order {
      for (offset, place) in real.enumerated() {
        try unsafe array.read(order[place]..<order[place] + 1, to: target + offset * size)
      }
    } else if !real.isEmpty {
      try unsafe array.read(real, to: target)
    }
    for place in max(real.upperBound, samples.lowerBound)..<samples.upperBound {
      let offset = (place - samples.lowerBound) * size
      if offset > 0 {
        unsafe (target + offset).update(from: target + (offset - size), count: size)
      } else {
        let last = order?[count - 1] ?? count - 1
        try unsafe array.read(last..<last + 1, to: target)
      }
    }
  }

  /// The elements of an array where they lie in memory as numbers in the order of the samples.
  public func floats(of array: SampleArray) -> Vector<Float>? {
    order == nil ? array.floats : nil
  }
}
