import Analyses
import AnalysisFigures
import ArgumentParser
import Checkpoints
import CommandSupport
import Communication
import Training

/// `trainer sweep`.
struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train with several optimizers, sparsities and seeds, and compare them in a table.",
    discussion: """
      Sparse optimizers (ssam-f, ssam-d) are trained once per sparsity and seed, the others once per seed, each in \
      a folder of its own like ssam-f-0.5-seed1, which holds what trainer train writes. An \
      interrupted sweep continues when the same command is given again, and what is finished is \
      not repeated; with more seeds or sparsities only the new ones are trained. The table has \
      the columns of the paper on sparse SAM (arXiv:2210.05177).
      """)

  @OptionGroup(title: "Sweep") var grid: SweepOptions
  @OptionGroup(title: "Training") var training: TrainOptions
  @OptionGroup(title: "Training") var steps: StepOptions
  @OptionGroup(title: "Sharpness-aware minimisation") var sharpness: SharpnessOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figures") var figures: FigureFileOptions
  @OptionGroup(title: "Output") var place: SweepFolderOptions
  @OptionGroup(title: "Output") var report: ReportOptions

  func validate() throws {
    try steps.validate(for: grid.optimizers.values)
    do {
      for optimizer in grid.optimizers.values {
        _ = try sharpness.settings(optimizer, sparsity: 0)
      }
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func run() throws {
    try runCommand { ranks in
      let plan = try training.plan
      let source = try plan.open(report: TerminalReporter(isQuiet: report.quiet).show)
      let members = SweepMember.plan(
        optimizers: grid.optimizers.values, sparsities: grid.sparsity.values,
        seeds: grid.seeds.values)
      let configurations = try members.map { member in
        var own = plan
        try steps.set(member.optimizer, in: &own)
        own.sharpness = try sharpness.settings(member.optimizer, sparsity: member.sparsity ?? 0)
        own.seed = member.seed
        return try own.configuration(source, engine: engine.settings)
      }
      let summary = try TrainingSweep(
        members: members, configurations: configurations, data: source.data,
        found: source.found, start: source.start?.point, restart: place.restart
      ).run(in: place.output, context: RunContext(engine, isQuiet: report.quiet, ranks: ranks))
      try ranks.endOthers()
      let folder = try RunFolder(place.output)
      var paths = ["sweep.md", "sweep.csv", "summary.json"].map(folder.file)
      if let figure = SweepFigure(summary).figure {
        paths += try figures.files.write(
          figure, "sweep", sources: summary.runs.map(\.folder), to: folder)
      }
      try printResult(
        summary, text: summary.table.markdown, paths: paths, asJSON: report.json)
    }
  }
}
