import Analyses
import AnalysisFigures
import ArgumentParser
import CommandSupport
import Foundation
import NeuralNetworks

/// `gradratio course`.
struct CourseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "course",
    abstract: "Share of the ratios below 0 over the epochs of trainings.",
    discussion: """
      gradratio course runs/sgd runs/sam takes what trainer train --keep every=N left in these folders; \
      files that lie in one folder are one training, in the order of the numbers in their names. Each \
      checkpoint is looked at with the statistics of batches, as SAM's own steps use them, and with running \
      statistics. Shares are those of single batches, since gradients over many batches, whose noise is \
      averaged away, have others. An interrupted run continues when the same command is given again.
      """)

  @Argument(help: "Folders of trainer train --keep or of checkpoints, or files.")
  var checkpoints: [String]

  @Option(
    help:
      "A graph (.pt2, .onnx) or TorchScript file that the checkpoints are weights of, by their names."
  )
  var graph: String?

  @Option(help: "Radius of SAM's perturbation.")
  var rho = RatioConfiguration().rho

  @Option(help: "Samples that share a perturbation.")
  var batchSize = RatioConfiguration().batchSize

  @Option(help: "Batches from the start of the data.")
  var batches = 4

  @Option(
    parsing: .upToNextOption,
    help: "Batch norm: batch (statistics of each batch), inference (running statistics), or both.")
  var batchNorm: [NormalizationMode] = [.batch, .inference]

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figure") var figures: FigureFileOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    try checkOptions { try ratios.validate() }
  }

  private var ratios: RatioConfiguration {
    var result = RatioConfiguration()
    result.rho = rho
    result.batchSize = batchSize
    result.batches = batches
    return result
  }

  func run() throws {
    try runCommand {
      let series = try CheckpointSeries.find(checkpoints, order: .automatic, areOne: false)
      let opened = try OpenedTrajectory(
        series, graph: graph, model.configuration(for: model.split.onlyPart),
        report: TerminalReporter(isQuiet: output.quiet).show)
      let folder = try RunFolder(output.output ?? "course")
      let course = try opened.centre.ratioCourse(
        of: opened.paths, ratios, modes: batchNorm, in: folder,
        context: RunContext(engine, isQuiet: output.quiet))
      let paths = try figures.files.write(ratioCourse: course, to: folder)
      try printResult(
        course, text: RatioLines.lines(course),
        paths: ["summary.json", "course.csv"].map(folder.file) + paths, asJSON: output.json)
    }
  }
}
