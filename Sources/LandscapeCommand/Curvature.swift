import Analyses
import AnalysisFigures
import ArgumentParser
import CommandSupport
import Communication
import LossSurfaces
import Plotting

/// `landscape curvature`.
struct Curvature: ParsableCommand {
  private static let defaults = CurvatureMapConfiguration()

  static let configuration = CommandConfiguration(
    abstract: "Map the largest and smallest eigenvalue of the Hessian over a plane.",
    discussion: """
      At each point of the plane w + a x + b y both ends of the spectrum of the Hessian of all weights are \
      found by Lanczos, which starts from the Ritz vectors of a neighbour; every eigenvalue has a residual \
      bound, and the corners are computed again from random vectors. The map of |lambda_min / lambda_max| \
      (Li et al. 2018, section 6) says where the loss is far from convex.

      \(CurvatureMapSummary.meaning)

      A point costs tens of products with the Hessian: --samples 64 and 21 x 21 points are a start.
      """)

  @Argument(help: "Checkpoints: PyTorch, safetensors, or written by trainer.")
  var models: [String] = ["model.ckpt"]

  @Option(
    parsing: .unconditional,
    help: "Coordinates along the first direction, FIRST:LAST:COUNT with FIRST below LAST.")
  var x = GridAxis.standardOfMaps

  @Option(
    parsing: .unconditional,
    help: "Coordinates along the second direction, FIRST:LAST:COUNT with FIRST below LAST.")
  var y = GridAxis.standardOfMaps

  @Option(
    help: "Products with the Hessian at a point at most; four times as many without a neighbour.")
  var lanczos = Self.defaults.steps

  @Option(help: "A residual bound of at most this share of its eigenvalue is convergence.")
  var tolerance = Self.defaults.tolerance

  @Option(help: "Memory of the process, like 8G or 500M; at most half for the vectors of a basis.")
  var memory = Self.defaults.memory

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Plane") var surface: SurfaceOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figures") var figure: FigureFileOptions
  @Option(help: "Colour map.") var colors = SurfaceDrawing().colors
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    try checkOptions {
      try OpenedModel.checkSurface(x: x, y: y)
      try map.validate()
    }
  }

  private var map: CurvatureMapConfiguration {
    var result = CurvatureMapConfiguration()
    result.surface = surface.configuration
    result.steps = lanczos
    result.tolerance = tolerance
    result.memory = memory
    return result
  }

  func run() throws {
    try runCommand { ranks in
      let opened = try OpenedModels(
        models, options: model, output: output, folderNamed: "curvature",
        ranks: ranks)
      let context = try RunContext(engine, isQuiet: output.quiet, ranks: ranks)
      var paths: [String] = []
      let runs = try opened.map { model, folder in
        let run = try model.curvatureMap(x: x, y: y, map, in: folder, context: context)
        guard ranks.isFirst else { return run }
        paths += [folder.file("summary.json"), folder.file(CurvatureMapSummary.arraysFile)]
        paths += try figure.files.write(curvatureMap: run, colors: colors, to: folder)
        return run
      }
      try ranks.endOthers()
      try printResult(
        runs.map(\.summary), text: runs.flatMap { CurvatureText.lines($0.summary) }, paths: paths,
        asJSON: output.json)
    }
  }
}
