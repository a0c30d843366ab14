internal import ComputationGraph
internal import Foundation
internal import Synchronization
internal import Settings

/// Whether outputs that a loss takes for probabilities, or for their logarithms, are some.
///
/// A network that gives logits would have a loss like any other, and it would be wrong. Rows that are
/// not finite are left to the loss, which is not finite either.
final class OutputCheck: Sendable {
  private let loss: BoundLoss
  private let model: String
  /// First sample whose outputs are none, and what is wrong with them.
  private let fault = Mutex<(sample: Int, text: String)?>(nil)

  /// Sums of probabilities in single precision are off by less, over a million classes too.
  private static let tolerance = 1e-3

  init(_ loss: BoundLoss, model: String) {
    self.loss = loss
    self.model = model
  }

  /// Looks at the outputs of some samples.
  func add(_ outputs: UnsafePointer<Float>, samples: Range<Int>) {
    guard loss.loss.kind.isOfProbabilities else { return }
    let isLast = loss.classAxis.map { $0 == loss.outputShape.rank - 1 } ?? true
    let (classes, rows) = (loss.classCount, loss.rowsPerSample)
    for (index, sample) in samples.enumerated() {
      for row in 0..<rows {
        let z = outputs + index * classes * rows + (isLast ? row * classes : row)
        guard let text = fault(z, stride: isLast ? 1 : rows) else { continue }
        fault.withLock { known in
          if known.map({ sample < $0.sample }) ?? true { known = (sample, text) }
        }
        return
      }
    }
  }

  private func fault(_ z: UnsafePointer<Float>, stride: Int) -> String? {
    if loss.loss.kind == .eventProbabilities {
      let values = (0..<loss.classCount).lazy.map { z[$0 * stride] }
      return values.first { $0 < 0 || $0 > 1 }.map { "hold \($0)" }
    }
    var sum = 0.0
    for k in 0..<loss.classCount {
      let value = Double(z[k * stride])
      if loss.loss.kind == .probabilities {
        if value < 0 { return "hold \(value)" }
        sum += value
      } else {
        sum += exp(value)
      }
    }
    guard sum.isFinite || (loss.loss.kind == .logProbabilities && sum == .infinity),
      abs(sum - 1) > Self.tolerance
    else { return nil }
    return loss.loss.kind == .probabilities
      ? "add up to \(Float(sum))" : "have exponentials that add up to \(Float(sum))"
  }

  /// Throws what has been found.
  ///
  /// - Throws: `RiskError`.
  func check() throws(RiskError) {
    guard let found = fault.withLock({ $0 }) else { return }
    throw RiskError(
      description:
        "the outputs of \(model) for sample \(found.sample) \(found.text), so they are no "
        + "\(loss.loss.kind.rawValue); choose \(.loss) \(loss.loss.kind == .eventProbabilities ? "binary-" : "")cross-entropy if they "
        + "are logits")
  }
}
