import ArgumentParser
import Artifacts
import CommandSupport
import FileFormats
import Foundation
import HessianSpectra
import Krylov
import LinearAlgebra

/// What `summary.json` of `hessian spectrum` holds.
struct SpectrumSummary: Codable {
  /// `spectrum`.
  var kind: String
  var source: CurvatureSource
  var settings: SpectrumSettings
  var spectrum: SpectrumResult
  /// Products that the run took, those of an interrupted part included.
  var products: Int
}

/// `hessian spectrum`.
struct SpectrumCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spectrum",
    abstract: "Eigenvalues at both ends with error bounds, lambda1/lambda5, trace and density.",
    discussion: """
      Lanczos with full reorthogonalisation from a random start. The first run gives the \
      eigenvalues, one probe of the density, and most of the trace; --trace-samples products more \
      give the rest of the trace with a standard error. With --probes 0 only eigenvalues are \
      computed, and the run ends as soon as those asked for have converged.
      """)

  @Argument(help: "Checkpoints: PyTorch, safetensors, or written by trainer.")
  var models: [String] = ["model.ckpt"]

  @Option(help: "Lanczos steps; each takes one product with the matrix.")
  var lanczos = 100

  @Option(help: "Random starts of the density, each with as many steps; 0 for no density.")
  var probes = 1

  @Option(help: "Number of largest eigenvalues; default: 10, or as many as there are steps.")
  var top: Int?

  @Option(help: "Number of smallest eigenvalues; default: 2, or as many as there are steps.")
  var bottom: Int?

  @Option(help: "Largest residual of a converged eigenvalue, relative to it.")
  var tolerance = 1e-4

  @Option(help: "Products for the part of the trace outside the Lanczos basis; 0 for no trace.")
  var traceSamples = 10

  @Option(help: "Standard deviation of the density's Gaussians; default: range / steps / 1.48.")
  var width: Double?

  @Flag(help: "Write eigenvectors.npz, which landscape --directions takes as axes.")
  var saveEigenvectors = false

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Curvature") var curvature: CurvatureOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figures") var figures: FigureFileOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    guard (1...100_000).contains(lanczos) else {
      throw ValidationError("--lanczos \(lanczos) is outside 1 ... 100000.")
    }
    guard (0...10_000).contains(probes) else {
      throw ValidationError("--probes \(probes) is outside 0 ... 10000.")
    }
    guard largest >= 1, smallest >= 0, largest <= lanczos, smallest <= lanczos else {
      throw ValidationError(
        "--top \(largest) and --bottom \(smallest) must lie between 1 (0) and --lanczos "
          + "\(lanczos).")
    }
    guard tolerance > 0, tolerance < 1 else {
      throw ValidationError("--tolerance \(tolerance) is outside 0 ... 1.")
    }
    guard traceSamples == 0 || (2...100_000).contains(traceSamples) else {
      throw ValidationError("--trace-samples \(traceSamples) is neither 0 nor in 2 ... 100000.")
    }
    if let width, !(width > 0 && width.isFinite) {
      throw ValidationError("--width \(width) is not positive.")
    }
  }

  /// Numbers of eigenvalues: a Lanczos run of m steps has m Ritz values.
  private var largest: Int { top ?? min(10, lanczos) }
  private var smallest: Int { bottom ?? min(2, lanczos) }

  func run() throws {
    try runCommand {
      let (folder, runs) = try openRuns(
        "spectrum", models: models, model: model, curvature: curvature, engine: engine,
        output: output)
      var results: [(summary: SpectrumSummary, spectrum: Spectrum<Float>)] = []
      var paths: [String] = []
      for open in runs {
        let run = try open()
        let spectrum = try compute(run)
        let summary = SpectrumSummary(
          kind: "spectrum", source: run.finishedSource, settings: try settings(run),
          spectrum: spectrum.result, products: run.counter.total)
        paths += try SpectrumFiles.write(summary, spectrum, run)
        results.append((summary, spectrum))
        run.finish()
      }
      if probes > 0 {
        let figure = SpectrumFigure(runs: results).figure
        paths += try figures.write(
          figure, "spectrum", sources: results.map(\.summary.source.sourceText), to: folder)
      }
      try printResult(
        results.map(\.summary), text: results.flatMap { SpectrumText.lines($0.summary) },
        paths: paths, asJSON: output.json)
    }
  }

  private func settings(_ run: CurvatureRun) throws -> SpectrumSettings {
    SpectrumSettings(
      steps: lanczos, probes: probes, top: largest, bottom: smallest, tolerance: tolerance,
      maximumBasisSize: try run.basisSize(steps: lanczos, wanted: largest + smallest),
      traceSamples: traceSamples,
      broadening: width.map { .standardDeviation($0) } ?? .resolution, seed: curvature.seed)
  }

  private func compute(_ run: CurvatureRun) throws -> Spectrum<Float> {
    let settings = try settings(run)
    let matrix = try run.recordedOperator(
      vectors: settings.maximumBasisSize ?? lanczos, inBlocks: traceSamples > 0)
    if let size = settings.maximumBasisSize, !output.quiet {
      note(
        "\(size) of \(lanczos) basis vectors fit in half of --memory \(curvature.memory): the basis is "
          + "restarted, and the density has the resolution of \(size) steps")
    }
    let progress = Progress("spectrum", isQuiet: output.quiet)
    defer { progress.end() }
    let total = settings.products + CurvatureRun.checkProducts
    run.show(progress, 0, of: total, detail: "checking that products repeat")
    try verifyDeterminism(of: matrix, seed: curvature.seed)
    return try computeSpectrum(
      of: matrix, settings: settings, blockSize: matrix.base.directionsAtOnce,
      keepsEigenvectors: saveEigenvectors,
      progress: { state in
        let detail = state.largest.map { "lambda1 \(short($0.value)) ± \(boundText($0))" }
        run.show(
          progress, state.products + CurvatureRun.checkProducts, of: total, detail: detail ?? "")
      },
      arithmeticError: { try run.arithmeticError(of: matrix, at: $0) })
  }
}
