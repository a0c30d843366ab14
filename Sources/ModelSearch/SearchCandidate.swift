internal import Checkpoints
internal import ComputationGraph
internal import NeuralNetworks

/// A network that a file may mean: a reading, or a model that is known.
enum SearchCandidate: Hashable {
  case reading(Reading, input: Architecture.Input)
  case fixed(FixedNetwork)

  /// How unusual it is; an architecture with the names of the file is what is likeliest.
  var cost: Double {
    switch self {
    case .reading(let reading, _): reading.cost
    case .fixed(let network): network.cost - 3
    }
  }

  /// The layer list or the name.
  var text: String {
    switch self {
    case .reading(let reading, _):
      let read = reading.readLayers()
      return Layer.text(read.layers) + " | " + read.names.joined(separator: " ")
    case .fixed(let network): return network.name
    }
  }

  /// The text that `--architecture` takes.
  var name: String {
    switch self {
    case .reading(let reading, _): Layer.text(reading.readLayers().layers)
    case .fixed(let network): network.name
    }
  }

  /// Multiplications for a sample.
  var work: Int {
    switch self {
    case .reading(let reading, let input):
      guard case .image(_, let height, let width) = input else { return 0 }
      return reading.geometry.work(reading.skeleton, height: height, width: width) ?? 0
    case .fixed(let network):
      return ((try? network.trained.model.forwardFlops(batch: 1)) ?? 0) / 2
    }
  }

  /// Model and weights.
  ///
  /// - Throws: `ShapeError`, `LayerListError`, `CheckpointError` where they do not fit.
  func trainedModel(_ contents: CheckpointContents) throws -> TrainedModel {
    switch self {
    case .reading(let reading, let input):
      let read = reading.readLayers()
      let network = try LayerNetwork(read.layers, input: input, names: read.names)
      return try TrainedModel(
        contents, model: Model(network.recipe), tensorNames: read.tensorNames,
        missingStatistics: .unused)
    case .fixed(let network):
      return network.trained
    }
  }
}
