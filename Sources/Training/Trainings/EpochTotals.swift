internal import LinearAlgebra
internal import Objectives

/// Means over the steps of an epoch.
struct EpochTotals {
  var learningRate = 0.0
  var rho: Double?
  private var lossSum = 0.0
  private var correct = 0
  private var hasMetric = false
  private var rows = 0
  private var weight = 0.0
  /// Variance of the training targets, where the metric is R2.
  let targetVariance: Double?

  init(targetVariance: Double?) { self.targetVariance = targetVariance }
  private var gradientNormSum = 0.0
  private var perturbationNormSum = 0.0
  private var stepSeconds = 0.0
  /// A running mean, so that equal numbers have themselves as their mean.
  private(set) var relativeFlops = 0.0
  private var steps = 0

  mutating func add(_ result: RuleGradient, seconds: Double, relativeFlops: Double) {
    stepSeconds += seconds
    lossSum += result.value.loss * result.value.weight
    weight += result.value.weight
    correct += result.value.correct
    hasMetric = result.value.metric != nil
    rows += result.value.rows
    gradientNormSum += result.firstGradient.norm
    perturbationNormSum += result.perturbationNorm
    steps += 1
    self.relativeFlops += (relativeFlops - self.relativeFlops) / Double(steps)
  }

  /// Mean over all rows that count, in whatever batches they were.
  var loss: Double { weight > 0 ? lossSum / weight : .nan }
  /// The metric; NaN without one.
  var score: Double {
    if let targetVariance { return 1 - loss / targetVariance }
    return hasMetric ? Double(correct) / Double(max(rows, 1)) : .nan
  }
  var finiteScore: Double? { score.isFinite ? score : nil }
  var gradientNorm: Double { gradientNormSum / Double(max(steps, 1)) }
  var perturbationNorm: Double { perturbationNormSum / Double(max(steps, 1)) }
  var secondsPerStep: Double { stepSeconds / Double(max(steps, 1)) }
}
