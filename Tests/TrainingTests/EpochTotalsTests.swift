import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing

@testable import Training

@Suite struct EpochTotalsTests {
  @Test func lossesOfBatchesAreJoinedByTheWeightsOfTheirRows() {
    var totals = EpochTotals(targetVariance: nil)
    // As many samples in both, but three times as many rows that count in the second.
    for (loss, weight) in [(4.0, 1.0), (8.0, 3.0)] {
      let value = RiskValue(
        loss: loss, metric: nil, score: .nan, correct: 0, rows: 4, weight: weight, samples: 2)
      totals.add(
        RuleGradient(
          value: value, gradient: Vector(zeros: 1), firstGradient: Vector(zeros: 1),
          perturbationNorm: 0,
          buffers: Buffers(layout: BufferLayout([]), elements: Vector(zeros: 0)), relativeWork: 1),
        seconds: 1, relativeFlops: 1.65)
    }
    #expect(totals.loss == 7)
    // Numbers that are all equal have themselves as their mean, to the last bit.
    #expect(totals.relativeFlops == 1.65)
  }
}
