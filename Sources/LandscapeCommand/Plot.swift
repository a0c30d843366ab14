import ArgumentParser
import Checkpoints
import CommandSupport
import LossSurfaces
import NeuralNetworks

/// Arguments that `plot` and `grid` share.
struct SurfaceArguments: ParsableArguments {
  @Argument(help: "Checkpoints: PyTorch, safetensors, or written by trainer.")
  var models: [String] = ["model.ckpt"]

  @Option(
    parsing: .unconditional,
    help: "Coordinates along the first direction, FIRST:LAST:COUNT with FIRST below LAST.")
  var x = GridAxis.standard

  @Option(
    parsing: .unconditional,
    help: "Coordinates along the second direction, FIRST:LAST:COUNT with FIRST below LAST.")
  var y = GridAxis.standard

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Surface") var surface: SurfaceOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    guard x.count > 1, y.count > 1 else {
      throw ValidationError("A surface needs at least 2 points along --x and --y; see line.")
    }
  }

  /// Evaluates the surface of every model into a folder of its own.
  func run() throws -> (folder: RunFolder, runs: [(summary: SurfaceSummary, surface: LossSurface)])
  {
    var results: [(summary: SurfaceSummary, surface: LossSurface)] = []
    var names: Set<String> = []
    let opened = try models.map {
      try OpenedModel(path: $0, options: model, isQuiet: output.quiet)
    }
    let base =
      output.output
      ?? (opened.count == 1 ? "landscape-\(opened[0].stem)" : "landscape")
    for one in opened {
      var name = one.stem
      var number = 2
      while !names.insert(name).inserted {
        name = "\(one.stem)-\(number)"
        number += 1
      }
      let folder = try RunFolder(opened.count == 1 ? base : RunFolder(base).file(name))
      let pair = try surface.pair(for: one.trained.point.weights, pool: engine.pool())
      if surface.saveDirections { try pair.write(to: folder.file("directions.npz")) }
      let run = SurfaceRun(
        opened: one, options: surface, engine: engine, x: x, y: y, folder: folder,
        isQuiet: output.quiet)
      let (values, summary) = try run.evaluate(axes: pair.axes, directions: .init(pair))
      results.append((summary, values))
    }
    return (try RunFolder(base), results)
  }

  /// The paths of the arrays and summaries of all runs.
  func paths(_ folder: RunFolder, _ count: Int) -> [String] {
    count == 1 ? [folder.file("summary.json"), folder.file("surface.npz")] : [folder.path]
  }
}

extension GridAxis {
  /// `-1:1:50`, the axis of the published figures.
  static var standard: GridAxis {
    guard let axis = GridAxis(first: -1, last: 1, count: 50) else {
      preconditionFailure("a constant axis is valid")
    }
    return axis
  }
}

/// What a run says in a line.
func line(_ summary: SurfaceSummary) -> String {
  var text =
    "\(summary.title): centre \(summary.text(of: summary.center))"
  if let low = summary.smallest, let high = summary.largest {
    text += "; grid from \(SurfaceSummary.short(low.loss)) to \(SurfaceSummary.short(high.loss))"
  }
  if summary.nonFinitePoints > 0 { text += "; \(summary.nonFinitePoints) points not finite" }
  return text + "; \(Progress.duration(summary.evaluationSeconds))"
}

/// `landscape plot`.
struct Plot: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate the loss on a plane through the weights and draw it.")

  @OptionGroup var arguments: SurfaceArguments
  @OptionGroup(title: "Figures") var figures: FigureOptions

  func run() throws {
    try runCommand {
      let (folder, runs) = try arguments.run()
      let paths = try SurfaceFigures(runs: runs, options: figures).write(to: folder)
      try printResult(
        runs.map(\.summary), text: runs.map { line($0.summary) },
        paths: arguments.paths(folder, runs.count) + paths, asJSON: arguments.output.json)
    }
  }
}

/// `landscape grid`.
struct Grid: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate the loss on a plane through the weights; render draws it later.")

  @OptionGroup var arguments: SurfaceArguments

  func run() throws {
    try runCommand {
      let (folder, runs) = try arguments.run()
      try printResult(
        runs.map(\.summary), text: runs.map { line($0.summary) },
        paths: arguments.paths(folder, runs.count), asJSON: arguments.output.json)
    }
  }
}
