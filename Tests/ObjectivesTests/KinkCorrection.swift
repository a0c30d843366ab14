import Checkpoints
import Datasets
import GraphRuntime
import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing

/// Takes the few samples for which rounding decides the sign of a ReLU's input out of a comparison.
///
/// Such a sample's gradient jumps by up to some tenths of a percent, whatever the precision of the
/// arithmetic, and a network that has learned its data gets most of its gradient from a few samples.
/// They are found by comparing Winograd's with direct convolutions, sample by sample: all others
/// agree to 1e-4. For these, what direct convolutions give counts, once it is shown in float64 that
/// an input of a ReLU is zero up to rounding: another difference is an error.
struct KinkCorrection {
  private let direct: [EmpiricalRisk]
  private let automatic: [EmpiricalRisk]
  private let count: Int

  init(_ trained: TrainedModel, _ samples: Samples) throws {
    count = samples.count
    let pool = WorkerPool(threadCount: 2)
    var (direct, automatic): ([EmpiricalRisk], [EmpiricalRisk]) = ([], [])
    for index in 0..<samples.count {
      let sample = samples.selecting([index])
      let pair = try [ConvolutionChoice.direct, .automatic].map {
        try EmpiricalRisk(
          model: trained.model, samples: sample,
          options: RiskOptions(normalization: .inference, microBatch: 2, convolution: $0),
          pool: pool)
      }
      let norms = try pair.map {
        try $0.gradient(at: trained.point).1.norm
      }
      if abs(norms[0] - norms[1]) > 1e-4 * norms[0] {
        let kink = try NearestKink(
          trained, image: sample.values(of: sample.inputs[0]))
        #expect(kink.isWithinRounding, "sample \(index) differs without a kink: \(kink)")
        direct.append(pair[0])
        automatic.append(pair[1])
      }
    }
    self.direct = direct
    self.automatic = automatic
    // More would be no kinks but an error.
    #expect(direct.count <= max(1, samples.count / 20), "\(direct.count) of \(samples.count)")
  }

  /// Replaces the samples' part in a mean over all samples.
  func correct(
    _ mean: inout Vector<Float>, _ quantity: (EmpiricalRisk) throws -> Vector<Float>
  ) throws {
    for (direct, automatic) in zip(direct, automatic) {
      mean.add(try quantity(direct), scaledBy: 1 / Float(count))
      mean.add(try quantity(automatic), scaledBy: -1 / Float(count))
    }
  }
}
