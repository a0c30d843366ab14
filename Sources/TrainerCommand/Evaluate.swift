import Analyses
import ArgumentParser
import CommandSupport
import Datasets
import NeuralNetworks

/// `trainer evaluate`.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Loss and metric of a network over a data set.")

  @Argument(help: "Checkpoint: PyTorch, safetensors, or written by trainer.")
  var modelPath = "model.ckpt"

  @OptionGroup(title: "Model and data") var model: EvaluationData
  @OptionGroup(title: "Batch norm") var statistics: EvaluationStatistics
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Output") var report: ReportOptions
  @OptionGroup(title: "Pipelines") var pipeline: PipelineOptions<EvaluationSummary>

  func run() throws {
    try runCommand {
      let context = RunContext(engine, isQuiet: report.quiet)
      var results: [EvaluationSummary] = []
      var runs: [MeasuredRun<EvaluationSummary>] = []
      var known = KnownInputs()
      for split in model.split.map({ [$0] }) ?? DatasetSplit.allCases {
        try context.checkCancellation()
        do {
          let opened = try OpenedModel(
            modelPath, model.options.configuration(for: split), known: &known,
            report: TerminalReporter(isQuiet: report.quiet || !results.isEmpty).show)
          try pipeline.prepare([opened])
          results.append(try opened.evaluation(statistics.configuration, context: context))
          runs.append(MeasuredRun(opened, results[results.count - 1]))
        } catch let error as DatasetError
          where error.reason == .noSuchSplit && model.split == nil
        {
          continue
        }
      }
      guard !results.isEmpty else {
        throw UsageError(
          description: "the data have no split; nothing was evaluated")
      }
      try pipeline.finish(runs) { paths in
        try printResult(results, text: results.map(\.line), paths: paths, asJSON: report.json)
      }
    }
  }
}

/// Which statistics batch norms use.
struct EvaluationStatistics: ParsableArguments {
  @Option(help: "Batch norm: inference (running statistics) or batch (those of each batch).")
  var batchNorm = EvaluationConfiguration().batchNorm

  @Option(help: "Samples per batch where batch norm uses statistics of batches.")
  var batchSize = EvaluationConfiguration().batchSize

  func validate() throws { try checkOptions { try configuration.validate() } }

  /// The configuration.
  var configuration: EvaluationConfiguration {
    var result = EvaluationConfiguration()
    result.batchNorm = batchNorm
    result.batchSize = batchSize
    return result
  }
}
