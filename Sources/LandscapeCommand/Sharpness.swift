import Analyses
import AnalysisFigures
public import ArgumentParser
import CommandSupport
import Communication
import NeuralNetworks

extension SharpnessMeasure: ExpressibleByArgument {}
extension NormalizationMode: ExpressibleByArgument {}

/// `landscape sharpness`.
struct Sharpness: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how much the loss rises in balls around the weights.",
    discussion: """
      max-l2 and max-linf: the maximum of the loss over a ball of radius rho, minus the loss at the weights, \
      as SAM sees it; avg-sphere, avg-l2 and avg-linf: the mean over the sphere, over normal noise of standard \
      deviation rho, and over the cube. A maximum is looked for by projected gradient ascent with momentum (APGD), \
      once from the weights and then from random points; the best found is a lower bound of it. Beside it stands \
      rho ||g||, the rise to first order.

      --adaptive measures perturbations in units of each weight's magnitude. --m M is m-sharpness: every batch \
      of M samples has the maximum of its own, and the mean is taken; --subsets N does the same with N parts. \
      Both come with the standard error over the parts. --split test measures on test data.

      \(SharpnessSummary.meaning)
      """)

  @Argument(help: "Checkpoints: PyTorch, safetensors, or written by trainer.")
  var models: [String] = ["model.ckpt"]

  @OptionGroup(title: "Sharpness") var sharpness: SharpnessOptions
  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figure") var figure: FigureFileOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Pipelines") var pipeline: PipelineOptions<SharpnessSummary>

  func validate() throws {
    try pipeline.check(sharpness.configuration.checkGives)
  }

  func run() throws {
    try runCommand { ranks in
      let opened = try OpenedModels(
        models, options: model, output: output, folderNamed: "sharpness")
      try pipeline.prepare(opened.models)
      let context = try RunContext(engine, isQuiet: output.quiet, ranks: ranks)
      var paths: [String] = []
      let summaries = try opened.map { model, folder in
        let summary = try model.sharpness(sharpness.configuration, in: folder, context: context)
        paths.append(folder.file("summary.json"))
        return summary
      }
      try ranks.endOthers()
      let drawn = try figure.files.write(sharpness: summaries, to: opened.folder())
      try pipeline.finish(
        zip(opened.models, summaries).map { MeasuredRun($0, $1) }, figures: drawn
      ) { logs in
        try printResult(
          summaries, text: summaries.flatMap(SharpnessText.lines), paths: paths + drawn + logs,
          asJSON: output.json)
      }
    }
  }
}

/// Which sharpness, in which balls.
struct SharpnessOptions: ParsableArguments {
  private static let defaults = SharpnessConfiguration()

  @Option(
    parsing: .upToNextOption,
    help: "Measures: max-l2, max-linf, avg-sphere, avg-l2, avg-linf.")
  var measure = Self.defaults.measures

  @Option(
    parsing: .upToNextOption,
    help: """
      Radii; default: those of Andriushchenko et al. 2023 for CNNs, like 0.25 0.5 1 2 for max-l2. SAM is \
      mostly trained with 0.05 to 0.2.
      """)
  var rho: [Double] = []

  @Flag(help: "Perturbations in units of each weight's magnitude.")
  var adaptive = false

  @Option(help: "Steps of an ascent.")
  var ascentSteps = Self.defaults.steps

  @Option(help: "Ascents of each maximum: one from the weights, the others from random points.")
  var restarts = Self.defaults.restarts

  @Option(help: "Random perturbations of each mean, each with both signs.")
  var draws = Self.defaults.draws

  @Option(parsing: .upToNextOption, help: "m-sharpness with batches of that many samples.")
  var m: [Int] = []

  @Option(help: "Measure everything over that many disjoint parts of the samples too; 0 for none.")
  var subsets = Self.defaults.subsets

  @Option(
    help: "Batch norm: inference (running statistics) or batch (statistics of each batch).")
  var batchNorm = Self.defaults.batchNorm

  @Option(help: "Samples per batch where batch norm uses statistics of batches.")
  var batchSize = Self.defaults.batchSize

  @Option(help: "Adds weight decay, this factor times ||w||^2 / 2, to the loss.")
  var weightDecay = Self.defaults.weightDecay

  @Option(help: "Seed of starts, perturbations and the division into parts.")
  var seed = Self.defaults.seed

  func validate() throws { try checkOptions { try configuration.validate() } }

  /// The configuration.
  var configuration: SharpnessConfiguration {
    var result = SharpnessConfiguration()
    result.measures = measure
    result.radii = rho
    result.isAdaptive = adaptive
    result.steps = ascentSteps
    result.restarts = restarts
    result.draws = draws
    result.batches = m
    result.subsets = subsets
    result.batchNorm = batchNorm
    result.batchSize = batchSize
    result.weightDecay = weightDecay
    result.seed = seed
    return result
  }
}
