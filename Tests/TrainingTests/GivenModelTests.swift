import Datasets
import Foundation
import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing
import Training

/// What a model brings into a training: rates of dropout, and weights to start from.
@Suite struct GivenModelTests {
  /// Rates of the model hold where the training names none.
  @Test func dropoutHasTheRatesOfTheModelUnlessTheTrainingSaysOtherwise() throws {
    let json = #"{"n_layer": 1, "n_embd": 8, "n_head": 2, "vocab_size": 7, "n_positions": 4}"#
    let model = try Model(
      .definition(
        AnyModelDefinition(
          GPT2(
            className: "GPT2LMHeadModel",
            configuration: JSONDecoder().decode(GPT2Configuration.self, from: Data(json.utf8)),
            data: TransformersInputs(
              [.init(name: "input_ids", shape: [4], isInteger: true)], source: "data")))))
    let tokens = SampleArray("input_ids", [4], integers: (0..<32).map { $0 * 5 % 7 })
    let batch = Samples(count: 8, inputs: [tokens], target: tokens)
    func losses(_ dropout: Double?) throws -> [Double] {
      let step = try TrainingStep(
        model: model, samples: batch, options: TrainingStepOptions(dropout: dropout),
        pool: WorkerPool(threadCount: 1))
      return try (0..<2).map { index in
        try step.gradient(
          of: batch, at: model.initialPoint(seed: 1),
          dropout: RandomStream(seed: 1, label: "dropout", index: index)
        ).value.loss
      }
    }
    let (own, none, same) = (try losses(nil), try losses(0), try losses(0.1))
    #expect(own[0] != own[1] && none[0] == none[1])
    // All rates of the configuration are 0.1 where it does not say.
    #expect(own == same && own[0] != none[0])
  }

  @Test func aTrainingStartsFromTheWeightsThatItIsGiven() throws {
    var configuration = try TrainerTests.configuration(architecture: "mlp-4", epochs: 1)
    let model = try configuration.architecture.model()
    let start = model.initialPoint(seed: 77)
    configuration.start = TrainingStart(path: "/start.ckpt", sha256: "0")
    let all = try DatasetCatalog.openData("digits", split: .train).prefix(samples: 60)
    let data = try TrainingData(all, test: nil, configuration.data, seed: configuration.seed)
    let pool = WorkerPool(threadCount: 1)
    let trainer = try Trainer(configuration, data: data, start: start, pool: pool)
    #expect(trainer.state.point == start)
    _ = try trainer.runEpoch()
    // What was done goes before the start.
    let resumed = try Trainer(
      configuration, data: data, start: start, resuming: trainer.state, pool: pool)
    TrainerTests.expectSameBits(resumed.state, trainer.state)
  }
}
