internal import ComputationGraph
internal import Datasets
internal import Synchronization

/// Rows that count and are right, from the outputs of micro-batches; every one is seen by one thread.
final class RowScores: Sendable {
  private let bound: BoundSamples
  private let total = Atomic(0)

  init(_ bound: BoundSamples) { self.bound = bound }

  /// Rows that are right so far; a sum of whole numbers, whose order does not matter.
  var correct: Int { total.load(ordering: .acquiring) }

  /// Counts the rows of some samples.
  ///
  /// Where a target cannot be read, the pass throws that error anyway.
  func add(_ outputs: UnsafePointer<Float>, samples range: Range<Int>) {
    guard let metric = bound.loss.metric, metric.isShare, let target = bound.samples.target,
      let targets = try? bound.samples.values(of: target, range),
      let weights = try? bound.weights.values(range)
    else { return }
    var count = 0
    let size = bound.loss.outputShape.count
    let rows = target.elementCount
    for index in 0..<range.count {
      let own = index * rows..<(index + 1) * rows
      count += bound.loss.correctRows(
        outputs + index * size, targets: targets[own], weights: weights[own])
    }
    total.wrappingAdd(count, ordering: .acquiringAndReleasing)
  }
}

extension BoundLoss {
  /// Rows of one sample that are right.
  ///
  /// A class is right where its output is the first largest, an event where its logit has the right
  /// sign, or its probability is on the right side of one half; NaN is never right, and neither are rows without weight.
  func correctRows(
    _ z: UnsafePointer<Float>, targets: ArraySlice<Float>, weights: ArraySlice<Float>
  ) -> Int {
    var count = 0
    guard let classAxis else {
      let middle: Float = loss.kind == .eventProbabilities ? 0.5 : 0
      for (row, (target, weight)) in zip(targets, weights).enumerated()
      where weight > 0 && z[row] == z[row] && (z[row] > middle) == (target > 0.5) { count += 1 }
      return count
    }
    // Row r of a class axis in front is read with a stride.
    let isLast = classAxis == outputShape.rank - 1
    let (stride, step) = isLast ? (1, classCount) : (rowsPerSample, 1)
    for (row, (target, weight)) in zip(targets, weights).enumerated() where weight > 0 {
      let label = Int(target)
      let x = z + row * step
      let own = x[label * stride]
      var right = own == own
      for k in 0..<classCount where k != label {
        let other = x[k * stride]
        if !(other < own || (other == own && k > label)) { right = false }
      }
      if right { count += 1 }
    }
    return count
  }
}
