internal import Checkpoints
package import Communication
internal import ModelImport
internal import NeuralNetworks
internal import Settings

/// Series of checkpoints with the network that they are weights of.
public struct OpenedTrajectory {
  /// The network at the last checkpoint of the first series.
  public let centre: OpenedModel
  /// The paths.
  public let paths: [TrajectoryPath]

  /// Opens the last checkpoint of the first series as any network is opened; the others are read as
  /// that was, when they are needed.
  ///
  /// - Parameters:
  ///   - series: The checkpoints.
  ///   - graph: A file that says with a graph or code what the network is, where checkpoints hold weights
  ///     alone; nil for none.
  ///   - configuration: What the user says of the network.
  ///   - report: Receives remarks, warnings and progress.
  /// - Precondition: No series is empty.
  /// - Throws: Errors of one line that name file and setting.
  public init(
    _ series: [CheckpointSeries], graph: String?, _ configuration: ModelConfiguration,
    report: @escaping (RunEvent) -> Void = { _ in }
  ) throws {
    try self.init(series, graph: graph, configuration, ranks: Alone(), report: report)
  }

  /// The same on several ranks, of which one measures.
  package init(
    _ series: [CheckpointSeries], graph: String?, _ configuration: ModelConfiguration,
    ranks: any Communicator, report: @escaping (RunEvent) -> Void
  ) throws {
    let last = series[0].entries[series[0].entries.count - 1].path
    func choice(_ path: String) throws -> (file: String, configuration: ModelConfiguration) {
      guard let graph else { return (path, configuration) }
      var own = configuration
      guard own.graph.weights == nil else {
        throw AnalysisError(
          "\(.weights) and \(.graph) say twice whose weights are meant; leave one out")
      }
      own.graph.weights = path
      return (graph, own)
    }
    let (file, own) = try choice(last)
    var known = KnownInputs()
    let centre = try OpenedModel(file, own, known: &known, ranks: ranks, report: report)
    self.centre = centre
    paths = series.map { series in
      TrajectoryPath(
        name: series.name,
        checkpoints: series.entries.map { entry in
          TrajectoryPath.Checkpoint(path: entry.path, number: entry.number) {
            let (file, own) = try choice(entry.path)
            return try centre.reading(OpenedCheckpoint(path: file, graph: own.graph))
          }
        })
    }
  }
}

extension OpenedModel {
  /// The weights of another checkpoint, read as those of this network were.
  ///
  /// - Throws: `CheckpointError` for one of another network.
  fileprivate func reading(_ checkpoint: OpenedCheckpoint) throws -> TrajectoryPath.Content {
    let contents = checkpoint.contents
    let model = trained.model
    if let recipe = checkpoint.metadata?.recipe, recipe != model.recipe,
      !(model.recipe.definition is any TransformersDefinition)
    {
      throw CheckpointError(
        contents.path,
        "is a \(recipe.definition.modelName), and \(path) a \(model.name); give checkpoints of one network"
      )
    }
    let other =
      try checkpoint.graphModel
      ?? trained.reading(contents, isPart: model.recipe.definition is ImportedModel)
    guard other.model.layout == model.layout, other.model.bufferLayout == model.bufferLayout else {
      throw CheckpointError(
        contents.path,
        "has other tensors than \(path); give checkpoints of one network")
    }
    return TrajectoryPath.Content(
      point: other.point, sha256: contents.sha256, epoch: checkpoint.epoch)
  }
}
