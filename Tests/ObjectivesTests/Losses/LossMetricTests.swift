import Datasets
import LinearAlgebra
@testable import Objectives
import Testing

/// What is reported beside a loss.
@Suite struct LossMetricTests {
  /// Rows that count, and those of them whose largest output is that of their class.
  private func counts(_ one: LossCase) -> (rows: Int, correct: Int) {
    let weights = one.rowWeights
    var (rows, correct) = (0, 0)
    for (sample, x) in one.features.enumerated() {
      let z = one.network.outputs(one.network.weights, x)
      for row in 0..<one.rowsPerSample {
        let index = sample * one.rowsPerSample + row
        guard weights[index] > 0 else { continue }
        rows += 1
        let values = one.rowOutputs(z, row)
        let isRight =
          one.classAxis == nil
          ? (values[0] > (one.loss.kind == .eventProbabilities ? 0.5 : 0))
            == (one.targets[index] > 0.5)
          : values.firstIndex(of: values.max() ?? 0) == Int(one.targets[index])
        correct += isRight ? 1 : 0
      }
    }
    return (rows, correct)
  }

  @Test(
    arguments: LossCase.all.filter {
      $0.hasClasses || [.binaryCrossEntropy, .eventProbabilities].contains($0.loss.kind)
    })
  func sharesAreOfRowsThatCount(_ one: LossCase) throws {
    let value = try one.risk(RiskOptions(microBatch: 2)).value(at: one.point())
    let (rows, correct) = counts(one)
    #expect(value.rows == rows && value.correct == correct)
    #expect(value.score == Double(correct) / Double(rows))
    let areTokens = one.hasClasses && one.rowsPerSample > 1 && one.loss.isCategorical
    #expect(value.metric == (areTokens ? .tokenAccuracy : .accuracy))
  }

  @Test func probabilitiesForTargetsHaveNoMetric() throws {
    let one = try #require(LossCase.all.first { $0.testDescription.hasSuffix("for targets") })
    let value = try one.risk().value(at: one.point())
    #expect(value.metric == nil && value.score.isNaN && value.text == nil)
  }

  /// Also where the targets are years, whose squares leave nothing of their variance in Float.
  @Test(arguments: [0.0, 2000]) func r2ComparesWithTheVariance(offset: Double) throws {
    for one in LossCase.all where one.loss.kind == .squaredError && !one.hasClasses {
      var one = one
      one.targets = one.targets.map { Double(Float($0 + offset)) }
      let weights = one.rowWeights
      let size = one.network.outputCount
      var variance = 0.0
      for output in 0..<size {
        let places = stride(from: output, to: weights.count, by: size)
        let total = places.reduce(0) { $0 + weights[$1] }
        let mean = places.reduce(0) { $0 + weights[$1] * one.targets[$1] } / total
        variance += places.reduce(0) {
          $0 + weights[$1] * (one.targets[$1] - mean) * (one.targets[$1] - mean)
        }
      }
      let expected = 1 - one.value(one.network.weights) / variance
      let value = try one.risk().value(at: one.point())
      #expect(value.metric == .r2 && value.correct == 0)
      #expect(abs(value.score - expected) < 1e-5 * abs(expected), "\(value.score), \(expected)")
    }
  }

  @Test func r2OfTargetsThatAreAllEqualIsUndefined() throws {
    var one = try #require(LossCase.all.first { $0.loss.kind == .squaredError })
    one.targets = one.targets.map { _ in 3 }
    let value = try one.risk().value(at: one.point())
    #expect(value.score.isNaN && value.finiteScore == nil)
    #expect(value.text?.hasSuffix("R2 undefined") == true)
  }

  /// Perplexity and RMSE are about the data, whatever is added to the loss.
  @Test func textsLeaveWeightDecayOut() throws {
    for one in LossCase.all {
      let plain = try one.risk().value(at: one.point())
      let decayed = try one.risk(RiskOptions(weightDecay: 0.5)).value(at: one.point())
      #expect(decayed.loss > plain.loss && abs(decayed.loss - decayed.decay - plain.loss) < 1e-12)
      #expect(decayed.text == plain.text)
    }
  }
}
