internal import Artifacts
internal import Checkpoints
internal import FileFormats
internal import HessianSpectra
internal import LinearAlgebra
internal import LossSurfaces
internal import NeuralNetworks
internal import Objectives
internal import Training

extension FuzzedReader {
  /// What runs leave in their folders, to be continued, drawn or compared.
  static let runs = [
    FuzzedReader(
      "training-state", in: .file("last.ckpt"), seeds: [.bytes { try RunSeeds.training() }],
      words: .json
    ) { _, path in
      let contents = try CheckpointFile.read(path)
      guard let metadata = try TrainedModelMetadata(contents) else { return }
      _ = try? JSON.decode(
        TrainingConfiguration.self, from: Array((metadata.training ?? "").utf8), path: path)
      _ = try metadata.loss.map { try JSON.decode(Loss.self, from: Array($0.utf8), path: path) }
      let (trained, _) = try TrainedModel.readDescribed(contents)
      _ = try? TrainingCheckpoint.readMask(contents, layout: trained.model.layout)
      let state = try TrainingCheckpoint.read(
        contents, model: trained.model, optimizer: RunSeeds.optimizer)
      _ = try TrainingCheckpoint.parts(of: state)
    },
    FuzzedReader(
      "training-history", in: .folder,
      seeds: [
        .files { ["history.json": Array(RunSeeds.historyText.utf8)] }
      ], words: .json
    ) { _, path in
      let history = try TrainingHistory(folder: path)
      _ = history.best
      _ = history.table.text
    },
    FuzzedReader(
      "surface", in: .file("surface.npz"),
      seeds: [
        .bytes {
          let path = ScratchFolder.write([], to: "seed.npz")
          try LossSurface(
            xs: [-1, 0, 1], ys: [0], loss: [2, 1, .infinity], score: [0.25, 0.5, 0]
          ).write(to: path)
          return try FileBytes.read(path)
        }
      ]
    ) { _, path in
      let surface = try LossSurface(path: path)
      precondition(surface.loss.count == surface.xs.count * surface.ys.count)
      _ = surface.nonFiniteCount
    },
    FuzzedReader(
      "loss-landscape", in: .file("surface.h5"),
      seeds: Seed.fixtures(
        "LossSurfacesTests/Fixtures", ["surface.h5", "rectangle.h5", "line.h5", "unfinished.h5"])
    ) { _, path in
      let file = try LossLandscapeFile(path: path)
      for part in file.parts {
        precondition(part.surface.loss.count == part.surface.xs.count * part.surface.ys.count)
        _ = QuadMesh(part.surface).vtp(of: part.surface)
      }
    },
    FuzzedReader(
      "product-journal", in: .file("hessian.products"),
      seeds: [
        .bytes {
          let path = ScratchFolder.write([], to: "seed.products")
          let journal = try ProductJournal(path: path, configuration: RunSeeds.configuration)
          try journal.append(Vector([4, 5, 6]), with: Vector([1, 2, 3]))
          try journal.append(Vector([7, 8, 9]), with: Vector([4, 5, 6]))
          return try FileBytes.read(path)
        }
      ]
    ) { _, path in
      let journal = try ProductJournal(path: path, configuration: RunSeeds.configuration)
      _ = journal.playedBackShare
      for group in [[Vector<Float>([1, 2, 3])], [Vector<Float>([4, 5, 6])]] {
        _ = try journal.recorded(with: group, count: 3)
      }
      try journal.append(Vector([1, 1, 1]), with: Vector([2, 2, 2]))
    },
    FuzzedReader(
      "results",
      seeds: [
        .text("{\"provenance\":{\"schemaVersion\":1}}"),
        .bytes { Array(try JSON.encode(Loss(.crossEntropy)).utf8) },
      ],
      words: .json
    ) { bytes, path in
      _ = try? JSON.decode(SpectrumResult.self, from: bytes, path: path)
      _ = try? JSON.decode([LayerCurvature].self, from: bytes, path: path)
      _ = try? JSON.decode(SweepTable.self, from: bytes, path: path)
      _ = try? JSON.decode(TrainingConfiguration.self, from: bytes, path: path)
      _ = try JSON.decode(Loss.self, from: bytes, path: path)
    },
  ]
}

/// What runs write.
private enum RunSeeds {
  static let configuration = ["model": "seed"]
  static let optimizer = BaseOptimizer.adamW(AdamW())

  /// Two epochs as JSON.
  static let historyText = """
    {"epochs":[{"epoch":1,"gradientNorm":1,"learningRate":0.1,"metric":"accuracy","seconds":1,"steps":10,\
    "trainingLoss":1,"trainingScore":0.5,"validationLoss":0.75,"validationScore":0.5},{"epoch":2,\
    "gradientNorm":1,"learningRate":0.05,"metric":"accuracy","seconds":1,"steps":20,"trainingLoss":"inf"}]}
    """

  /// The state of a training after two epochs, with a mask.
  static func training() throws -> [UInt8] {
    let input = Architecture.Input.image(channels: 1, height: 4, width: 4)
    let model = try LayerNetwork("conv(2,3) batchnorm relu flatten linear(3)", input: input).recipe
      .model()
    var state = TrainingState(model, optimizer: optimizer, seed: 1)
    state.mask = PerturbationMask(ones: [0, 2], count: model.layout.count)
    state.epoch = 2
    state.step = 20
    state.history = try JSON.decode(
      TrainingHistory.self, from: Array(historyText.utf8), path: "seed")
    let metadata = TrainedModelMetadata(
      recipe: model.recipe, loss: try JSON.encode(Loss(.crossEntropy), onOneLine: true),
      dataPath: "digits", dataName: "digits", normalization: "none", training: "{}", epoch: 2)
    let (tensors, texts) = try TrainingCheckpoint.parts(of: state)
    let path = ScratchFolder.write([], to: "seed.ckpt")
    try TrainedModel(model: model, point: state.point).write(
      to: path, metadata: metadata, trainingTensors: tensors, trainingTexts: texts)
    return try FileBytes.read(path)
  }
}
