import ArgumentParser
import Artifacts
import CommandSupport
import FileFormats
import Foundation
import HessianSpectra
import Krylov
import NeuralNetworks

/// What `layers.json` of `hessian layers` holds.
struct LayersSummary: Codable {
  /// `layers`.
  var kind: String
  var source: CurvatureSource
  /// Random vectors of each trace.
  var traceSamples: Int
  /// The layers in the order of the network.
  var layers: [LayerCurvature]
  /// Products that the run took, those of an interrupted part included.
  var products: Int
}

/// What counts as one layer.
enum LayerDivision: String, CaseIterable, ExpressibleByArgument {
  case layer
  case tensor
}

/// `hessian layers`.
struct LayersCommand: ParsableCommand {
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
  var by: LayerDivision = .layer

  @Option(help: "Lanczos steps per layer at most.")
  var lanczos = 20

  @Option(help: "Products per layer for the part of the trace outside the Lanczos basis.")
  var traceSamples = 8

  @Option(help: "Largest residual of a converged eigenvalue, relative to it.")
  var tolerance = 1e-2

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Curvature") var curvature: CurvatureOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figures") var figures: FigureFileOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    guard (1...10_000).contains(lanczos) else {
      throw ValidationError("--lanczos \(lanczos) is outside 1 ... 10000.")
    }
    guard (2...100_000).contains(traceSamples) else {
      throw ValidationError("--trace-samples \(traceSamples) is outside 2 ... 100000.")
    }
    guard tolerance > 0, tolerance < 1 else {
      throw ValidationError("--tolerance \(tolerance) is outside 0 ... 1.")
    }
    guard curvature.mask == nil else {
      throw ValidationError("layers are whole; --mask cannot divide them.")
    }
  }

  func run() throws {
    try runCommand {
      let (_, runs) = try openRuns(
        "layers", models: [modelPath], model: model, curvature: curvature, engine: engine,
        output: output)
      let run = try runs[0]()
      let layers = try compute(run)
      let summary = LayersSummary(
        kind: "layers", source: run.finishedSource, traceSamples: traceSamples, layers: layers,
        products: run.counter.total)
      var paths = [run.folder.file("layers.json"), run.folder.file("layers.csv")]
      try table(layers).write(to: paths[1])
      try JSON.write(summary, to: paths[0])
      paths += try figures.write(
        LayersFigure(summary: summary).figure, "layers", sources: [summary.source.sourceText],
        to: run.folder)
      run.finish()
      try printResult(summary, text: text(summary), paths: paths, asJSON: output.json)
    }
  }

  /// Layers of the selection as groups of tensors.
  private func groups(_ run: CurvatureRun) -> [(name: String, segments: [Int])] {
    let layout = run.selection.layout
    let chosen = Set(run.selection.segments)
    let all =
      by == .layer
      ? layout.layers : layout.segments.indices.map { (layout.segments[$0].name, [$0]) }
    return all.map { ($0.name, $0.segments.filter(chosen.contains)) }
      .filter { !$0.segments.isEmpty }
  }

  private func compute(_ run: CurvatureRun) throws -> [LayerCurvature] {
    let groups = groups(run)
    let progress = Progress("layers", isQuiet: output.quiet)
    defer { progress.end() }
    let perLayer = lanczos + 1 + traceSamples
    let total = 2 + groups.count * perLayer
    try verifyDeterminism(
      of: run.recordedOperator(vectors: 2, inBlocks: false), seed: curvature.seed)
    var layers: [LayerCurvature] = []
    for (index, group) in groups.enumerated() {
      let part = ParameterSelection(run.selection.layout, segments: group.segments)
      let block = try run.recordedOperator(part, vectors: lanczos, inBlocks: true)
      let settings = try LanczosSettings(
        largest: 1, maximumSteps: min(lanczos, block.dimension),
        tolerance: tolerance)
      var iteration = try LanczosIteration<Float>(
        dimension: block.dimension, seed: curvature.seed)
      let before = 2 + index * perLayer
      let result = try extremalEigenpairs(
        of: block, continuing: &iteration, settings: settings
      ) { step, _ in
        run.show(
          progress, before + step.step, of: total,
          detail: "\(group.name): lambda1 \(short(step.largest.value)) ± "
            + boundText(step.largest))
      }
      let trace = try lanczosTrace(
        of: block, outside: iteration.factorization, samples: traceSamples,
        seed: curvature.seed, blockSize: block.base.directionsAtOnce
      ) { run.show(progress, before + lanczos + $0, of: total, detail: "\(group.name): trace") }
      let arithmetic = try iteration.extremeRitzVector().map {
        try run.arithmeticError(of: block, at: $0)
      }
      layers.append(
        LayerCurvature(
          name: group.name, tensors: group.segments.map { part.layout.segments[$0].name },
          parameters: part.count, trace: trace, largest: result.largest[0],
          arithmeticFloor: arithmetic ?? 0, products: result.applications))
    }
    return layers
  }

  private func table(_ layers: [LayerCurvature]) throws -> CSVTable {
    var table = CSVTable(columns: [
      "layer", "parameters", "trace", "trace_standard_error", "lambda1", "lambda1_bound",
      "lambda1_converged", "lambda1_error_floor",
    ])
    for layer in layers {
      table.append([
        layer.name, CSVTable.cell(layer.parameters), CSVTable.cell(layer.trace.value),
        CSVTable.cell(layer.trace.standardError ?? .nan), CSVTable.cell(layer.largest.value),
        CSVTable.cell(layer.largest.residualBound),
        CSVTable.cell(layer.largest.isConverged ? 1 : 0), CSVTable.cell(layer.arithmeticFloor),
      ])
    }
    return table
  }

  private func text(_ summary: LayersSummary) -> [String] {
    let width = (summary.layers.map(\.name.count).max() ?? 0) + 2
    func column(_ text: String, _ width: Int) -> String {
      text.padding(toLength: max(width, text.count + 1), withPad: " ", startingAt: 0)
    }
    var lines = [
      "\(summary.source.title): \(summary.source.matrix.title) by \(by.rawValue)",
      "  " + column("layer", width) + column("parameters", 12) + column("trace", 22) + "lambda1",
    ]
    for layer in summary.layers {
      let error = layer.trace.standardError.map { " ± " + String(format: "%.2g", $0) } ?? ""
      lines.append(
        "  " + column(layer.name, width) + column("\(layer.parameters)", 12)
          + column(short(layer.trace.value) + error, 22)
          + short(layer.largest.value) + " ± "
          + boundText(layer.largest, floor: layer.arithmeticFloor)
          + (layer.largest.isConverged ? "" : "  (not converged)"))
    }
    return lines
  }
}
