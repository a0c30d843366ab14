internal import Foundation
package import LinearAlgebra

/// Base of the logarithm of a ratio.
public enum LogarithmBase: String, Codable, Hashable, Sendable, CaseIterable {
  /// Natural logarithm.
  case e
  /// Decades.
  case ten = "10"
  /// Octaves.
  case two = "2"

  /// Natural logarithm of the base.
  public var naturalLogarithm: Double {
    switch self {
    case .e: 1
    case .ten: log(10)
    case .two: log(2)
    }
  }
}

/// Distribution of `r = log |(g_SAM - g_SGD) / g_SGD|` over the parameters.
///
/// Figure 1 of the paper on sparse SAM (arXiv:2210.05177). Entries without a finite ratio are
/// counted apart and never shifted: those where `g_SGD = 0`, and those where both gradients are
/// equal. What is below `roundingFloor` is mostly rounding of the two gradients.
public struct RatioHistogram: Codable, Sendable, Equatable {
  /// Base of the logarithm.
  public let base: LogarithmBase
  /// Edges of the bins, ascending; one more than there are bins.
  public let edges: [Double]
  /// Entries per bin; the last bin contains its upper edge.
  public let counts: [Int]
  /// Finite ratios below the first edge.
  public let underflow: Int
  /// Finite ratios above the last edge.
  public let overflow: Int
  /// Entries with a finite ratio.
  public let finite: Int
  /// Entries with `g_SGD = 0`.
  public let zeroGradients: Int
  /// Entries with `g_SGD != 0` and equal gradients.
  public let equalGradients: Int
  /// Share of the finite ratios below 0: the change is smaller than the gradient.
  public let shareBelowZero: Double
  /// Quantiles of the finite ratios at `quantileLevels`; empty without any.
  public let quantiles: [Double]
  /// Ratio that rounding alone produces: the logarithm of 2^-24, half a unit in the last place.
  ///
  /// What rounding has added up within the gradients themselves can reach further up.
  public let roundingFloor: Double

  /// Levels of `quantiles`; the median is the fourth.
  public static let quantileLevels = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

  /// Counts the ratios of two gradients.
  ///
  /// - Parameters:
  ///   - plain: Gradient `g_SGD` at the weights.
  ///   - perturbed: Gradient `g_SAM` at the perturbed weights.
  ///   - positions: Entries that count; nil for all.
  ///   - base: Base of the logarithm.
  ///   - range: Range of the bins, in units of the logarithm; the standard one begins below the
  ///     rounding floor.
  ///   - bins: Number of bins, at least 1.
  package init(
    plain: Vector<Float>, perturbed: Vector<Float>, positions: [Int]? = nil,
    base: LogarithmBase = .e, range: ClosedRange<Double> = -18...12, bins: Int = 125
  ) {
    precondition(plain.count == perturbed.count && bins >= 1 && range.lowerBound < range.upperBound)
    let width = (range.upperBound - range.lowerBound) / Double(bins)
    var counts = [Int](repeating: 0, count: bins)
    var (zero, equal, under, over, below) = (0, 0, 0, 0, 0)
    var ratios: [Double] = []
    let (plain, perturbed) = (plain.array, perturbed.array)
    for index in positions ?? Array(plain.indices) {
      if plain[index] == 0 {
        zero += 1
      } else if plain[index] == perturbed[index] {
        equal += 1
      } else if let quotient = RatioCount.ratio(plain[index], perturbed[index]) {
        let ratio = log(quotient) / base.naturalLogarithm
        ratios.append(ratio)
        if ratio < 0 { below += 1 }
        if ratio < range.lowerBound {
          under += 1
        } else if ratio > range.upperBound {
          over += 1
        } else {
          counts[min(Int((ratio - range.lowerBound) / width), bins - 1)] += 1
        }
      }
    }
    ratios.sort()
    self.base = base
    edges = (0...bins).map { range.lowerBound + Double($0) * width }
    self.counts = counts
    underflow = under
    overflow = over
    finite = ratios.count
    zeroGradients = zero
    equalGradients = equal
    shareBelowZero = ratios.isEmpty ? 0 : Double(below) / Double(ratios.count)
    quantiles =
      ratios.isEmpty
      ? [] : Self.quantileLevels.map { ratios[Int($0 * Double(ratios.count - 1))] }
    roundingFloor = log(0x1p-24) / base.naturalLogarithm
  }

  /// Median of the finite ratios, if there are any.
  public var median: Double? { quantiles.isEmpty ? nil : quantiles[3] }
}
