import ArgumentParser
import Artifacts
import CommandSupport
import Foundation
import HessianSpectra
import Krylov

/// How `hessian trace` estimates.
enum TraceMethod: String, Codable, CaseIterable, ExpressibleByArgument {
  case hutchinson
  case hutchPlusPlus = "hutch++"
  case xTrace = "xtrace"
}

/// What `summary.json` of `hessian trace` holds.
struct TraceSummary: Codable {
  /// `trace`.
  var kind: String
  var source: CurvatureSource
  var trace: TraceEstimate
  /// Mean eigenvalue, trace / dimension.
  var meanEigenvalue: Double
  /// Products that the run took, those of an interrupted part included.
  var products: Int
}

/// `hessian trace`.
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Estimate the trace with its standard error.",
    discussion: """
      hutch++ and xtrace find large eigenvalues first and need far fewer products for spectra \
      with outliers; hutchinson can stop at a wanted error.
      """)

  @Argument(help: "Checkpoints: PyTorch, safetensors, or written by trainer.")
  var models: [String] = ["model.ckpt"]

  @Option(help: "Method: hutchinson, hutch++ or xtrace.")
  var method: TraceMethod = .hutchPlusPlus

  @Option(help: "Products with the matrix.")
  var products = 60

  @Option(help: "With hutchinson: stop at this standard error, relative to the trace.")
  var relativeError: Double?

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Curvature") var curvature: CurvatureOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    guard (4...1_000_000).contains(products) else {
      throw ValidationError("--products \(products) is outside 4 ... 1000000.")
    }
    if let relativeError {
      guard relativeError > 0, relativeError < 1 else {
        throw ValidationError("--relative-error \(relativeError) is outside 0 ... 1.")
      }
      guard method == .hutchinson else {
        throw ValidationError("--relative-error needs --method hutchinson.")
      }
    }
  }

  func run() throws {
    try runCommand {
      let (_, runs) = try openRuns(
        "trace", models: models, model: model, curvature: curvature, engine: engine,
        output: output)
      var summaries: [TraceSummary] = []
      var paths: [String] = []
      for open in runs {
        let run = try open()
        let estimate = try estimate(run)
        let summary = TraceSummary(
          kind: "trace", source: run.finishedSource, trace: estimate,
          meanEigenvalue: estimate.value / Double(run.selection.count),
          products: run.counter.total)
        paths.append(run.folder.file("trace.json"))
        try JSON.write(summary, to: paths[paths.count - 1])
        summaries.append(summary)
        run.finish()
      }
      try printResult(
        summaries,
        text: summaries.map { summary in
          let error = summary.trace.standardError.map { String(format: "%.2g", $0) } ?? "unknown"
          return "\(summary.source.title): trace of the \(summary.source.matrix.title) "
            + "\(String(format: "%.6g", summary.trace.value)) ± \(error) (standard error, "
            + "\(method.rawValue), \(summary.trace.applications) products), mean eigenvalue "
            + short(summary.meanEigenvalue)
        }, paths: paths, asJSON: output.json)
    }
  }

  private func estimate(_ run: CurvatureRun) throws -> TraceEstimate {
    let progress = Progress("trace", isQuiet: output.quiet)
    defer { progress.end() }
    let total = products + 2
    let recorded = try run.recordedOperator(vectors: products, inBlocks: true)
    let blockSize = recorded.base.directionsAtOnce
    let matrix = ObservedOperator(recorded) { done in
      run.show(progress, done, of: total, detail: "")
    }
    try verifyDeterminism(of: matrix, seed: curvature.seed)
    switch method {
    case .hutchinson:
      return try hutchinsonTrace(
        of: matrix, samples: products, seed: curvature.seed, targetRelativeError: relativeError,
        blockSize: blockSize)
    case .hutchPlusPlus:
      return try hutchPlusPlusTrace(
        of: matrix, applications: products, seed: curvature.seed, blockSize: blockSize)
    case .xTrace:
      return try xTrace(
        of: matrix, applications: products, seed: curvature.seed, blockSize: blockSize)
    }
  }
}
