internal import Foundation

/// What outputs look like that are hardly the logits of a softmax: the file does not say which loss a network was trained
/// with, but its outputs do.
///
/// A cross-entropy knows logits up to a summand, so that neither they nor their sigmoids add up to anything; a squared
/// error makes outputs that add up to 1 as its targets do, and a binary cross-entropy sigmoids that do.
package enum OutputLook: Hashable, Codable, Sendable {
  /// Sigmoids of the outputs add up to 1: the mean of the sums.
  case events(sum: Double)
  /// The outputs themselves add up to 1: the mean of the sums.
  case numbers(sum: Double)

  /// Root mean square distance of the sums from 1 up to which they are believed.
  private static let tolerance = 0.3
  /// Two logits that are each other's opposite have sigmoids that add up to 1.
  private static let leastClasses = 3

  /// Looks at outputs; nil where they can be logits.
  ///
  /// - Parameters:
  ///   - outputs: `[n, classCount]`.
  ///   - classCount: Outputs of a sample.
  init?(_ outputs: [Float], classCount: Int) {
    guard classCount >= Self.leastClasses, outputs.count >= classCount else { return nil }
    func sums(_ function: (Double) -> Double) -> [Double] {
      stride(from: 0, to: outputs.count - classCount + 1, by: classCount).map { first in
        outputs[first..<first + classCount].reduce(0) { $0 + function(Double($1)) }
      }
    }
    func mean(_ sums: [Double]) -> Double? {
      let count = Double(sums.count)
      let square = sums.reduce(0) { $0 + ($1 - 1) * ($1 - 1) } / count
      return square.squareRoot() <= Self.tolerance ? sums.reduce(0, +) / count : nil
    }
    if let sum = mean(sums { $0 }) {
      self = .numbers(sum: sum)
    } else if let sum = mean(sums { 1 / (1 + exp(-$0)) }) {
      self = .events(sum: sum)
    } else {
      return nil
    }
  }
}
