internal import Artifacts
internal import Communication
package import Datasets
internal import FileFormats
internal import Foundation
package import NeuralNetworks
package import Training
internal import Settings

/// Several trainings that differ in optimizer, sparsity or seed, each in a folder of its own.
package struct TrainingSweep {
  /// What sets each training apart.
  package let members: [SweepMember]
  /// The settings of each, in the same order.
  package let configurations: [TrainingConfiguration]
  /// The training split, which all share.
  package let data: OpenedData
  /// All data that are there.
  package let found: FoundData
  /// First weights where the configurations name a checkpoint.
  package let start: ModelPoint?
  /// Whether everything is trained again, whatever the folder holds.
  package let restart: Bool

  /// Plans a sweep.
  ///
  /// - Precondition: There is a training, and a configuration for each.
  package init(
    members: [SweepMember], configurations: [TrainingConfiguration], data: OpenedData,
    found: FoundData, start: ModelPoint?, restart: Bool = false
  ) {
    precondition(
      !members.isEmpty && members.count == configurations.count,
      "a sweep is a configuration for each of one or more trainings")
    self.members = members
    self.configurations = configurations
    self.data = data
    self.found = found
    self.start = start
    self.restart = restart
  }

  /// Trains what is not finished yet, in folders named after the members.
  ///
  /// - Parameters:
  ///   - folder: Path of the folder around those of the trainings; gets `sweep.csv`, `sweep.md` and
  ///     `summary.json`.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The table and what it is made of.
  /// - Throws: `AnalysisError` where nothing would measure the networks, `TrainingError` for settings
  ///   and folders, the errors of the data, and what cancels the run.
  package func run(
    in folder: String, context: RunContext = RunContext()
  ) throws -> SweepSummary {
    let started = Date()
    for configuration in configurations { try configuration.validate() }
    let digest = try data.digest
    let settings = configurations[0].data
    guard settings.validation > 0 || found.splits.contains(.test) else {
      throw AnalysisError(
        "\(settings.path) has no test split; hold some of it out with \(.validation)")
    }
    // Of ranks the first one writes; all train together.
    let isFirst = context.ranks.communicator.isFirst
    let folder = try RunFolder(folder)
    var outcomes: [SweepOutcome] = []
    for (index, member) in members.enumerated() {
      try context.checkCancellation()
      let summary = try train(index, folder: folder.file(member.name), digest: digest, context)
      outcomes.append(SweepOutcome(member: member, result: summary.result))
    }
    let summary = SweepSummary(
      provenance: try record(digest: digest, started: started, context).finished(),
      configurations: configurations, runs: outcomes)
    guard isFirst else { return summary }
    try summary.table.csv.write(to: folder.file("sweep.csv"))
    try AtomicFile.write(summary.markdown, to: folder.file("sweep.md"))
    try JSON.write(summary, to: folder.file("summary.json"))
    return summary
  }

  /// Trains in a folder, or takes the summary of what is finished there.
  private func train(
    _ index: Int, folder: String, digest: String, _ context: RunContext
  ) throws -> TrainingSummary {
    let configuration = configurations[index]
    let title = "run \(index + 1) of \(members.count)"
    if !restart, let summary = try finished(configuration, folder: folder, digest: digest, context)
    {
      context.remark("\(title), \(folder): is finished")
      return summary
    }
    context.remark("\(title), \(folder)")
    do {
      var session = TrainingSession(
        configuration: configuration, start: start, found: found, folder: folder, restart: restart)
      session.title = title
      session.introducesNetwork = index == 0
      return try session.run(context: context)
    } catch let error as TrainingError where !error.description.hasPrefix(folder) {
      throw TrainingError("\(folder): \(error)")
    }
  }

  /// The summary of a training that is finished with the same settings and data.
  ///
  /// Whatever else the folder holds is for the training itself to continue or to refuse.
  ///
  /// - Returns: The summary, which the first rank finds, on all ranks.
  /// - Throws: `ArtifactError` for the summary of a newer version, which is not to be replaced.
  private func finished(
    _ configuration: TrainingConfiguration, folder: String, digest: String, _ context: RunContext
  ) throws -> TrainingSummary? {
    let ranks = context.ranks.communicator
    let own =
      ranks.isFirst ? try finished(configuration, folder: folder, digest: digest) : nil
    guard ranks.size > 1 else { return own }
    let bytes = try ranks.ofFirst(Array(try own.map { try JSON.encode($0) }?.utf8 ?? "".utf8))
    return bytes.isEmpty
      ? nil : try JSON.decode(TrainingSummary.self, from: bytes, path: folder)
  }

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

  private func record(
    digest: String, started: Date, _ context: RunContext
  ) throws -> RunRecord {
    let base = configurations[0]
    let normalization = try data.normalized(base.data.normalization) { () throws(DatasetError) in
      try found.images(.train)
    }.normalization
    let decays = Set(configurations.map(\.optimizer.weightDecay))
    let seeds = members.map(\.seed).distinct
    return RunRecord(
      data: Provenance.DataSource(
        name: data.name, split: "train", digest: digest, samples: data.count,
        path: base.data.path),
      labels: base.data.labels, normalization: normalization,
      convolution: base.convolution, context: context,
      seeds: Dictionary(
        uniqueKeysWithValues: seeds.enumerated().map {
          ("training \($0.offset + 1)", $0.element)
        }),
      batchNormalization: NormalizationMode.batch.rawValue,
      weightDecay: .inStep(decays.count == 1 ? decays.first : nil),
      settings: [
        "optimizers": members.map(\.optimizer.rawValue).distinct.joined(separator: ",")
      ],
      started: started)
  }
}

extension Array where Element: Hashable {
  /// Every element once, in the order in which they come first.
  fileprivate var distinct: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
