import Checkpoints
import Datasets
import Foundation
import GradientRatios
import GraphRuntime
import LinearAlgebra
import NeuralNetworks
import Objectives
import TestSupport
import Testing

@Suite struct GradientRatioTests {
  @Test func everyEntryIsCountedOnceInItsPlace() {
    // Ratios: log 1, log 2, none (zero), none (equal), log 1e-9 (underflow), log 1e9 (overflow).
    let plain = Vector<Float>([1, 1, 0, 3, 1e9, 1])
    let perturbed = Vector<Float>([2, 3, 5, 3, 1_000_000_064, 1e9])
    let histogram = RatioHistogram(
      plain: plain, perturbed: perturbed, base: .two, range: -2...2, bins: 4)
    #expect(histogram.counts == [0, 0, 1, 1])
    #expect(histogram.underflow == 1)
    #expect(histogram.overflow == 1)
    #expect(histogram.zeroGradients == 1)
    #expect(histogram.equalGradients == 1)
    #expect(histogram.finite == 4)
    #expect(histogram.shareBelowZero == 0.25)
    let count = RatioCount(plain: plain, perturbed: perturbed, in: 0..<6)
    #expect(count.finite == 4 && count.belowZero == 1 && count.share == 0.25)
    #expect(RatioCount(plain: plain, perturbed: perturbed, in: 2..<4).share == nil)
  }

  @Test func theBaseScalesTheRatios() throws {
    let (plain, perturbed) = (Vector<Float>([1, 1, 1]), Vector<Float>([9, 9, 9]))
    func median(_ base: LogarithmBase) throws -> Double {
      try #require(RatioHistogram(plain: plain, perturbed: perturbed, base: base).median)
    }
    #expect(try median(.two) == 3)
    #expect(abs(try median(.e) - 2.0794415416798357) < 1e-12)
    #expect(abs(try median(.ten) - 0.9030899869919435) < 1e-12)
  }

  /// Winograd's convolutions round otherwise than direct ones, by little.
  @Test func theChoiceOfConvolutionsIsFollowed() throws {
    let model = try Model(
      .named("resnet8-w16", input: .init(channels: 1, height: 8, width: 8), classCount: 10))
    let data = try NormalizedDataset(
      DatasetCatalog.open("digits", split: .train).prefix(samples: 16), .none)
    func ratio(_ convolution: ConvolutionChoice) throws -> GradientRatio {
      try GradientRatio.compute(
        data.samples, batchSize: 16, batches: 1, rho: 0.1, model: model,
        options: TrainingStepOptions(normalization: .inference, convolution: convolution),
        at: model.initialPoint(seed: 1), pool: WorkerPool(threadCount: 1))
    }
    let (direct, automatic) = (try ratio(.direct), try ratio(.automatic))
    for (a, b) in [(direct.plain, automatic.plain), (direct.perturbed, automatic.perturbed)] {
      #expect(a != b)
      // A sample at the kink of a ReLU may differ by tenths of a percent.
      #expect(abs(a.norm / b.norm - 1) < 1e-2)
    }
  }

  /// Batches have different numbers of tokens that count: the mean is one over all tokens.
  @Test func batchesCountByTheWeightsOfTheirRows() throws {
    let model = try Model(
      .named("nplm-2-3-4", input: .tokens(length: 3, vocabulary: 5), classCount: 5))
    let point = model.initialPoint(seed: 1)
    let samples = Samples(
      count: 4,
      inputs: [SampleArray("tokens", [3], integers: [0, 1, 2, 3, 4, 0, 1, 3, 0, 2, 4, 1])],
      target: SampleArray("target", [3], integers: [1, -100, -100, 4, 0, 1, 3, 0, 2, 4, 1, -100]),
      weights: SampleArray("weight", [], Vector<Float>([1, 2, 0.5, 3])))
    let pool = WorkerPool(threadCount: 2)
    let whole = try EmpiricalRisk(model: model, samples: samples, pool: pool).gradient(at: point)
    for size in [2, 3] {
      let ratio = try GradientRatio.compute(
        samples, batchSize: size, batches: 2, rho: 0, model: model,
        options: TrainingStepOptions(normalization: .inference), at: point, pool: pool)
      #expect(abs(ratio.loss - whole.value.loss) < 1e-6)
      for gradient in [ratio.plain, ratio.perturbed] {
        var difference = gradient
        difference.add(whole.gradient, scaledBy: -1)
        #expect(difference.norm < 1e-5 * whole.gradient.norm)
      }
    }
  }

  struct Figures: Decodable {
    struct Mode: Decodable {
      let sam: SAM
    }
    struct SAM: Decodable {
      let rho: Double
      let gradient_norm: Double
      let ratio: Ratio
    }
    struct Ratio: Decodable {
      let counts: [Int]
      let finite: Int
      let zero_gradient: Int
      let median: Double
    }
    let derivatives_eval: Mode
    let derivatives_train: Mode
  }

  @Test(
    .enabled(if: SharedData.has("reference", "checkpoints", "cifar10"), SharedData.note),
    arguments: [NormalizationMode.inference, .batch])
  func histogramOfARealNetworkIsThatOfPyTorch(mode: NormalizationMode) throws {
    let json = try SharedData.url("reference/resnet20.json")
    let file = try SharedData.url("checkpoints/resnet20-12fca82f.th")
    let cifar = try SharedData.url("cifar10")
    let figures = try JSONDecoder().decode(Figures.self, from: Data(contentsOf: json))
    let expected = (mode == .batch ? figures.derivatives_train : figures.derivatives_eval).sam
    let model = try Model(
      .named("resnet20", input: .init(channels: 3, height: 32, width: 32), classCount: 10))
    let trained = try TrainedModel(CheckpointFile.read(file.path), model: model)
    let data = try NormalizedDataset(
      DatasetCatalog.open(cifar.path, split: .train), ChannelNormalization(parsing: "imagenet"))
    let result = try GradientRatio.compute(
      data.samples, batchSize: 256, batches: 1, rho: expected.rho, model: model,
      options: TrainingStepOptions(normalization: mode), at: trained.point,
      pool: WorkerPool(threadCount: 2))
    #expect(abs(result.perturbed.norm / expected.gradient_norm - 1) < 1e-3)
    let histogram = RatioHistogram(
      plain: result.plain, perturbed: result.perturbed, range: -12...12, bins: 24)
    let finite = Double(expected.ratio.finite)
    let difference = zip(histogram.counts, expected.ratio.counts).reduce(0) {
      $0 + abs($1.0 - $1.1)
    }
    print(
      "\(mode): \(difference) of \(histogram.finite) entries in other bins, "
        + "\(histogram.zeroGradients) zero against \(expected.ratio.zero_gradient)")
    #expect(Double(difference) < 0.01 * finite)
    #expect(abs(Double(histogram.finite) - finite) < 0.01 * finite)
  }
}
