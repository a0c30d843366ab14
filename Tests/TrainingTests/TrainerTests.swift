import Checkpoints
import Datasets
import FileFormats
import Foundation
import GraphRuntime
import LinearAlgebra
import NeuralNetworks
import Objectives
import TestSupport
import Testing
import Training

@Suite struct TrainerTests {
  /// 60 digits with a network that has batch norms.
  static func configuration(
    sharpness: SharpnessSettings? = nil, architecture: String = "resnet8-w2", epochs: Int = 2
  ) throws -> TrainingConfiguration {
    TrainingConfiguration(
      architecture: .architecture(
        try .named(
          architecture, input: .init(channels: 1, height: 8, width: 8), classCount: 10)),
      data: TrainingDataSettings(path: "digits", augmentation: try Augmentation(parsing: "crop=1")),
      epochs: epochs, batchSize: 16, seed: 3,
      learningRate: try Schedule(0.1, decay: .cosine, warmUp: 2), sharpness: sharpness)
  }

  static func trainer(
    _ configuration: TrainingConfiguration, threads: Int = 1, resuming: TrainingState? = nil
  ) throws -> Trainer {
    let all = try DatasetCatalog.openData("digits", split: .train).prefix(samples: 60)
    let data = try TrainingData(all, test: nil, configuration.data, seed: configuration.seed)
    return try Trainer(
      configuration, data: data, resuming: resuming, pool: WorkerPool(threadCount: threads))
  }

  static func final(_ configuration: TrainingConfiguration, threads: Int = 1) throws
    -> TrainingState
  {
    let trainer = try trainer(configuration, threads: threads)
    while !trainer.isFinished { _ = try trainer.runEpoch() }
    return trainer.state
  }

  static func expectSameBits(_ a: TrainingState, _ b: TrainingState) {
    #expect(a.point == b.point)
    #expect(a.moments == b.moments)
    #expect(a.mask == b.mask)
    #expect(a.epoch == b.epoch && a.step == b.step)
  }

  static func sparse(_ policy: MaskSettings.Policy) throws -> SharpnessSettings {
    SharpnessSettings(
      rho: try Schedule(0.1), mask: MaskSettings(policy: policy, sparsity: 0.5, fisherSamples: 6))
  }

  @Test func threadsDoNotChangeTheBits() throws {
    let configuration = try Self.configuration(sharpness: Self.sparse(.fisher), epochs: 1)
    Self.expectSameBits(
      try Self.final(configuration), try Self.final(configuration, threads: 2))
  }

  /// Winograd's convolutions round otherwise than direct ones.
  @Test func samplesAreEvaluatedWithTheConvolutionsOfTheTraining() throws {
    var configuration = try Self.configuration(architecture: "resnet8-w16")
    func value(_ choice: ConvolutionChoice) throws -> (trained: RiskValue, expected: RiskValue) {
      configuration.convolution = choice
      let trainer = try Self.trainer(configuration)
      let samples = trainer.data.training.samples
      let risk = try EmpiricalRisk(
        model: trainer.model, samples: samples, options: RiskOptions(convolution: choice),
        pool: WorkerPool(threadCount: 1))
      return (
        try trainer.evaluate(samples),
        try risk.value(at: trainer.state.point)
      )
    }
    let (direct, automatic) = (try value(.direct), try value(.automatic))
    #expect(direct.trained == direct.expected && automatic.trained == automatic.expected)
    #expect(direct.trained.loss != automatic.trained.loss)
  }

  /// The last layers, in a network that has three blocks of them.
  static func suffix(
    sparsity: Double, norm: MaskSettings.Norm = .iso
  ) throws -> SharpnessSettings {
    SharpnessSettings(
      rho: try Schedule(0.1),
      mask: MaskSettings(policy: .fisher, sparsity: sparsity, norm: norm, structure: .suffix))
  }

  @Test func suffixesStayAndCostLittle() throws {
    for norm in MaskSettings.Norm.allCases {
      let trainer = try Self.trainer(
        Self.configuration(
          sharpness: Self.suffix(sparsity: 0.4, norm: norm), architecture: "resnet8-w8"))
      let mask = try #require(trainer.state.mask)
      // A suffix: from its first one on there are ones alone.
      let count = trainer.model.layout.count
      #expect(mask.positions == Array((count - mask.ones)..<count))
      #expect(mask.ones > 0 && Double(mask.ones) <= 0.6 * Double(count))
      while !trainer.isFinished {
        let record = try trainer.runEpoch()
        #expect(trainer.state.mask == mask && record.maskOnes == mask.ones)
        let work = try #require(record.relativeFlops)
        // Of a dense step 2; the whole first gradient still saves the forward pass below.
        #expect(norm == .iso ? work < 1.6 && work > 1 : work < 2 && work > 1.6, "\(work)")
      }
    }
  }

