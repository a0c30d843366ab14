internal import ComputationGraph
internal import Datasets
internal import Synchronization

/// Rows that are right, counted from the outputs of micro-batches; every one is written by one thread.
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
      let targets = try? bound.samples.values(of: target, range)
    else { return }
    var count = 0
    let size = bound.loss.outputShape.count
    for (index, _) in range.enumerated() {
      let z = outputs + index * size
      let own = targets[(index * target.elementCount)...].prefix(target.elementCount)
      count += bound.loss.correctRows(z, targets: own)
    }
    total.wrappingAdd(count, ordering: .acquiringAndReleasing)
  }
}

extension BoundLoss {
  /// Rows of one sample that are right.
  ///
  /// A class is right where its output is the first largest, an event where its logit has the right
  /// sign; NaN is never right. Ignored rows are not.
  func correctRows(_ z: UnsafePointer<Float>, targets: ArraySlice<Float>) -> Int {
    var count = 0
    guard let classAxis else {
      for (row, target) in targets.enumerated()
      where z[row] == z[row] && (z[row] > 0) == (target > 0.5) { count += 1 }
      return count
    }
    // Row r of a class axis in front is read with a stride.
    let isLast = classAxis == outputShape.rank - 1
    let (stride, step) = isLast ? (1, classCount) : (rowsPerSample, 1)
    for (row, target) in targets.enumerated() {
      let label = Int(target)
      guard label >= 0, label < classCount else { continue }
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
