internal import Datasets
internal import FileFormats

extension FuzzedReader {
  private static let tensors = "DatasetsTests/Fixtures/tensors"

  /// Data sets, opened as commands open them.
  static let datasets = [
    FuzzedReader(
      "idx", in: .folder,
      seeds: [
        .files {
          [
            "train-images-idx3-ubyte": DataSeeds.idx([3, 2, 2], Array(0..<12)),
            "train-labels-idx1-ubyte": DataSeeds.idx([3], [1, 0, 2]),
            "t10k-images-idx3-ubyte.gz": Deflate.gzip(DataSeeds.idx([1, 2, 2], [1, 2, 3, 4])),
            "t10k-labels-idx1-ubyte.gz": Deflate.gzip(DataSeeds.idx([1], [9])),
          ]
        },
        .files {
          [
            "emnist-letters-train-images-idx3-ubyte": DataSeeds.idx([2, 2, 2], Array(0..<8)),
            "emnist-letters-train-labels-idx1-ubyte": DataSeeds.idx([2], [1, 2]),
          ]
        },
      ], read: open),
    FuzzedReader(
      "cifar-binary", in: .folder,
      seeds: [
        .files {
          [
            "data_batch_1.bin": DataSeeds.cifar(2, labels: 1),
            "test_batch.bin": DataSeeds.cifar(1, labels: 1),
            "batches.meta.txt": Array("airplane\nbird\n".utf8),
          ]
        },
        .files { ["train.bin": DataSeeds.cifar(2, labels: 2)] },
      ], read: open),
    FuzzedReader(
      "cifar-pickle", in: .folder,
      seeds: ["python2", "python3"].map { version in
        .folder([
          "data_batch_1": "DatasetsTests/Fixtures/cifar10-pickles/\(version)/data_batch_1",
          "batches.meta": "DatasetsTests/Fixtures/cifar10-pickles/\(version)/batches.meta",
        ])
      }, words: .pickle, read: open),
    FuzzedReader(
      "cifar-archive", in: .file("cifar-10-binary.tar.gz"), seeds: [.bytes { DataSeeds.archive() }],
      read: open),
    FuzzedReader(
      "table", in: .file("train.csv"),
      seeds: DataSeeds.tables.map { .text($0) }, words: .table, read: open),
    FuzzedReader(
      "data-npz", in: .file("input.npz"),
      seeds: [
        .fixture("Reference/transformers/bert-masked/data.npz"),
        .fixture("Reference/transformers/bert-classes/data.npz"),
        .fixture("Reference/transformers/gpt2/data.npz"),
      ] + DataSeeds.npz.map { arrays in .bytes { try DataSeeds.archive(arrays) } },
      read: open),
    FuzzedReader(
      "data-npy", in: .folder,
      seeds: [
        .files {
          [
            "x_train.npy": NPY.encode(DataSeeds.images(2)),
            "y_train.npy": NPY.encode(NumericArray([0, 1] as [Int], shape: [2])),
            "x_test.npy": NPY.encode(DataSeeds.images(1)),
            "y_test.npy": NPY.encode(NumericArray([1] as [Int], shape: [1])),
          ]
        },
        .files {
          [
            "gaussian_noise.npy": NPY.encode(DataSeeds.images(2)),
            "labels.npy": NPY.encode(NumericArray([0, 1] as [Int], shape: [2])),
          ]
        },
      ], read: open),
    FuzzedReader(
      "data-safetensors", in: .file("input.safetensors"),
      seeds: [
        .bytes {
          try Safetensors(tensors: [
            .init(name: "x", array: NumericArray([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2])),
            .init(name: "y", array: NumericArray([0, 1, 2] as [Int], shape: [3])),
            .init(name: "weight", array: NumericArray([1, 0.5, 0] as [Float], shape: [3])),
          ]).encoded()
        }
      ], words: .json, read: open),
    FuzzedReader(
      "data-tensors", in: .folder,
      seeds: [
        .folder(["training.pt": "\(tensors)/training.pt", "test.pt": "\(tensors)/test.pt"]),
        .folder(["training.pt": "\(tensors)/dictionary.pt"]),
        .folder(["training.pt": "\(tensors)/network.pt"]),
      ], words: .pickle, read: open),
  ]

  private static let open: @Sendable ([UInt8], String) throws -> Void = { _, path in
    try DataOpening.open(path)
  }
}

/// What commands do with a path of data.
enum DataOpening {
  /// Opens every part, normalises it and reads its samples.
  static func open(_ path: String, view: ImageView = .automatic) throws {
    _ = try? DatasetCatalog.openData(path, split: .train, inputs: ["input_ids"])
    _ = try? DatasetCatalog.openData(path, split: .train, labels: .coarse)
      .tokenRows(context: 2, target: .nextToken)
    let found = try FoundData(path, view: view)
    for split in found.splits {
      let data = try found.open(split)
      _ = try data.digest
      for choice in [NormalizationChoice.automatic, .fixed(.none)] {
        let normalized = try? data.normalized(choice) { () throws(DatasetError) in
          try found.images(.train)
        }
        if let normalized { try readSamples(normalized.samples) }
      }
    }
    _ = "\(try found.description())"
  }

  private static func readSamples(_ samples: Samples) throws {
    let count = min(samples.count, 4)
    for array in samples.inputs + [samples.target, samples.weights].compactMap(\.self)
    where array.elementCount <= 1 << 22 {
      var values = [Float](repeating: 0, count: count * array.elementCount)
      try unsafe values.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        try unsafe samples.read(array, 0..<count, to: base)
      }
    }
  }
}
