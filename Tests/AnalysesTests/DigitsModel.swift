import Analyses
import Checkpoints
import Datasets
import DigitsReference
import NeuralNetworks
import Objectives

extension OpenedModel {
  /// A network of the digits' reference on the first training samples.
  static func digits(
    _ network: DigitsReference.Network = .mlp, samples: Int = 32
  ) throws -> OpenedModel {
    let reference = try DigitsReference(network)
    let contents = try CheckpointFile.read(reference.path)
    let metadata = try TrainedModel.readDescribed(contents).metadata
    let part = try DatasetCatalog.open("digits", split: .train).prefix(samples: samples)
    let data = SampleData.images(
      try NormalizedDataset(part, ChannelNormalization(parsing: metadata.normalization)))
    return OpenedModel(
      path: reference.path, sha256: contents.sha256, format: contents.format.rawValue,
      trained: reference.trained,
      loss: try BoundLoss(nil, model: reference.trained.model, target: data.samples.target),
      data: data, dataPath: "digits", dataDigest: try data.digest)
  }
}
