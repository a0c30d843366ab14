import Communication
import Datasets
import LinearAlgebra
import NeuralNetworks
import Objectives
import Synchronization
import Testing
import Training

/// Steps and trainings whose batches several ranks share: the bits are those of one process.
@Suite struct RankedTrainingTests {
  /// What a batch is taken through.
  enum Network: String, CaseIterable {
    /// Matrix products: a whole batch in chunks.
    case mlp = "mlp-32-16"
    /// Batch norms, whose statistics are those of the whole batch.
    case residual = "resnet8-w16"
    /// Batch norms and dropout.
    case wide = "wideresnet-10-1"
    /// Convolutions in micro-batches, whose sums are taken by the tree.
    case microBatches
    /// Attention, embeddings and dropout, in parts of the batch.
    case transformer
  }

  private static func model(
    _ network: Network
  ) throws -> (Model, Samples, TrainingStepOptions) {
    guard network != .transformer else {
      let (model, batch) = try BatchPartsTests.transformer(samples: 52)
      return (model, batch, TrainingStepOptions(dropout: nil))
    }
    let name = network == .microBatches ? Network.residual.rawValue : network.rawValue
    let model = try Model(
      .named(name, input: .init(channels: 1, height: 8, width: 8), classCount: 10))
    var stream = RandomStream(seed: 4, label: "ranks")
    return (
      model,
      Samples(
        images: stream.normalVector(count: 70 * 64), shape: [1, 8, 8],
        labels: (0..<70).map { _ in Int32(stream.integer(below: 10)) }),
      TrainingStepOptions(
        normalization: network == .microBatches ? .inference : .batch,
        dropout: network == .wide ? 0.3 : 0)
    )
  }

  /// Everything that a step computes.
  private struct Bits: Equatable, Sendable {
    var values: [RiskValue] = []
    var vectors: [[UInt32]] = []

    mutating func add(_ step: StepGradient) {
      values.append(step.value)
      vectors.append(step.gradient.array.map(\.bitPattern))
      vectors.append(step.batchStatistics?.array.map(\.bitPattern) ?? [])
    }
  }

  private static func bits(
    _ network: Network, threads: Int, ranks: any Communicator
  ) throws -> Bits {
    let (model, batch, options) = try model(network)
    let point = model.initialPoint(seed: 5)
    let step = try TrainingStep(
      model: model, samples: batch, options: options, pool: WorkerPool(threadCount: threads),
      ranks: ranks)
    let dropout = RandomStream(seed: 3, label: "test.dropout")
    /// What the rank does not look at is no number.
    func own(_ scope: PerturbationScope) throws -> Samples {
      let range = try step.ownSamples(of: batch.count, scope: scope)
      guard let images = batch.inputs[0].floats, network != .transformer else { return batch }
      let elements = images.array.enumerated().map { range.contains($0 / 64) ? $1 : .nan }
      return Samples(
        count: batch.count, inputs: [SampleArray("images", [1, 8, 8], Vector(elements))],
        target: batch.target)
    }
    var bits = Bits()
    bits.add(try step.gradient(of: own(PerturbationScope()), at: point, dropout: dropout))
    // Two passes over one batch, of which the second begins in the middle; and two passes by themselves.
    let count = model.layout.segments.count
    for perturbed in [Array(count / 2..<count), Array(0..<count)] {
      let support = GradientSupport(segments: perturbed)
      let scope = PerturbationScope(perturbed: perturbed, support: support)
      let (first, second) = try step.gradients(
        of: own(scope), at: point, scope: scope, dropout: dropout
      ) { $0.gradient.scaled(by: 0.1) }
      bits.add(first)
      bits.add(second)
    }
    let fisher = try step.fisherDiagonal(
      of: batch.selecting(Array(0..<5)), at: point, mode: .inference)
    bits.vectors.append(fisher.elements.array.map { Float($0).bitPattern })
    return bits
  }

  @Test(arguments: Network.allCases)
  func `a step has the bits of one process`(network: Network) throws {
    let alone = try Self.bits(network, threads: 1, ranks: Alone())
    #expect(alone.vectors.joined().allSatisfy { Float(bitPattern: $0).isFinite })
    for size in 2...4 {
      for threads in 1...2 {
        let all = try ThreadRanks.run(size) { ranks in
          let counting = CountingRank(ranks)
          let bits = try Self.bits(network, threads: threads, ranks: counting)
          // Otherwise every rank would do it all, and the test would show nothing.
          #expect(counting.exchanges > 0)
          return bits
        }
        for (rank, bits) in all.enumerated() {
          // Not the bits themselves, of which a failure would print millions.
          let areEqual = bits == alone
          #expect(areEqual, "rank \(rank) of \(size), \(threads) threads")
        }
      }
    }
  }

