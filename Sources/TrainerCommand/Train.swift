import Analyses
import ArgumentParser
import Checkpoints
import CommandSupport
import Communication
import Training

/// `trainer train`.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network and write it as model.ckpt.",
    discussion: """
      After every epoch the folder has last.ckpt (to continue from), best.ckpt (the epoch with \
      the best accuracy, or R2, on the part held out), and the history as CSV and JSON. The test split \
      is evaluated once at the end and decides nothing. With --keep the folder also has \
      epochs/epoch-00.ckpt and so on, the path that landscape trajectory draws.
      """)

  @OptionGroup(title: "Training") var rule: RuleOptions
  @OptionGroup(title: "Training") var training: TrainOptions
  @OptionGroup(title: "Training") var steps: StepOptions
  @OptionGroup(title: "Training") var randomness: SeedOptions
  @OptionGroup(title: "Sharpness-aware minimisation") var mask: SparsityOptions
  @OptionGroup(title: "Sharpness-aware minimisation") var sharpness: SharpnessOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Output") var folder: FolderOptions
  @OptionGroup(title: "Output") var kept: KeepOptions
  @OptionGroup(title: "Output") var report: ReportOptions
  @OptionGroup(title: "Pipelines") var pipeline: PipelineOptions<TrainingSummary>

  func validate() throws {
    try steps.validate(for: [rule.optimizer])
    guard pipeline.step == nil else {
      throw ValidationError(
        "The steps of a training in TensorBoard are its epochs; leave out --step.")
    }
    do {
      _ = try sharpness.settings(rule.optimizer, sparsity: mask.sparsity)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func run() throws {
    try runCommand { ranks in
      var plan = try training.plan
      try steps.set(rule.optimizer, in: &plan)
      plan.sharpness = try sharpness.settings(rule.optimizer, sparsity: mask.sparsity)
      plan.seed = randomness.seed
      let summary = try plan.train(
        in: folder.output, restart: folder.restart, keeping: kept.keep,
        context: RunContext(engine, isQuiet: report.quiet, ranks: ranks))
      try ranks.endOthers()
      let files = TrainingFiles(folder: folder.output)
      var paths = [files.model, files.last]
      if summary.result.best != nil { paths.append(files.best) }
      if kept.keep != nil { paths.append(files.epochs) }
      let history = try TrainingHistory(folder: folder.output)
      try pipeline.finish(
        [MeasuredRun(summary, title: folder.output, epoch: summary.result.epochs)],
        course: history.epochs.dropLast().map { ($0.epoch, $0.numbers) }
      ) { logs in
        try printResult(
          summary, text: [TrainingText.line(summary)],
          paths: paths + [files.historyTable, files.summary] + logs, asJSON: report.json)
      }
    }
  }
}
