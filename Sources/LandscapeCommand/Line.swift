import Analyses
import ArgumentParser
import CommandSupport
import LossSurfaces

/// `landscape line`.
struct Line: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate and draw the loss along one direction, or between two checkpoints.",
    discussion: """
      Between checkpoints the loss is taken at (1 - a) w + a w': 0 is the first checkpoint, 1 the \
      second. Running statistics go along between 0 and 1; outside they stay those of the nearer \
      checkpoint, since a variance that is extrapolated can become negative.
      """)

  @Argument(help: "Checkpoint at coordinate 0.")
  var modelPath = "model.ckpt"

  @Option(name: .customLong("to"), help: "Checkpoint at coordinate 1; default: a random direction.")
  var other: String?

  @Option(
    parsing: .unconditional,
    help: "Coordinates FIRST:LAST:COUNT; default: -1:1:51, between checkpoints -0.5:1.5:51.")
  var x: GridAxis?

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Line") var surface: SurfaceOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figures") var figures: FigureOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    if let x { try checkOptions { try OpenedModel.checkLine(x) } }
  }

  func run() throws {
    try runCommand {
      let opened = try OpenedModels(
        [modelPath], options: model, output: output, folderNamed: "line")
      let folder = try opened.folder()
      let target = try other.map {
        try OpenedModel(path: $0, options: model, isQuiet: output.quiet)
      }
      let context = RunContext(engine, isQuiet: output.quiet)
      let from = opened.models[0]
      let line =
        if let target {
          try from.line(
            to: target, x: x ?? .standardBetweenModels, surface.configuration, in: folder,
            context: context)
        } else {
          try from.line(
            x: x ?? .standardOfLines, surface.configuration, in: folder, context: context)
        }
      let paths = try figures.write(lines: [line], to: folder)
      try printResult(
        line.summary, text: [SurfaceText.line(line.summary)],
        paths: SurfaceText.paths(line, in: folder) + paths, asJSON: output.json)
    }
  }
}
