package import Analyses
internal import Checkpoints
internal import ModelImport
internal import NeuralNetworks

/// Series of checkpoints with the network that they are weights of.
package struct OpenedTrajectory {
  /// The network at the last checkpoint of the first series.
  package let centre: OpenedModel
  /// The paths.
  package let paths: [TrajectoryPath]

  /// Opens the last checkpoint of the first series as any network is opened; the others are read as
  /// that was, when they are needed.
  ///
  /// - Parameters:
  ///   - series: The checkpoints.
  ///   - graph: A file that says with a graph or code what the network is, where checkpoints hold weights
  ///     alone; nil for none.
  ///   - options: What the user says of the network.
  ///   - isQuiet: Whether remarks are left out.
  /// - Precondition: No series is empty.
  /// - Throws: Errors of one line that name file and option.
  package init(
    _ series: [CheckpointSeries], graph: String?, options: ModelOptions, isQuiet: Bool
  ) throws {
    let last = series[0].entries[series[0].entries.count - 1].path
    func choice(_ path: String) throws -> (file: String, options: ModelOptions) {
      guard let graph else { return (path, options) }
      var own = options
      guard own.graph.weights == nil else {
        throw UsageError(
          description: "--weights and --graph say twice whose weights are meant; leave one out")
      }
      own.graph.weights = path
      return (graph, own)
    }
    let (file, own) = try choice(last)
    let centre = try OpenedModel(path: file, options: own, isQuiet: isQuiet)
    self.centre = centre
    paths = series.map { series in
      TrajectoryPath(
        name: series.name,
        checkpoints: series.entries.map { entry in
          TrajectoryPath.Checkpoint(path: entry.path, number: entry.number) {
            let (file, own) = try choice(entry.path)
            return try centre.reading(OpenedCheckpoint(path: file, graph: own.graph.choice))
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
