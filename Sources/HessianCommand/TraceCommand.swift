import Analyses
public import ArgumentParser
import CommandSupport
import Communication
import Foundation
import Krylov

extension TraceMethod: ExpressibleByArgument {}

/// `hessian trace`.
struct TraceCommand: ParsableCommand {
  private static let defaults = TraceConfiguration()

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
  var method = Self.defaults.method

  @Option(help: "Products with the matrix.")
  var products = Self.defaults.products

  @Option(help: "With hutchinson: stop at this standard error, relative to the trace.")
  var relativeError: Double?

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Curvature") var curvature: CurvatureOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Pipelines") var pipeline: PipelineOptions<TraceSummary>

  func validate() throws { try checkOptions { try trace.validate() } }

  private var trace: TraceConfiguration {
    var trace = TraceConfiguration()
    trace.method = method
    trace.products = products
    trace.relativeError = relativeError
    return trace
  }

  func run() throws {
    try runCommand { ranks in
      let opened = try OpenedModels(
        models, options: model, output: output, folderNamed: "hessian",
        ranks: ranks)
      try pipeline.prepare(opened.models)
      let context = try RunContext(engine, isQuiet: output.quiet, ranks: ranks)
      let runs = try opened.map { model, folder in
        let summary = try model.trace(
          trace, of: curvature.configuration, in: folder, context: context)
        return (summary: summary, path: folder.file("trace.json"))
      }
      try ranks.endOthers()
      try pipeline.finish(zip(opened.models, runs).map { MeasuredRun($0, $1.summary) }) { paths in
        try printResult(
          runs.map(\.summary), text: runs.map { line($0.summary) },
          paths: runs.map(\.path) + paths, asJSON: output.json)
      }
    }
  }

  private func line(_ summary: TraceSummary) -> String {
    let error = summary.trace.standardError.map { String(format: "%.2g", $0) } ?? "unknown"
    return "\(summary.source.title): trace of the \(summary.source.matrix.title) "
      + "\(String(format: "%.6g", summary.trace.value)) ± \(error) (standard error, "
      + "\(method.rawValue), \(summary.trace.applications) products), mean eigenvalue "
      + fourDigits(summary.meanEigenvalue)
  }
}