  @Test(arguments: Network.allCases)
  func `every sample is looked at by one rank, or all by all`(network: Network) throws {
    let (model, batch, options) = try Self.model(network)
    for size in [2, 3, 7] {
      let ranges = try ThreadRanks.run(size) { ranks in
        try TrainingStep(
          model: model, samples: batch, options: options, pool: .callerAlone, ranks: ranks
        ).ownSamples(of: batch.count, scope: PerturbationScope())
      }
      if network == .mlp {
        // Its first weight gradient is a product that is not divided.
        #expect(ranges.allSatisfy { $0 == 0..<batch.count })
      } else {
        #expect(ranges.flatMap { Array($0) } == Array(0..<batch.count))
      }
    }
  }

  /// What follows the gradient, by name.
  enum Rule: String, CaseIterable {
    case sgd, adamW, sam, asam, fisher, dynamic, suffix

    func change(_ configuration: inout TrainingConfiguration) throws {
      let rho = try Schedule(0.1)
      switch self {
      case .sgd: break
      case .adamW: configuration.optimizer = .adamW(AdamW(weightDecay: 0.1))
      case .sam: configuration.sharpness = SharpnessSettings(rho: rho)
      case .asam: configuration.sharpness = SharpnessSettings(rho: rho, adaptiveShift: 0.01)
      case .fisher: configuration.sharpness = try TrainerTests.sparse(.fisher)
      case .dynamic: configuration.sharpness = try TrainerTests.sparse(.dynamic)
      case .suffix: configuration.sharpness = try TrainerTests.suffix(sparsity: 0.4)
      }
    }
  }

  private static func final(
    _ configuration: TrainingConfiguration, threads: Int, ranks: any Communicator
  ) throws -> (state: TrainingState, losses: [Double?]) {
    let all = try DatasetCatalog.openData("digits", split: .train).prefix(samples: 150)
    let data = try TrainingData(all, test: nil, configuration.data, seed: configuration.seed)
    let trainer = try Trainer(
      configuration, data: data, pool: WorkerPool(threadCount: threads), ranks: ranks)
    while !trainer.isFinished { _ = try trainer.runEpoch() }
    return (
      trainer.state,
      trainer.state.history.epochs.flatMap {
        [$0.trainingLoss, $0.trainingScore, $0.validationLoss, $0.gradientNorm]
      }
    )
  }

  /// Batches of 64, of which the last one has 14 samples.
  @Test(arguments: Rule.allCases, ["mlp-16", "resnet8-w4"])
  func `a training has the bits of one process`(rule: Rule, network: String) throws {
    var configuration = try TrainerTests.configuration(architecture: network)
    configuration.batchSize = 64
    configuration.data.validation = 0.05
    try rule.change(&configuration)
    let settings = configuration
    let alone = try Self.final(settings, threads: 1, ranks: Alone())
    for (size, threads) in [(2, 1), (3, 2), (4, 1)] {
      let all = try ThreadRanks.run(size) {
        try Self.final(settings, threads: threads, ranks: $0)
      }
      for (state, losses) in all {
        TrainerTests.expectSameBits(state, alone.state)
        #expect(losses == alone.losses)
      }
    }
  }
}

/// A rank that counts what it exchanges.
private final class CountingRank: Communicator {
  private let inner: any Communicator
  private let count = Atomic(0)
  var exchanges: Int { count.load(ordering: .relaxed) }
  var rank: Int { inner.rank }
  var size: Int { inner.size }
  var host: String { inner.host }

  init(_ inner: any Communicator) { self.inner = inner }

  func exchange(_ outgoing: [OutgoingBytes], _ incoming: [IncomingBytes]) throws {
    count.wrappingAdd(1, ordering: .relaxed)
    try inner.exchange(outgoing, incoming)
  }

  func post(_ message: [UInt8], to rank: Int) throws { try inner.post(message, to: rank) }
  func nextMail() throws -> Mail { try inner.nextMail() }
  func report(_ failure: RankFailure) { inner.report(failure) }
  func check() throws { try inner.check() }
}
