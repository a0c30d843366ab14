import ComputationGraph
import Datasets
import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing
import Training

/// Gradients by some tensors and filters: the same numbers for less work.
@Suite struct GradientSupportTests {
  private let model: Model
  private let batch: Samples
  private let point: ModelPoint

  init() throws {
    model = try Model(
      .named("resnet8-w16", input: .init(channels: 1, height: 8, width: 8), classCount: 10))
    let digits = try DatasetCatalog.open("digits", split: .train).prefix(samples: 40)
    batch = try NormalizedDataset(digits, .none).samples
    point = model.initialPoint(seed: 5)
  }

  private func gradient(
    _ support: GradientSupport?, mode: NormalizationMode = .batch, threads: Int = 2
  ) throws -> StepGradient {
    try TrainingStep(
      model: model, samples: batch, options: TrainingStepOptions(normalization: mode),
      pool: WorkerPool(threadCount: threads)
    ).gradient(of: batch, at: point, support: support)
  }

  /// Five filters of every weight, and every second vector whole.
  private var someFilters: GradientSupport {
    GradientSupport(
      model.layout.segments.enumerated().compactMap { index, segment in
        if segment.filterCount > 1 {
          return .init(segment: index, filters: [0, 3, 4, 7, segment.filterCount - 1])
        }
        return index.isMultiple(of: 2) ? .init(segment: index) : nil
      })
  }

  @Test(arguments: [NormalizationMode.batch, .inference])
  func filtersHaveTheGradientThatTheyHaveInTheWhole(mode: NormalizationMode) throws {
    let whole = try gradient(nil, mode: mode)
    let part = try gradient(someFilters, mode: mode)
    #expect(part.value.loss == whole.value.loss)
    var expected = [Float](repeating: 0, count: model.layout.count)
    for part in someFilters.parts {
      let segment = model.layout.segments[part.segment]
      let size = segment.range.count / segment.filterCount
      for filter in part.filters ?? Array(0..<segment.filterCount) {
        let start = segment.range.lowerBound + filter * size
        for i in start..<start + size { expected[i] = whole.gradient[i] }
      }
    }
    // Other kernels may compute other numbers of filters: Winograd's rounding, 1e-5 of the norm.
    var difference = part.gradient
    difference.add(Vector(expected), scaledBy: -1)
    #expect(difference.norm < 2e-5 * whole.gradient.norm)
    let outside = expected.indices.filter { expected[$0] == 0 }
    #expect(outside.allSatisfy { part.gradient[$0] == 0 || whole.gradient[$0] == 0 })
    #expect(!outside.isEmpty)
  }

  @Test func threadsDoNotChangeTheBitsOfSomeFilters() throws {
    let one = try gradient(someFilters, threads: 1)
    #expect(try gradient(someFilters, threads: 2).gradient == one.gradient)
  }

  @Test func filtersThatAreLeftOutAreNotComputed() throws {
    let whole = try gradient(nil)
    let part = try gradient(someFilters)
    // Forward pass and input gradients stay; of 16 to 64 filters at most 16 are computed.
    #expect(part.multiplyAdds < whole.multiplyAdds)
    #expect(part.multiplyAdds > whole.multiplyAdds / 2)
  }

  @Test func nothingIsPropagatedBelowTheLowestTensor() throws {
    let forward = try model.forwardFlops(batch: batch.count) / 2
    let last = model.layout.segments.count - 2
    let linear = model.layout.segments[last]
    try #require(linear.shape.rank == 2)
    let part = try gradient(GradientSupport(segments: [last, last + 1]))
    #expect(part.multiplyAdds == forward + batch.count * linear.shape.count)
    #expect(try gradient(GradientSupport([])).multiplyAdds == forward)
  }

  @Test func aMaskKnowsItsTensorsAndFilters() {
    let layout = ParameterLayout([
      ParameterTensor("a.weight", [3, 2, 1, 1], .weight), ParameterTensor("a.bias", [3], .bias),
      ParameterTensor("b.weight", [2, 3], .weight),
    ])
    #expect(
      PerturbationMask(ones: [0, 5, 7], count: 15).support(of: layout)
        == GradientSupport([.init(segment: 0, filters: [0, 2]), .init(segment: 1)]))
    #expect(
      PerturbationMask(ones: [9, 12], count: 15).support(of: layout)
        == GradientSupport(segments: [2]))
    #expect(PerturbationMask(ones: [], count: 15).support(of: layout) == GradientSupport([]))
  }

  @Test func historyCountsTheWorkOfAStep() throws {
    func work(_ mask: MaskSettings?, rho: Double = 0.1) throws -> Double {
      let sharpness = SharpnessSettings(rho: try Schedule(rho), mask: mask)
      let trainer = try TrainerTests.trainer(
        TrainerTests.configuration(sharpness: sharpness, architecture: "resnet8-w16", epochs: 1))
      let record = try trainer.runEpoch()
      #expect(try #require(record.secondsPerStep) > 0)
      return try #require(record.relativeFlops)
    }
    func mask(
      _ structure: MaskSettings.Structure, _ norm: MaskSettings.Norm = .iso
    ) -> MaskSettings {
      MaskSettings(
        policy: .fisher, sparsity: 0.9, norm: norm, structure: structure, fisherSamples: 4)
    }
    let plain = try TrainerTests.trainer(TrainerTests.configuration(epochs: 1)).runEpoch()
    #expect(plain.relativeFlops == 1)
    #expect(try work(nil) == 2)
    #expect(abs(try work(mask(.element)) - (2 - 0.7 * 0.9)) < 1e-4)
    for structure in [MaskSettings.Structure.filter, .layer] {
      let real = try work(mask(structure))
      #expect(real > 1.3 && real < 1.9, "\(structure): \(real)")
      // The whole first gradient: at most the forward pass below the lowest layer is saved.
      let official = try work(mask(structure, .official))
      #expect(official > real && official <= 2, "\(structure): \(official)")
    }
  }
}
