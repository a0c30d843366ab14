import Analyses
import AnalysisFigures
public import ArgumentParser
import CommandSupport
import Communication

extension LayerDivision: ExpressibleByArgument {}

/// `hessian layers`.
struct LayersCommand: ParsableCommand {
  private static let defaults = LayersConfiguration()

  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Trace and largest eigenvalue of each layer's own block.",
    discussion: """
      Each layer gets a Lanczos run of its own on its block: it gives the largest eigenvalue, and \
      a basis on which the trace is exact; a few products more estimate the rest of the trace.
      """)

  @Argument(help: "Checkpoint: PyTorch, safetensors, or written by trainer.")
  var modelPath = "model.ckpt"

  @Option(help: "Division: layer (weight and bias together) or tensor.")
  var by = Self.defaults.division

  @Option(help: "Lanczos steps per layer at most.")
  var lanczos = Self.defaults.steps

  @Option(help: "Products per layer for the part of the trace outside the Lanczos basis.")
  var traceSamples = Self.defaults.traceSamples

  @Option(help: "Largest residual of a converged eigenvalue, relative to it.")
  var tolerance = Self.defaults.tolerance

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Curvature") var curvature: CurvatureOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figures") var figures: FigureFileOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    try checkOptions { try layers.validate(with: curvature.configuration) }
  }

  private var layers: LayersConfiguration {
    var layers = LayersConfiguration()
    layers.division = by
    layers.steps = lanczos
    layers.traceSamples = traceSamples
    layers.tolerance = tolerance
    return layers
  }

  func run() throws {
    try runCommand { ranks in
      let opened = try OpenedModels(
        [modelPath], options: model, output: output, folderNamed: "hessian")
      let folder = try opened.folder()
      let summary = try opened.models[0].layers(
        layers, of: curvature.configuration, in: folder,
        context: RunContext(engine, isQuiet: output.quiet, ranks: ranks))
      try ranks.endOthers()
      let paths = try figures.files.write(layers: summary, to: folder)
      try printResult(
        summary, text: LayersText.lines(summary, by: by),
        paths: [folder.file("layers.json"), folder.file("layers.csv")] + paths,
        asJSON: output.json)
    }
  }
}
