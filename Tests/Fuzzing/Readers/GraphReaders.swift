internal import FileFormats
internal import GraphFiles

extension FuzzedReader {
  private static let graphFixtures = "GraphFilesTests/Fixtures"

  /// Files that say with a graph, or with code, what a network computes.
  static let graphs = [
    FuzzedReader(
      "exported-program", in: .file("input.pt2"),
      seeds: Seed.fixtures(
        graphFixtures, ["small.pt2", "small-2.6.pt2", "small-2.8.pt2", "moving.pt2"]),
      words: .json
    ) { _, path in try CheckpointOpening.open(path) },
    FuzzedReader(
      "onnx", in: .file("input.onnx"), containers: [MessageContainer.self],
      seeds: Seed.fixtures(
        graphFixtures, ["traced.onnx", "plain.onnx", "folded.onnx", "traced-folded.onnx"]),
      words: .onnx
    ) { _, path in try CheckpointOpening.open(path) },
    // With tensors in a file beside it.
    FuzzedReader(
      "onnx-sidecar", in: .folder, containers: [MessageContainer.self],
      seeds: [
        .folder([
          "small.onnx": "\(graphFixtures)/small.onnx",
          "small.onnx.data": "\(graphFixtures)/small.onnx.data",
        ])
      ], words: .onnx
    ) { _, path in
      // It has an operator that no rule knows.
      _ = try? GraphFile.read("\(path)/small.onnx").trainedModel(name: "graph")
      _ = try GraphFile.read("\(path)/small.onnx", constants: ["fc.weight"])
    },
    FuzzedReader(
      "torchscript", in: .file("input.pt"),
      seeds: Seed.fixtures(
        "ModelImportTests/Zoo/Fixtures",
        ["einsum", "tied", "small"].flatMap { ["code.\($0).scripted.pt", "code.\($0).traced.pt"] }),
      words: .python
    ) { _, path in try CheckpointOpening.open(path) },
  ]
}
