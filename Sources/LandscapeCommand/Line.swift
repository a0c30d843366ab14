import Analyses
internal import AnalysisFigures
import ArgumentParser
import CommandSupport
import Communication
import LossSurfaces

/// `landscape line`.
struct Line: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate and draw the loss along one direction, or between two checkpoints.",
    discussion: """
      Between checkpoints the loss is taken at (1 - a) w + a w': 0 is the first checkpoint, 1 the \
      second. Running statistics go along between 0 and 1; outside they stay those of the nearer \
      checkpoint, since a variance that is extrapolated can become negative.

      --pairs N takes both directions of N pairs: the figure shows median and quantiles over the 2 N \
      profiles, and the width is the distance from the weights, in steps along the direction, at which the loss \
      has risen by --rise, mean of both sides, with its standard error over the directions. Profiles that end \
      below that level are counted, and only bound the width. Pair 1 is that of landscape plot. Of several \
      networks the differences along the same random numbers are tested.
      """)

  @Argument(help: "Checkpoint at coordinate 0; several for a figure of all.")
  var modelPaths = ["model.ckpt"]

  @Option(name: .customLong("to"), help: "Checkpoint at coordinate 1; default: a random direction.")
  var other: String?

  @Option(help: "Profiles along both directions of that many pairs of random directions.")
  var pairs: Int?

  @Option(help: "With --pairs: how far the loss rises above that at the weights for the width.")
  var rise = ProfilesConfiguration().rise

  @Option(
    parsing: .unconditional,
    help: "Coordinates FIRST:LAST:COUNT; default: -1:1:51, between checkpoints -0.5:1.5:51.")
  var x: GridAxis?

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Line") var surface: SurfaceOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figures") var figures: FigureOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Pipelines") var pipeline: PipelineOptions<LineResult>

  func validate() throws {
    guard other == nil || (pairs == nil && modelPaths.count == 1) else {
      throw ValidationError("--to takes one checkpoint and goes without --pairs.")
    }
    try pipeline.check { name throws(AnalysisError) in try LineResult.checkGives(name, pairs: pairs)
    }
    try checkOptions {
      if let profiles {
        try profiles.validate()
        try ProfilesConfiguration.check(x ?? .standardOfLines)
      } else if let x {
        try OpenedModel.checkLine(x)
      }
    }
  }

  func run() throws {
    try runCommand { ranks in
      let opened = try OpenedModels(
        modelPaths, options: model, output: output,
        folderNamed: pairs == nil ? "line" : "profiles", ranks: ranks)
      try pipeline.prepare(opened.models)
      let folder = try opened.folder()
      let context = try RunContext(engine, isQuiet: output.quiet, ranks: ranks)
      if let profiles {
        try run(profiles, of: opened, in: folder, context)
        return
      }
      let lines = try lines(of: opened, context)
      try ranks.endOthers()
      let paths = try figures.files.write(lines: lines, to: folder)
      let files = lines.count == 1 ? SurfaceText.paths(lines[0], in: folder) : [folder.path]
      let text = lines.map { SurfaceText.line($0.summary) }
      try pipeline.finish(
        zip(opened.models, lines).map { MeasuredRun($0, .line($1.summary)) }, figures: paths
      ) { logs in
        let all = files + paths + logs
        if lines.count == 1 {
          try printResult(lines[0].summary, text: text, paths: all, asJSON: output.json)
        } else {
          try printResult(lines.map(\.summary), text: text, paths: all, asJSON: output.json)
        }
      }
    }
  }
}