  @Test func suffixOfEverythingIsDenseSharpnessAware() throws {
    var dense = try Self.final(
      Self.configuration(sharpness: SharpnessSettings(rho: try Schedule(0.1))))
    let masked = try Self.final(Self.configuration(sharpness: Self.suffix(sparsity: 0)))
    dense.mask = masked.mask
    Self.expectSameBits(dense, masked)
  }

  @Test func emptySuffixIsPlainDescent() throws {
    var plain = try Self.final(Self.configuration())
    let masked = try Self.final(Self.configuration(sharpness: Self.suffix(sparsity: 1)))
    #expect(masked.mask?.ones == 0)
    plain.mask = masked.mask
    Self.expectSameBits(plain, masked)
  }

  private static let adamW = BaseOptimizer.adamW(AdamW(weightDecay: 0.1))

  @Test(arguments: [BaseOptimizer.sgd(SGD()), adamW])
  func radiusZeroIsPlainDescent(optimizer: BaseOptimizer) throws {
    var configuration = try Self.configuration()
    configuration.optimizer = optimizer
    let plain = try Self.final(configuration)
    configuration.sharpness = SharpnessSettings(rho: try Schedule(0))
    Self.expectSameBits(plain, try Self.final(configuration))
  }

  @Test(arguments: [MaskSettings.Norm.official, .iso])
  func fullMaskIsDenseSharpnessAware(norm: MaskSettings.Norm) throws {
    let dense = SharpnessSettings(rho: try Schedule(0.1))
    for policy in [MaskSettings.Policy.fisher, .dynamic] {
      var masked = dense
      masked.mask = MaskSettings(policy: policy, sparsity: 0, norm: norm, fisherSamples: 4)
      var a = try Self.final(Self.configuration(sharpness: dense))
      let b = try Self.final(Self.configuration(sharpness: masked))
      #expect(b.mask?.ones == b.moments.first.count)
      a.mask = b.mask
      Self.expectSameBits(a, b)
    }
  }

  @Test(arguments: [MaskSettings.Policy.fisher, .dynamic])
  func paperCodeStartsAndRefreshesAsItsCodeDoes(policy: MaskSettings.Policy) throws {
    let sharpness = try Self.sparse(policy).paperCode
    #expect(sharpness.statistics == .twice)
    let trainer = try Self.trainer(Self.configuration(sharpness: sharpness))
    let start = try #require(trainer.state.mask)
    #expect(start.ones == (policy == .fisher ? 0 : trainer.model.layout.count / 2))
    _ = try trainer.runEpoch()
    let next = try #require(trainer.state.mask)
    #expect(next.ones == trainer.model.layout.count / 2)
    #expect(next != start)
  }

