import Datasets
import Foundation
import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing
import Training

/// Batches of many rows, which go through a network in parts.
@Suite struct BatchPartsTests {
  /// Samples of 40 tokens: 12 of them are a part of at most 512 rows.
  static func transformer(samples: Int) throws -> (model: Model, batch: Samples) {
    let json = #"{"n_layer": 1, "n_embd": 8, "n_head": 2, "vocab_size": 13, "n_positions": 40}"#
    let model = try Model(
      .definition(
        AnyModelDefinition(
          GPT2(
            className: "GPT2LMHeadModel",
            configuration: JSONDecoder().decode(GPT2Configuration.self, from: Data(json.utf8)),
            data: TransformersInputs(
              [.init(name: "input_ids", shape: [40], isInteger: true)], source: "data")))))
    var stream = RandomStream(seed: 6, label: "parts")
    let tokens = SampleArray(
      "input_ids", [40], integers: (0..<samples * 40).map { _ in stream.integer(below: 13) })
    return (model, Samples(count: samples, inputs: [tokens], target: tokens))
  }

  /// A given micro-batch makes one whole batch.
  ///
  /// The dropout masks are those of the samples, whatever part they
  /// are in; a last part may be shorter.
  @Test(arguments: [13, 24, 52])
  func `the gradient of a batch in parts is that of the whole batch`(samples: Int) throws {
    let (model, batch) = try Self.transformer(samples: samples)
    let point = model.initialPoint(seed: 5)
    func step(_ microBatch: Int?) throws -> StepGradient {
      try TrainingStep(
        model: model, samples: batch,
        options: TrainingStepOptions(dropout: 0.2, microBatch: microBatch),
        pool: WorkerPool(threadCount: 2)
      ).gradient(of: batch, at: point, dropout: RandomStream(seed: 3, label: "test.dropout"))
    }
    let (parts, whole) = (try step(nil), try step(4))
    // Sums of the same numbers in another order: a few units in the last place of the largest.
    var difference = parts.gradient
    difference.add(whole.gradient, scaledBy: -1)
    #expect(difference.norm < 1e-6 * whole.gradient.norm)
    #expect(difference.norm > 0)
    #expect(abs(parts.value.loss - whole.value.loss) < 1e-6 * whole.value.loss)
    #expect(parts.value.correct == whole.value.correct && parts.value.rows == whole.value.rows)
    #expect(parts.value.samples == samples)
  }
}
