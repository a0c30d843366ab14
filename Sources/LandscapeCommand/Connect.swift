import Analyses
import AnalysisFigures
import ArgumentParser
import CommandSupport
import Datasets

/// `landscape connect`.
struct Connect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find a curve of low loss between two networks.",
    discussion: """
      The straight line between two trainings usually crosses high loss; a curve with one trained bend often \
      does not (Garipov et al. 2018). The curve is trained on the samples that are opened, with the \
      statistics of each batch for batch norms; the loss along curve and line is then taken with statistics \
      re-estimated at every place, on these samples and, where the data have a test split, on that. A \
      barrier is the rise above the straight line between the losses of both ends; its error is the \
      standard error over ten disjoint parts of the samples. The place of the maximum is chosen on the \
      same samples, so that a barrier near its error is none.
      """)

  @Argument(help: "Checkpoint at 0.")
  var first: String

  @Argument(help: "Checkpoint at 1.")
  var second: String

  @OptionGroup(title: "Curve") var curve: CurveOptions
  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figure") var figures: FigureFileOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    try runCommand {
      let opened = try OpenedModels(
        [first, second], options: model, output: output, folderNamed: "connection")
      let folder = try opened.folder()
      let summary = try opened.models[0].connection(
        to: opened.models[1], testing: try testing(), curve.configuration, in: folder,
        context: RunContext(engine, isQuiet: output.quiet))
      let paths = try figures.files.write(connection: summary, to: folder)
      try printResult(
        summary, text: ConnectionText.lines(summary),
        paths: ["summary.json", "curve.safetensors"].map(folder.file) + paths,
        asJSON: output.json)
    }
  }

  /// The first network on the test split, where there is one and another one was opened.
  private func testing() throws -> OpenedModel? {
    var options = model
    guard options.split != .test else { return nil }
    options.split = .test
    options.samples = nil
    do {
      return try OpenedModel(path: first, options: options, isQuiet: true)
    } catch let error as DatasetError where error.reason == .noSuchSplit {
      return nil
    }
  }
}
