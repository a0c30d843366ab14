internal import Checkpoints
internal import FileFormats
internal import Foundation
internal import GraphFiles
internal import NeuralNetworks

extension FuzzedReader {
  private static let fixtures = "CheckpointsTests/Fixtures"
  private static let transformers = "Reference/transformers"

  /// Files and folders of weights, opened as commands open them.
  static let checkpoints = [
    FuzzedReader(
      "pytorch-zip", in: .file("input.pt"),
      seeds: Seed.fixtures(
        fixtures,
        [
          "zip.pt", "views.pt", "types.pt", "two.pt", "settings.pt", "parameters.pt", "parallel.pt",
          "orthogonal.pt", "lightning.ckpt", "reparametrized-old.pt", "reparametrized-new.pt",
          "kind-sparse.pt", "kind-quantised.pt", "kind-complex.pt", "kind-float8.pt",
          "kind-meta.pt", "kind-rows.pt", "device-numpy.pt", "device-host.pt", "subclass.pt",
          "custom.pt", "object.pt", "attack.pt", "empty.pt",
        ]), words: .pickle, read: open),
    FuzzedReader(
      "pytorch-legacy", in: .file("input.pth"),
      seeds: Seed.fixtures(
        fixtures,
        [
          "legacy.pt", "views-legacy.pt", "types-legacy.pt", "settings-legacy.pt",
          "kind-sparse-legacy.pt", "kind-quantised-legacy.pt", "kind-complex-legacy.pt",
          "attack-legacy.pt",
        ]), words: .pickle, read: open),
    FuzzedReader(
      "whole-module", in: .file("input.pt"),
      seeds: Seed.fixtures(
        fixtures,
        ["net.pt", "net-legacy.pt", "net-compiled.pt", "net-state.pth", "reparametrized-module.pt"])
        + Seed.fixtures(
          "ModelImportTests/Zoo/Fixtures", ["code.einsum.module.pt", "code.tied.module.pt"]),
      words: .pickle, read: open),
    FuzzedReader(
      "pickled-checkpoint", in: .file("input.pkl"),
      seeds: Seed.fixtures(
        fixtures,
        ["list.pkl", "arrays.pkl", "tensors.pkl", "tensors-shared.pkl", "net-0.pkl", "net-4.pkl"]),
      words: .pickle, read: open),
    FuzzedReader(
      "arrays-as-checkpoint", in: .file("input.npz"),
      seeds: Seed.fixtures(
        fixtures,
        [
          "arrays.npz", "ordered.npz", "reparametrized-old.safetensors",
          "reparametrized-new.safetensors",
        ]), words: .json, read: open),
    FuzzedReader(
      "recognition", in: .file("input.safetensors"),
      seeds: [
        .bytes { try TrainedSeed.named("resnet8-w4") }, .bytes { try TrainedSeed.named("mlp-4") },
      ],
      words: .json
    ) { _, path in try CheckpointOpening.recognize(path) },
    FuzzedReader(
      "own-checkpoint", in: .file("input.ckpt"),
      seeds: [.fixture("Reference/digits-mlp.ckpt"), .bytes { try TrainedSeed.layers() }],
      words: .json, read: open),
    FuzzedReader(
      "foreign-file", in: .file("input"),
      seeds: Seed.fixtures(fixtures, ["nested.t7", "old.tar"])
        + foreign.map { start in .bytes { start } },
      read: open),
    FuzzedReader(
      "transformers-folder", in: .folder,
      seeds: ["bert-classes", "bert-masked", "gpt2", "llama-dynamic", "qwen2", "vit"].map { name in
        .folder(
          Dictionary(
            uniqueKeysWithValues: ["config.json", "model.safetensors"].map {
              ($0, "\(transformers)/\(name)/\($0)")
            }))
      } + [
        .folder([
          "config.json": "\(transformers)/mistral/config.json",
          "pytorch_model.bin": "\(transformers)/mistral/pytorch_model.bin",
        ]),
        .folder(
          Dictionary(
            uniqueKeysWithValues: [
              "config.json", "model.safetensors.index.json", "model-00001-of-00003.safetensors",
              "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors",
            ].map { ($0, "\(transformers)/llama/\($0)") })),
      ], words: .json, read: open),
  ]

  /// First bytes of other programs' files.
  private static let foreign: [[UInt8]] = [
    [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], Array("GGUF\u{3}\u{0}\u{0}\u{0}".utf8),
    Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n".utf8),
    Array("<!DOCTYPE html><html><head></head></html>".utf8),
    Array("{\"weight_map\": {\"a\": \"b.safetensors\"}}".utf8),
    [0x81, 0xA6] + Array("params".utf8) + [0x81, 0xA1, 0x61, 0xC0],
    [4, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0] + Array("V 1nn.Sequential".utf8),
    [0x1C, 0, 0, 0] + Array("TFL3".utf8) + [0, 0, 0, 0], [0x1F, 0x8B, 8, 0],
  ]

  private static let open: @Sendable ([UInt8], String) throws -> Void = { _, path in
    try CheckpointOpening.open(path)
  }
}
