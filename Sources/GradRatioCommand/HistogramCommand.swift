import Analyses
import AnalysisFigures
import ArgumentParser
import Artifacts
import CommandSupport

/// `gradratio histogram`.
struct HistogramCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "histogram",
    abstract: "Distribution of log |(g_SAM - g_SGD) / g_SGD| over the parameters.")

  @Argument(help: "Checkpoints: PyTorch, safetensors, or written by trainer.")
  var models: [String] = ["model.ckpt"]

  @OptionGroup(title: "Gradients") var gradients: GradientOptions
  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figures") var scale: HistogramOptions
  @OptionGroup(title: "Figures") var figures: FigureFileOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Pipelines") var pipeline: PipelineOptions<RatioSummary>

  /// Both groups in one value.
  private var ratios: RatioConfiguration {
    var result = RatioConfiguration()
    gradients.set(&result, samplesAreGiven: model.samples != nil)
    scale.set(&result)
    return result
  }

  func run() throws {
    try runCommand {
      let opened = try OpenedModels(
        models, options: model, output: output, folderNamed: "gradratio")
      try pipeline.prepare(opened.models)
      let folder = try opened.folder()
      let context = RunContext(engine, isQuiet: output.quiet)
      let summaries = try opened.models.map {
        try $0.gradientRatios(ratios, context: context)
      }
      try JSON.write(summaries, to: folder.file("summary.json"))
      var paths = [folder.file("summary.json")]
      for (index, summary) in summaries.enumerated() {
        let name = summaries.count == 1 ? "histogram.csv" : "histogram-\(index + 1).csv"
        try summary.table.write(to: folder.file(name))
        paths.append(folder.file(name))
      }
      let drawn = try figures.files.write(ratios: summaries, to: folder)
      try pipeline.finish(
        zip(opened.models, summaries).map { MeasuredRun($0, $1) }, figures: drawn
      ) { logs in
        try printResult(
          summaries, text: summaries.flatMap(RatioLines.lines), paths: paths + drawn + logs,
          asJSON: output.json)
      }
    }
  }
}
