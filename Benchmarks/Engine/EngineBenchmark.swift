import Analyses
import ArgumentParser
import CommandSupport
import Datasets
import Foundation
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import Objectives

/// Times the work that the toolkit is compared on and prints one JSON object.
///
/// The samples are random: the time does not depend on them. `Benchmarks/run` runs this and the
/// PyTorch side in turns.
@main
struct EngineBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "basin-benchmark",
    abstract: "Time a surface point, a gradient, a product and a training step.")

  @Option(help: "Architecture, vit-tiny, gpt-mini or gpt2-small.") var network = "resnet20"
  @Option(help: "Number of images or sequences.") var samples = 512
  @Option(
    help: """
      Kinds of work, separated by commas: loss, surface, gradient, hvp (within --memory), hvp.kept (without \
      a limit), hvp.recomputed (keeping nothing), train.sgd, train.sam, train.ssam.element, \
      train.ssam.filter, train.ssam.layer, train.ssam.suffix; all samples are one batch of training.
      """)
  var work = "surface,gradient,hvp"
  @Option(help: "Timed repetitions; one or two more come first and do not count.") var repeats = 5
  @Option(help: "Share of zeros in the masks of train.ssam.") var sparsity = 0.9
  @Option(help: "Samples per micro-batch; by the engine's rule where not given.") var microBatch:
    Int?
  @Option(help: "Memory of the process for hvp, in MiB.") var memory = 720
  @OptionGroup var engine: EngineOptions

  func run() throws {
    try runCommand {
      let data = try BenchmarkData(network: self.network, samples: samples)
      let (model, batch, point) = (data.model, data.samples, data.point)
      let risk = try EmpiricalRisk(
        model: model, samples: batch,
        options: RiskOptions(microBatch: microBatch, convolution: engine.convolution),
        pool: engine.pool())
      var stream = RandomStream(seed: 1, label: "benchmark.direction")
      let direction = stream.normalVector(count: model.layout.count, as: Float.self)
      var seconds: [String: [Double]] = [:]
      var relativeFlops: [String: Double] = [:]
      for kind in work.split(separator: ",").map(String.init) {
        var training: TrainingWork?
        let body: () throws -> Void
        switch kind {
        case "surface":
          let surface = SurfaceEvaluator(
            risk: risk, center: point, axes: [direction, direction],
            normalization: .inference)
          // New weights for every point.
          body = { _ = try surface.value(at: [1e-3, 2e-3]) }
        case "loss": body = { _ = try risk.value(at: point) }
        case "gradient": body = { _ = try risk.gradient(at: point) }
        case "hvp", "hvp.kept", "hvp.recomputed":
          var settings = CurvatureSettings(.hessian)
          let plan = try risk.curvatureMemory(settings)
          let rest = (memory << 20) - ProcessMemory.resident - plan.added
          settings.keptBytes = kind == "hvp" ? max(0, rest) : kind == "hvp.kept" ? .max / 2 : 0
          let products = try risk.curvature(settings, at: point)
          body = { _ = try products.product(with: direction) }
        default:
          let work = try trainingWork(kind, model: model, batch: batch)
          training = work
          body = { try work.run() }
        }
        // Values, and the gradient in any case, are kept from the third product on.
        for _ in 0..<(kind.hasPrefix("hvp") ? 2 : 1) { try body() }
        var times: [Double] = []
        for _ in 0..<repeats {
          let clock = ContinuousClock()
          times.append(try clock.measure(body) / .seconds(1))
        }
        seconds[kind] = times
        relativeFlops[kind] = training?.relativeWork
      }
      let flops = Double(try model.forwardFlops(batch: samples))
      let result: [String: Any] = [
        "network": self.network, "samples": samples, "threads": engine.threads,
        "micro_batch": risk.microBatch, "seconds": seconds, "forward_gflop": flops / 1e9,
        "relative_flops": relativeFlops,
        "peak_rss_gib": Self.peakMemory, "libraries": Toolkit.libraries,
      ]
      let text = try JSONSerialization.data(
        withJSONObject: result, options: [.sortedKeys, .withoutEscapingSlashes])
      print(String(decoding: text, as: UTF8.self))
    }
  }

  /// One step of training.
  private func trainingWork(
    _ kind: String, model: Model, batch: Samples
  ) throws -> TrainingWork {
    guard let rule = TrainingWork.Rule(rawValue: kind) else {
      let known =
        ["loss", "surface", "gradient", "hvp", "hvp.kept", "hvp.recomputed"]
        + TrainingWork.Rule.allCases.map(\.rawValue)
      throw ValidationError(
        "--work \(kind) is unknown; choose from \(known.joined(separator: ", ")).")
    }
    return try TrainingWork(
      rule, model: model, batch: batch, sparsity: sparsity, convolution: engine.convolution,
      pool: engine.pool())
  }

  /// Largest resident memory of the process so far, in GiB.
  private static var peakMemory: Double {
    var usage = rusage()
    guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return .nan }
    return Double(usage.ru_maxrss) / 1_048_576
  }
}
