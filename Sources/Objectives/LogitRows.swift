internal import Foundation
package import LinearAlgebra
internal import NeuralNetworks

/// Logits of all samples, filled by the workers; every row is written by one thread.
final class LogitRows: @unchecked Sendable {
  // `@unchecked`: rows are disjoint, and they are read after all workers have ended.
  private let elements: UnsafeMutableBufferPointer<Float>
  private let classes: Int

  init(samples: Int, classes: Int) {
    self.classes = classes
    elements = .allocate(capacity: max(samples * classes, 1))
    elements.initialize(repeating: .nan)
  }

  deinit { elements.deallocate() }

  func set(_ samples: Range<Int>, _ rows: UnsafePointer<Float>) {
    guard let base = elements.baseAddress else { return }
    (base + samples.lowerBound * classes).update(from: rows, count: samples.count * classes)
  }

  var vector: Vector<Float> { Vector(elements) }
}

extension EmpiricalRisk {
  /// Logits of all samples, `[samples, classes]` row-major.
  ///
  /// - Complexity: One forward pass over the samples.
  package func logits(at w: Vector<Float>, state: Vector<Float>) throws -> Vector<Float> {
    let rows = LogitRows(samples: sampleCount, classes: network.architecture.classCount)
    try forEachPass(.loss, at: w, state: state, logits: rows) { _ in }
    return rows.vector
  }

  /// One label per sample, drawn from the model's own softmax.
  ///
  /// - Parameters:
  ///   - w: The weights.
  ///   - state: Running statistics.
  ///   - seed: The stream `fisher.labels` of this seed gives one number per sample, in order.
  ///   - draw: Index of the stream; each draw is independent of the others.
  /// - Returns: The labels, in the order of the samples.
  /// - Throws: `RiskError` when a logit is not finite.
  package func sampledLabels(
    at w: Vector<Float>, state: Vector<Float>, seed: UInt64, draw: Int = 0
  ) throws -> [Int32] {
    let logits = try logits(at: w, state: state).array.map(Double.init)
    let classes = network.architecture.classCount
    var stream = RandomStream(seed: seed, label: "fisher.labels", index: draw)
    return try (0..<sampleCount).map { sample in
      let z = logits[sample * classes..<(sample + 1) * classes]
      guard let top = z.max(), z.allSatisfy(\.isFinite) else {
        throw RiskError(
          description: "the logits of sample \(sample) are not finite, so no label can be drawn "
            + "from them; check the weights and --normalize")
      }
      let masses = z.map { exp($0 - top) }
      var rest = stream.uniform() * masses.reduce(0, +)
      for (label, mass) in masses.enumerated() {
        if rest < mass { return Int32(label) }
        rest -= mass
      }
      return Int32(classes - 1)
    }
  }
}
