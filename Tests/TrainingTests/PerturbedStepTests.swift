import Datasets
import GraphRuntime
import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing
import Training

/// Steps whose second pass takes over what the first one has computed.
@Suite struct PerturbedStepTests {
  /// Two passes of which the second one uses nothing of the first.
  private struct SeparatePasses: GradientOracle {
    let batch: BatchGradients
    func gradient(at point: ModelPoint, support: GradientSupport?) throws -> StepGradient {
      try batch.gradient(at: point, support: support)
    }
  }

  /// A network with digits of its input's size.
  private struct Case {
    let model: Model
    let batch: Samples
    let point: ModelPoint
    let rule: GradientRule
    var options = TrainingStepOptions()

    init(_ name: String, statistics: SharpnessSettings.Statistics = .twice) throws {
      model = try Model(
        .named(name, input: .init(channels: 1, height: 8, width: 8), classCount: 10))
      let digits = try DatasetCatalog.open("digits", split: .train).prefix(samples: 40)
      batch = try NormalizedDataset(digits, .none).samples
      point = model.initialPoint(seed: 5)
      rule = .sharpnessAware(
        SharpnessSettings(
          rho: try Schedule(0.1), statistics: statistics,
          mask: MaskSettings(policy: .fisher)), perturbable: nil)
    }

    /// The mask of the segments from one on.
    func mask(from first: Int) -> PerturbationMask {
      let start = model.layout.segments[first].range.lowerBound
      return PerturbationMask(
        ones: Array(start..<model.layout.count), count: model.layout.count)
    }

    /// A step with a mask, by an engine of its own.
    func step(
      _ mask: PerturbationMask, wholeFirstGradient: Bool = false, separate: Bool = false,
      threads: Int = 2
    ) throws -> RuleGradient {
      let step = try TrainingStep(
        model: model, samples: batch, options: options, pool: WorkerPool(threadCount: threads))
      let oracle = BatchGradients(
        step, batch, dropout: RandomStream(seed: 3, label: "test.dropout"))
      let support = mask.support(of: model.layout)
      let scope = PerturbationScope(
        perturbed: support.parts.map(\.segment), support: wholeFirstGradient ? nil : support)
      return separate
        ? try rule.gradient(
          at: point, rho: 0.5, scope: scope, mask: { _ in mask },
          oracle: SeparatePasses(batch: oracle))
        : try rule.gradient(
          at: point, rho: 0.5, scope: scope, mask: { _ in mask }, oracle: oracle)
    }
  }

  private func expectSameBits(_ a: RuleGradient, _ b: RuleGradient) {
    #expect(a.value == b.value)
    #expect(a.firstGradient == b.firstGradient)
    #expect(a.gradient == b.gradient)
    #expect(a.perturbationNorm == b.perturbationNorm)
    #expect(a.buffers == b.buffers)
    #expect(b.perturbationNorm > 0)
  }

  @Test(arguments: ["resnet8-w16", "wideresnet-10-1", "mlp-32-16"])
  func haveTheBitsOfTwoSeparatePasses(name: String) throws {
    var network = try Case(name)
    if name.hasPrefix("wide") { network.options.dropout = 0.3 }
    let count = network.model.layout.segments.count
    for first in [count - 2, count / 2, 2] {
      for whole in [false, true] {
        let mask = network.mask(from: first)
        expectSameBits(
          try network.step(mask, wholeFirstGradient: whole),
          try network.step(mask, wholeFirstGradient: whole, separate: true))
      }
    }
  }

  /// Without batch statistics convolutions run in micro-batches, and passes that belong together in
  /// one batch: sums of 40 samples in another order.
  @Test func agreeWithSeparatePassesInMicroBatches() throws {
    var network = try Case("resnet8-w16")
    network.options.normalization = .inference
    let mask = network.mask(from: network.model.layout.segments.count / 2)
    let together = try network.step(mask)
    let separate = try network.step(mask, separate: true)
    #expect(together.relativeWork < separate.relativeWork)
    var difference = together.gradient
    difference.add(separate.gradient, scaledBy: -1)
    #expect(difference.norm < 1e-5 * separate.gradient.norm)
    #expect(abs(together.value.loss - separate.value.loss) < 1e-6 * separate.value.loss)
    #expect(together.value.correct == separate.value.correct)
  }

  @Test func filtersOfUpperLayersHaveTheBitsOfTwoSeparatePasses() throws {
    let network = try Case("resnet8-w16")
    let segments = network.model.layout.segments
    let ones = segments[(segments.count / 2)...].filter { $0.filterCount > 1 }.flatMap { segment in
      [0, 3, segment.filterCount - 1].flatMap(segment.filterRanges).flatMap { Array($0) }
    }
    let mask = PerturbationMask(ones: ones, count: network.model.layout.count)
    let together = try network.step(mask)
    let separate = try network.step(mask, separate: true)
    expectSameBits(together, separate)
    #expect(together.relativeWork < separate.relativeWork)
  }

  @Test func threadsDoNotChangeTheBits() throws {
    let network = try Case("resnet8-w16")
    let mask = network.mask(from: network.model.layout.segments.count - 8)
    let one = try network.step(mask, threads: 1)
    for threads in [2, 3] { expectSameBits(try network.step(mask, threads: threads), one) }
  }

  /// By hand: layers of 64 x 32 and 32 x 10.
  ///
  /// For each sample SGD takes the products of the
  /// forward pass, two weight gradients and one input gradient, `2 * 64 * 32 + 3 * 32 * 10`. With the
  /// upper layer perturbed come its weight gradient in the first pass and its product in the second.
  @Test func workIsCountedAsItIsDone() throws {
    let network = try Case("mlp-32")
    let (lower, upper) = (64 * 32, 32 * 10)
    let sgd = 2 * lower + 3 * upper
    let step = try network.step(network.mask(from: 2))
    #expect(step.relativeWork == Double(sgd + 2 * upper) / Double(sgd))
    // The whole first gradient: but for the forward pass of the lower layer everything is done twice.
    let official = try network.step(network.mask(from: 2), wholeFirstGradient: true)
    #expect(official.relativeWork == Double(2 * sgd - lower) / Double(sgd))
    // No perturbation: the forward pass, and the rest of a step of SGD.
    let none = try network.step(PerturbationMask(ones: [], count: network.model.layout.count))
    #expect(none.relativeWork == 1)
  }

  @Test func nothingChangesWhereTheFirstLayerIsPerturbed() throws {
    let network = try Case("resnet8-w16")
    let segments = network.model.layout.segments
    let mask = PerturbationMask(
      ones: Array(segments[0].range) + Array(segments[segments.count - 2].range),
      count: network.model.layout.count)
    let together = try network.step(mask)
    let separate = try network.step(mask, separate: true)
    expectSameBits(together, separate)
    #expect(together.relativeWork == separate.relativeWork)
  }
}
