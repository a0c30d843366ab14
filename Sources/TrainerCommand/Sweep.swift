import ArgumentParser
import Artifacts
import Checkpoints
import CommandSupport
import Datasets
import FileFormats
import Foundation
import NeuralNetworks
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
    try runCommand {
      let started = Date()
      let members = SweepMember.plan(
        optimizers: grid.optimizers.values, sparsities: grid.sparsity.values,
        seeds: grid.seeds.values)
      let source = try training.open(isQuiet: report.quiet)
      let (data, start) = (source.data, source.start?.point)
      let configurations = try members.map { member in
        try training.configuration(
          source, optimizer: member.optimizer, steps: steps,
          sharpness: sharpness.settings(member.optimizer, sparsity: member.sparsity ?? 0),
          seed: member.seed, engine: engine)
      }
      let base = configurations[0]
      for configuration in configurations { try configuration.validate() }
      let digest = try data.digest
      guard try base.data.validation > 0 || hasTestSplit(base.data) else {
        throw UsageError(
          description: "\(base.data.path) has no test split; hold some of it out with --validation")
      }
      let folder = try RunFolder(place.output)
      var outcomes: [SweepOutcome] = []
      for (index, (member, configuration)) in zip(members, configurations).enumerated() {
        try Interruption.check()
        let title = "run \(index + 1) of \(members.count)"
        let summary = try train(
          configuration, start: start, folder: folder.file(member.name), digest: digest,
          title: title,
          isFirst: index == 0)
        outcomes.append(SweepOutcome(member: member, result: summary.result))
      }
      let normalization = try data.normalized(
        base.data.normalization, openedFrom: base.data.path, labels: base.data.labels,
        view: base.data.view ?? .automatic
      ).normalization
      let decays = Set(configurations.map(\.optimizer.weightDecay))
      let record = RunRecord(
        data: Provenance.DataSource(
          name: data.name, split: "train", digest: digest, samples: data.count,
          path: base.data.path),
        labels: base.data.labels, normalization: normalization,
        convolution: base.convolution, engine: engine,
        seeds: Dictionary(
          uniqueKeysWithValues: grid.seeds.values.enumerated().map {
            ("training \($0.offset + 1)", $0.element)
          }),
        batchNormalization: NormalizationMode.batch.rawValue,
        weightDecay: .inStep(decays.count == 1 ? decays.first : nil),
        settings: ["optimizers": grid.optimizers.values.map(\.rawValue).joined(separator: ",")],
        started: started)
      let summary = SweepSummary(
        provenance: record.finished(), configurations: configurations, runs: outcomes)
      let paths = try write(summary, to: folder)
      try printResult(
        summary, text: summary.table.markdown, paths: paths, asJSON: report.json)
    }
  }

  private func hasTestSplit(_ settings: TrainingDataSettings) throws(DatasetError) -> Bool {
    do {
      _ = try settings.open(.test)
      return true
    } catch  where error.reason == .noSuchSplit {
      return false
    }
  }

  /// Trains in a folder, or takes the summary of what is finished there.
  private func train(
    _ configuration: TrainingConfiguration, start: ModelPoint?, folder: String, digest: String,
    title: String, isFirst: Bool
  ) throws -> TrainingSummary {
    if !place.restart, let summary = try finished(configuration, folder: folder, digest: digest) {
      if !report.quiet { note("\(title), \(folder): is finished") }
      return summary
    }
    if !report.quiet { note("\(title), \(folder)") }
    do {
      return try TrainingSession(
        configuration: configuration, start: start, folder: folder, restart: place.restart,
        engine: engine,
        isQuiet: report.quiet, title: title, introducesNetwork: isFirst
      ).run()
    } catch let error as TrainingError where !error.description.hasPrefix(folder) {
      throw TrainingError("\(folder): \(error)")
    }
  }

  /// The summary of a training that is finished with the same settings and data.
  ///
  /// Whatever else the folder holds is for the training itself to continue or to refuse.
  ///
  /// - Throws: `ArtifactError` for the summary of a newer version, which is not to be replaced.
  private func finished(
    _ configuration: TrainingConfiguration, folder: String, digest: String
  ) throws -> TrainingSummary? {
    let files = TrainingFiles(folder: folder)
    guard FileManager.default.fileExists(atPath: files.model),
      let summary = try TrainingSummary.found(at: files.summary),
      summary.configuration == configuration, summary.provenance.data?.digest == digest
    else { return nil }
    return summary
  }

  private func write(_ summary: SweepSummary, to folder: RunFolder) throws -> [String] {
    try summary.table.csv.write(to: folder.file("sweep.csv"))
    try AtomicFile.write(summary.markdown, to: folder.file("sweep.md"))
    try JSON.write(summary, to: folder.file("summary.json"))
    var paths = ["sweep.md", "sweep.csv", "summary.json"].map(folder.file)
    if let figure = SweepFigure(summary: summary).figure {
      paths += try figures.write(
        figure, "sweep", sources: summary.runs.map(\.folder), to: folder)
    }
    return paths
  }
}
