internal import Datasets

/// How much each row of some samples counts, and the targets with rows that do not count made harmless.
///
/// The weight of a row is that of the data, times that of its class, or 0 where it is ignored; all are
/// divided by their sum over the samples.
struct RowWeights: Sendable {
  private let loss: BoundLoss
  private let samples: Samples
  /// Sum of the weights of all rows before it is divided by.
  let total: Double
  /// Rows with a weight above 0.
  let countedRows: Int

  /// Adds up the weights of all rows and checks the targets.
  ///
  /// - Parameters:
  ///   - loss: The loss.
  ///   - samples: The samples.
  ///   - mayBeEmpty: Whether there need be no row that counts; then all weights are 0.
  /// - Throws: `RiskError` when a target is none of the classes, or no row counts; `DatasetError` when
  ///   a file ends early.
  /// - Complexity: One pass over targets and weights, none where all rows count alike.
  init(_ loss: BoundLoss, _ samples: Samples, mayBeEmpty: Bool = false) throws {
    self.loss = loss
    self.samples = samples
    if let weights = samples.weights {
      guard weights.elementCount == 1 || weights.elementCount == loss.rowsPerSample else {
        throw RiskError(
          description:
            "'\(weights.name)' has \(weights.elementCount) weights per sample; give one, "
            + "or one for each of \(loss.rowsPerSample) rows")
      }
    }
    guard samples.weights != nil || loss.target == .classes else {
      total = Double(samples.count * loss.rowsPerSample)
      countedRows = samples.count * loss.rowsPerSample
      return
    }
    var (sum, counted) = (0.0, 0)
    let rows = loss.rowsPerSample
    let block = max(1, (1 << 14) / max(rows, 1))
    var weights = [Double](repeating: 0, count: block * rows)
    for start in stride(from: 0, to: samples.count, by: block) {
      let range = start..<min(start + block, samples.count)
      try Self.raw(loss, samples, range, into: &weights)
      for weight in weights[..<(range.count * rows)] where weight > 0 {
        sum += weight
        counted += 1
      }
    }
    guard sum > 0 || mayBeEmpty else {
      throw RiskError(description: "no row of the samples has a weight above 0; give other samples")
    }
    total = sum
    countedRows = counted
  }

  /// Weights of the rows of a range before they are divided by the total.
  private static func raw(
    _ loss: BoundLoss, _ samples: Samples, _ range: Range<Int>, into weights: inout [Double]
  ) throws {
    let rows = loss.rowsPerSample
    for row in 0..<range.count * rows { weights[row] = 1 }
    if let array = samples.weights {
      let values = try samples.values(of: array, range)
      let each = array.elementCount
      for row in 0..<range.count * rows {
        weights[row] = Double(values[each == 1 ? row / rows : row])
      }
    }
    guard loss.target == .classes, let target = samples.target else { return }
    let classes = try samples.values(of: target, range)
    for row in 0..<range.count * rows {
      let label = Int(classes[row])
      if loss.loss.ignores(label) {
        weights[row] = 0
      } else if label < 0 || label >= loss.classCount {
        throw RiskError(
          description:
            "sample \(range.lowerBound + row / rows) has the target \(label), outside the "
            + "\(loss.classCount) classes of the network; give data with the classes it was trained on"
        )
      } else if let classWeights = loss.loss.classWeights {
        weights[row] *= classWeights[label]
      }
    }
  }

  /// Sum of the weights of the rows of each sample, before they are divided by `total`.
  ///
  /// - Throws: `DatasetError` when a file ends early.
  func sampleTotals() throws -> [Double] {
    let rows = loss.rowsPerSample
    var weights = [Double](repeating: 0, count: rows)
    return try (0..<samples.count).map { sample in
      try Self.raw(loss, samples, sample..<sample + 1, into: &weights)
      return weights.reduce(0, +)
    }
  }

  /// The weights of the rows of some samples.
  ///
  /// - Throws: `DatasetError` when a file ends early.
  func values(_ range: Range<Int>) throws -> [Float] {
    var weights = [Float](repeating: 0, count: range.count * loss.rowsPerSample)
    try weights.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      try write(range, to: base)
    }
    return weights
  }

  /// Writes the weights of the rows of some samples; samples past the last one have weight 0.
  ///
  /// - Throws: `DatasetError` when a file ends early.
  func write(_ range: Range<Int>, to target: UnsafeMutablePointer<Float>) throws {
    let rows = loss.rowsPerSample
    let real = range.lowerBound..<min(range.upperBound, samples.count)
    target.update(repeating: 0, count: range.count * rows)
    guard !real.isEmpty else { return }
    if samples.weights == nil && countedRows == samples.count * rows
      && loss.loss.classWeights == nil
    {
      target.update(repeating: Float(1 / total), count: real.count * rows)
      return
    }
    var weights = [Double](repeating: 0, count: real.count * rows)
    try Self.raw(loss, samples, real, into: &weights)
    for row in weights.indices { target[row] = total > 0 ? Float(weights[row] / total) : 0 }
  }
}
