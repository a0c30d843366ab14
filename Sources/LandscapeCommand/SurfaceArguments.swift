import Analyses
import ArgumentParser
import Artifacts
import CommandSupport
import Communication
import LossSurfaces

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
  @OptionGroup(title: "Pipelines") var pipeline: PipelineOptions<PlaneResult>

  func validate() throws {
    try checkOptions { try OpenedModel.checkSurface(x: x, y: y) }
  }

  /// Evaluates the surface of every model into a folder of its own; the first rank goes on alone.
  func run(on ranks: any Communicator) throws -> (opened: OpenedModels, runs: [FinishedSurface]) {
    let opened = try OpenedModels(
      models, options: model, output: output, folderNamed: "landscape", ranks: ranks,
      takesParts: true)
    try pipeline.prepare(opened.models)
    let context = try RunContext(engine, isQuiet: output.quiet, ranks: ranks)
    let runs = try opened.map { model, folder in
      try model.surface(x: x, y: y, surface.configuration, in: folder, context: context)
    }
    try ranks.endOthers()
    return (opened, runs)
  }

  /// Prints what the runs found, and the paths of arrays, summaries and figures.
  func report(_ runs: [FinishedSurface], of opened: OpenedModels, figures: [String]) throws {
    let folder = try opened.folder()
    var paths = runs.count == 1 ? SurfaceText.paths(runs[0], in: folder) : [folder.path]
    let gaps = FinishedGap.all(of: runs)
    if !gaps.isEmpty {
      paths.append(folder.file("gap.json"))
      try JSON.write(gaps.map(\.summary), to: folder.file("gap.json"))
    }
    for (index, gap) in gaps.enumerated() {
      let file = folder.file(gaps.count == 1 ? "gap.npz" : "gap-\(index + 1).npz")
      try gap.surface.write(to: file)
      paths.append(file)
    }
    let isOnePart = Set(runs.map(\.split)).count == 1
    try pipeline.finish(measured(runs, of: opened.models), figures: figures) { logs in
      try printResult(
        runs.map(\.summary),
        text: runs.map { (isOnePart ? "" : "\($0.split): ") + SurfaceText.line($0.summary) }
          + gaps.map { SurfaceText.line($0.summary) },
        paths: paths + figures + logs, asJSON: output.json)
    }
  }

  /// The surfaces, and the gaps of each network, with the network that they are of.
  private func measured(
    _ runs: [FinishedSurface], of models: [OpenedModel]
  ) -> [MeasuredRun<PlaneResult>] {
    let pairs = Array(zip(models, runs))
    let networks = Dictionary(grouping: pairs, by: \.0.path).sorted { $0.key < $1.key }
    let gaps = networks.map(\.value).flatMap { own in
      FinishedGap.all(of: own.map(\.1)).map { MeasuredRun(own[0].0, PlaneResult.gap($0.summary)) }
    }
    return pairs.map { MeasuredRun($0, .surface($1.summary)) } + gaps
  }
}
