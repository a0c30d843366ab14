import Datasets
import LinearAlgebra
import NeuralNetworks
@testable import Objectives
import TestSupport
import Testing

/// The diagonal that masks are chosen by, for every loss.
@Suite struct FisherDiagonalTests {
  /// Also where a sample has no row that counts.
  @Test(arguments: LossCase.all.filter { $0.loss.labelSmoothing == 0 })
  func squaresOfTheGradientsOfSamples(_ one: LossCase) throws {
    let step = try TrainingStep(
      model: one.network.model(), loss: one.loss, samples: one.samples,
      pool: WorkerPool(threadCount: 2))
    let diagonal = try step.fisherDiagonal(of: one.samples, at: one.point(), mode: .inference)
    let weights = one.rowWeights
    let rows = one.rowsPerSample
    let totals = (0..<one.sampleCount).map { sample in
      (0..<rows).reduce(0) { $0 + weights[sample * rows + $1] }
    }
    let slopes = differences(
      { w in
        let losses = one.rowLosses(w)
        return totals.indices.map { sample in
          guard totals[sample] > 0 else { return 0 }
          return (0..<rows).reduce(0) {
            $0 + weights[sample * rows + $1] / totals[sample] * losses[sample * rows + $1]
          }
        }
      }, at: one.network.weights)
    let expected = slopes.map { row in
      zip(row, totals).reduce(0) { $0 + $1.1 * $1.0 * $1.0 }
    }
    #expect(relativeError(diagonal.elements.array, expected) < Tolerance.exactInFloat)
  }
}
