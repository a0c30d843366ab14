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
  private var samples = 0
  /// Variance of the training targets, where the metric is R2.
  let targetVariance: Double?

  init(targetVariance: Double?) { self.targetVariance = targetVariance }
  private var gradientNormSum = 0.0
  private var perturbationNormSum = 0.0
  private var stepSeconds = 0.0
  private var relativeFlopsSum = 0.0
  private var steps = 0

  mutating func add(_ result: RuleGradient, seconds: Double, relativeFlops: Double) {
    stepSeconds += seconds
    relativeFlopsSum += relativeFlops
    lossSum += result.value.loss * Double(result.value.samples)
    correct += result.value.correct
    hasMetric = result.value.metric != nil
    samples += result.value.samples
    rows += result.value.rows
    gradientNormSum += result.firstGradient.norm
    perturbationNormSum += result.perturbationNorm
    steps += 1
  }

  var loss: Double { lossSum / Double(max(samples, 1)) }
  /// The metric; NaN without one.
  var score: Double {
    if let targetVariance { return 1 - loss / targetVariance }
    return hasMetric ? Double(correct) / Double(max(rows, 1)) : .nan
  }
  var finiteScore: Double? { score.isFinite ? score : nil }
  var gradientNorm: Double { gradientNormSum / Double(max(steps, 1)) }
  var perturbationNorm: Double { perturbationNormSum / Double(max(steps, 1)) }
  var secondsPerStep: Double { stepSeconds / Double(max(steps, 1)) }
  var relativeFlops: Double { relativeFlopsSum / Double(max(steps, 1)) }
}
