internal import Artifacts
internal import Checkpoints
internal import ComputationGraph
internal import Datasets
internal import FileFormats
internal import Foundation
internal import NeuralNetworks

extension FuzzedReader {
  /// What commands write and read again, and texts in files.
  static let records = [
    FuzzedReader(
      "journal", in: .file("points.journal"),
      seeds: [
        .bytes {
          let lines = [
            ContainerPart("header", Array("{\"grid\":[3,3]}".utf8)),
            ContainerPart("record", Array("4 3ff0000000000000 4000000000000000".utf8)),
          ]
          return JournalContainer.joined(lines) ?? []
        }
      ]
    ) { _, path in
      let journal = try Journal(path: path, configuration: ["grid": [3, 3]])
      try journal.append(Journal.Record(key: 1, values: [0.5]))
    },
    FuzzedReader(
      "csv-result", seeds: DataSeeds.tables.map { .text($0) }, words: .table
    ) { bytes, path in
      let table = try CSVTable(bytes, path: path)
      for column in table.columns { _ = table.numbers(column) }
      // What was read can be written, and is read again.
      let again = try CSVTable(Array(table.text.utf8), path: path)
      precondition(again == table, "the table changes when it is written")
    },
    FuzzedReader("recipe", seeds: recipes, words: .json) { bytes, path in
      let contents = CheckpointContents(
        path: path, format: .safetensors, sha256: "", tensors: [],
        metadata: [
          "format": "basin-model-1", "architecture": String(decoding: bytes, as: UTF8.self),
          "data": "digits", "data.name": "digits", "normalization": "none",
        ])
      guard let metadata = try TrainedModelMetadata(contents) else { return }
      _ = try metadata.recipe.model()
    },
    FuzzedReader(
      "provenance",
      seeds: [
        .bytes {
          Array(try JSON.encode(Provenance(command: ["a"], version: "1", threads: 1)).utf8)
        }
      ], words: .json
    ) { bytes, path in
      _ = try JSON.decode(Provenance.self, from: bytes, path: path)
    },
    FuzzedReader("settings", seeds: settings.map { .text($0) }) { bytes, _ in
      let text = String(decoding: bytes, as: UTF8.self)
      _ = try? Augmentation(parsing: text)
      _ = try? NormalizationChoice(parsing: text)
      _ = try? ImageView(parsing: text)
      let image = Architecture.Input.image(channels: 3, height: 32, width: 32)
      for input in [image, .features(20), .tokens(length: 8, vocabulary: 30)] {
        _ = try? Architecture.named(text, input: input, classCount: 10)
      }
      let network = try LayerNetwork(text, input: image)
      _ = try network.recipe.model()
      // What is printed is what was read.
      let again = try LayerNetwork(network.modelName, input: image)
      precondition(again.layers == network.layers, "the list changes when it is printed")
    },
  ]

  /// Architectures, a layer list and a network of transformers, as checkpoints describe them.
  private static let recipes: [Seed] = [
    .bytes {
      let image = Architecture.Input.image(channels: 3, height: 32, width: 32)
      let architecture = try Architecture.named("resnet20", input: image, classCount: 10)
      return Array(try JSON.encode(ModelRecipe.architecture(architecture), onOneLine: true).utf8)
    },
    .bytes {
      let network = try LayerNetwork(
        "conv(2,3) batchnorm relu flatten linear(3)",
        input: .image(channels: 1, height: 4, width: 4))
      return Array(try JSON.encode(network.recipe, onOneLine: true).utf8)
    },
  ]

  private static let settings = [
    "conv(32,5,padding=2) batchnorm relu maxpool(2) flatten linear(10)",
    "residual(conv(16,3,padding=1) batchnorm relu conv(16,3,padding=1)) globalaverage softmax",
    "mean=0.5,0.5,0.5;std=0.2,0.2,0.2", "resize=256,crop=224,channels=1", "crop=4,flip",
    "resnet20-b-w8", "mlp-32x2", "vit-tiny",
  ]
}