  @Test(arguments: [
    (MaskSettings.Policy.dynamic, MaskSettings.Structure.element, BaseOptimizer.sgd(SGD())),
    (.fisher, .filter, adamW), (.fisher, .suffix, .sgd(SGD())),
  ])
  func resumedTrainingHasTheBitsOfAnUndisturbedOne(
    policy: MaskSettings.Policy, structure: MaskSettings.Structure, optimizer: BaseOptimizer
  ) throws {
    try withTemporaryFolder { folder in
      var sharpness = try Self.sparse(policy)
      // Refreshed before the first and the third epoch: the second one takes the mask of the file.
      sharpness.mask?.updateEvery = 2
      sharpness.mask?.structure = structure
      var configuration = try Self.configuration(
        sharpness: sharpness, architecture: "resnet8-w8", epochs: 3)
      configuration.optimizer = optimizer
      let undisturbed = try Self.final(configuration)
      let first = try Self.trainer(configuration)
      _ = try first.runEpoch()
      let trained = TrainedModel(model: first.model, point: first.state.point)
      let path = folder.appending(path: "last.ckpt").path
      let parts = try TrainingCheckpoint.parts(of: first.state)
      try trained.write(
        to: path,
        metadata: TrainedModelMetadata(
          recipe: configuration.architecture, dataPath: "digits", dataName: "digits",
          normalization: "none"), trainingTensors: parts.tensors, trainingTexts: parts.texts)
      let state = try TrainingCheckpoint.read(
        CheckpointFile.read(path), model: first.model, optimizer: optimizer)
      #expect(state == first.state)
      if optimizer == .sgd(SGD()) {
        #expect(throws: CheckpointError.self) {
          _ = try TrainingCheckpoint.read(
            CheckpointFile.read(path), model: first.model, optimizer: Self.adamW)
        }
      }
      let second = try Self.trainer(configuration, resuming: state)
      while !second.isFinished { _ = try second.runEpoch() }
      Self.expectSameBits(second.state, undisturbed)
    }
  }

  @Test func dropoutIsRepeatedByItsSeedAlone() throws {
    func trained(_ dropout: Double?, seed: UInt64 = 3, threads: Int = 1) throws -> [Float] {
      var configuration = try Self.configuration(architecture: "wideresnet-10-1", epochs: 1)
      configuration.dropout = dropout
      configuration.seed = seed
      let trainer = try Self.trainer(configuration, threads: threads)
      _ = try trainer.runEpoch()
      return trainer.state.point.weights.elements.array
    }
    let weights = try trained(0.3)
    let threaded = try trained(0.3, threads: 3)
    let plain = try trained(nil)
    #expect(threaded == weights && plain != weights)
    #expect(weights.allSatisfy { $0.isFinite })
    var configuration = try Self.configuration()
    configuration.dropout = 0.5
    #expect(throws: TrainingError.self) { _ = try Self.trainer(configuration) }
    configuration.dropout = 1
    #expect(throws: TrainingError.self) { try configuration.validate() }
  }

  /// The gradient is that of the loss with the masks of its stream, and other streams give others.
  @Test func dropoutIsPartOfTheFunctionThatIsDifferentiated() throws {
    let model = try Model(
      .named("wideresnet-10-1", input: .init(channels: 1, height: 8, width: 8), classCount: 10))
    let all = try DatasetCatalog.open("digits", split: .train).prefix(samples: 32)
    let dataset = try NormalizedDataset(all, ChannelNormalization(parsing: "none"))
    let batch = dataset.samples
    let step = try TrainingStep(
      model: model, samples: batch, options: TrainingStepOptions(dropout: 0.5),
      pool: WorkerPool(threadCount: 1))
    let point = model.initialPoint(seed: 1)
    func evaluate(_ point: ModelPoint, index: Int) throws -> StepGradient {
      try step.gradient(
        of: batch, at: point,
        dropout: RandomStream(seed: 1, label: "dropout", index: index))
    }
    let here = try evaluate(point, index: 0)
    let other = try evaluate(point, index: 1)
    #expect(abs(other.value.loss - here.value.loss) > 1e-3)
    // Along the gradient; rounding of the loss, some 1e-6, over a change of 1e-2.
    var (ahead, behind) = (point, point)
    let length = Float(5e-3 / here.gradient.norm)
    ahead.weights.elements.add(here.gradient, scaledBy: length)
    behind.weights.elements.add(here.gradient, scaledBy: -length)
    let slope =
      try (evaluate(ahead, index: 0).value.loss - evaluate(behind, index: 0).value.loss) / 1e-2
    #expect(abs(slope / here.gradient.norm - 1) < 1e-2)
  }

  @Test(arguments: [0, 0.5]) func everyStepHasDropoutMasksOfItsOwn(rate: Double) throws {
    var configuration = try Self.configuration(architecture: "wideresnet-10-1", epochs: 3)
    configuration.data.augmentation = try Augmentation(parsing: "none")
    configuration.batchSize = 60
    configuration.dropout = rate
    // Weights do not move beyond rounding, and the only batch has the same images in another order.
    configuration.learningRate = try Schedule(1e-30)
    let trainer = try Self.trainer(configuration)
    let losses = try (0..<3).map { _ in try trainer.runEpoch().trainingLoss }
    let changes = [abs(losses[1] - losses[0]), abs(losses[2] - losses[1])]
    // Another order of the sums changes some 1e-6.
    #expect(changes.allSatisfy { rate > 0 ? $0 > 1e-3 : $0 < 1e-5 }, "\(losses)")
  }

  @Test func trainingLowersTheLossAndNeverLooksAtTheTestSplit() throws {
    let trainer = try Self.trainer(Self.configuration(architecture: "mlp-32", epochs: 12))
    while !trainer.isFinished { _ = try trainer.runEpoch() }
    let losses = trainer.state.history.epochs.map(\.trainingLoss)
    #expect(losses.count == 12)
    #expect(losses[11] < 0.8 * losses[0], "\(losses)")
    #expect(trainer.data.test == nil)
    #expect(trainer.state.history.best != nil)
  }

  /// Of three batches of two rows of tokens one has none that counts, whatever the order.
  @Test func batchInWhichNothingCountsIsAStepOfZeroGradient() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "tokens.npz").path
      let targets = (0..<6).flatMap { $0 < 2 ? [1, 2, 0, $0] : [-100, -100, -100, -100] }
      var writer = NPZWriter()
      writer.add("tokens", NumericArray((0..<24).map { $0 * 7 % 5 % 3 }, shape: [6, 4]))
      writer.add("target", NumericArray(targets, shape: [6, 4]))
      try writer.write(to: path)
      let model = ModelRecipe.architecture(
        try .named("nplm-2-3-4", input: .tokens(length: 4, vocabulary: 3), classCount: 3))
      let configuration = TrainingConfiguration(
        architecture: model, data: TrainingDataSettings(path: path, validation: 0), epochs: 3,
        batchSize: 2, seed: 1, learningRate: try Schedule(0.1),
        sharpness: SharpnessSettings(rho: try Schedule(0.1)))
      let trainer = try Trainer(
        configuration, data: TrainingData(configuration.data, seed: 1),
        pool: WorkerPool(threadCount: 1))
      while !trainer.isFinished { _ = try trainer.runEpoch() }
      let records = trainer.state.history.epochs
      #expect(records.count == 3 && records.allSatisfy { $0.trainingLoss.isFinite })
      #expect(records[2].trainingLoss < records[0].trainingLoss)
      // The empty batch itself: no loss, no gradient, no part in the epoch's mean.
      let samples = trainer.data.training.samples
      let step = try TrainingStep(
        model: trainer.model, samples: samples, pool: WorkerPool(threadCount: 1))
      let result = try step.gradient(of: samples.selecting([2, 4]), at: trainer.state.point)
      #expect(result.value.loss == 0 && result.value.weight == 0 && result.value.rows == 0)
      #expect(result.gradient.norm == 0)
    }
  }

  @Test func divergenceIsAnErrorThatKeepsTheStateBeforeTheEpoch() throws {
    var configuration = try Self.configuration(architecture: "mlp-16", epochs: 3)
    configuration.learningRate = try Schedule(1e30)
    let trainer = try Self.trainer(configuration)
    let before = trainer.state
    #expect(throws: TrainingError.self) { _ = try trainer.runEpoch() }
    Self.expectSameBits(trainer.state, before)
  }

  @Test func impossibleSettingsAreRefused() throws {
    func expectRefusal(_ change: (inout TrainingConfiguration) throws -> Void) throws {
      var configuration = try Self.configuration(sharpness: Self.sparse(.dynamic))
      try change(&configuration)
      #expect(throws: TrainingError.self) { try configuration.validate() }
    }
    try expectRefusal { $0.epochs = 0 }
    try expectRefusal { $0.batchSize = 1 }
    try expectRefusal { $0.labelSmoothing = 1 }
    try expectRefusal { $0.data.validation = 1 }
    try expectRefusal { $0.optimizer = .sgd(SGD(momentum: 1)) }
    try expectRefusal { $0.optimizer = .sgd(SGD(momentum: 0, nesterov: true)) }
    try expectRefusal { $0.optimizer = .sgd(SGD(weightDecay: -1)) }
    try expectRefusal { $0.optimizer = .adamW(AdamW(weightDecay: .nan)) }
    try expectRefusal { $0.optimizer = .adamW(AdamW(beta1: 1)) }
    try expectRefusal { $0.optimizer = .adamW(AdamW(beta2: -0.1)) }
    try expectRefusal { $0.optimizer = .adamW(AdamW(epsilon: 0)) }
    try expectRefusal { $0.sharpness?.roles = [] }
    try expectRefusal { $0.sharpness?.mask?.sparsity = 1.1 }
    try expectRefusal { $0.sharpness?.mask?.structure = .layer }
    try expectRefusal { $0.sharpness?.mask?.fisherSamples = 0 }
  }

  @Test func configurationIsReadBackFromItsText() throws {
    let configuration = try Self.configuration(sharpness: Self.sparse(.fisher))
    let data = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(TrainingConfiguration.self, from: data) == configuration)
  }
}
