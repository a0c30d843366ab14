import FileFormats
import Foundation
import TestSupport
import Testing

@testable import Checkpoints

/// Files that are no checkpoints, and notes that checkpoints hold.
@Suite struct ForeignFileTests {
  static func refusal(_ bytes: [UInt8]) -> String {
    let error = #expect(throws: FileFormatError.self) {
      try CheckpointFile.read(bytes, path: "test")
    }
    return error?.detail ?? ""
  }

  @Test(arguments: [
    ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "git lfs pull"),
    ("\n<!DOCTYPE html><html></html>", "web page"), ("<HTML><head></head></HTML>", "web page"),
    ("\u{FEFF}<html><body></body></html>", "web page"),
    ("<?xml version=\"1.0\"?><Error/>", "XML text"),
    ("{\"metadata\": {}, \"weight_map\": {\"a\": \"b\"}}", "index of weights"),
    ("{\"architectures\": [\"ViT\"]}", "JSON text without weights"),
    ("GGUF\u{3}\0\0\0", "GGUF file"), ("BZh91AY&SY", "bzip2 archive; unpack it"),
    ("\u{4}\0\0\0\u{1}\0\0\0\u{3}\0\0\0V 1\u{D}\0\0\0nn.Sequential", "Lua Torch"),
    ("4\n1\n3\nV 1\n13\nnn.Sequential", "Lua Torch"), ("\0\0\0\0TFL3\0\0", "TensorFlow Lite"),
  ])
  func filesOfOtherProgramsAreNamed(text: String, expected: String) {
    let refusal = Self.refusal(Array(text.utf8))
    #expect(refusal.contains(expected), "\(refusal)")
  }

  @Test(
    arguments: [
      ([0x1F, 0x8B, 8, 0], "gzip archive; unpack it"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz archive; unpack it"),
      ([0x89, 0x48, 0x44, 0x46, 0x0D], "HDF5 file, as Keras writes"),
      ([0x82, 0xA6, 0x70, 0x61, 0x72, 0x61, 0x6D, 0x73, 0x80], "Flax (MessagePack)"),
      ([0xDE, 0, 20, 0xA1, 0x61, 0x80], "Flax (MessagePack)"),
      ([0, 0, 0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB], "index of a TensorFlow checkpoint"),
      ([], "the file is empty"), ([1, 2, 3], "it starts with 01 02 03"),
    ] as [([UInt8], String)])
  func binaryFilesAreNamed(bytes: [UInt8], expected: String) {
    let refusal = Self.refusal(bytes)
    #expect(refusal.contains(expected), "\(refusal)")
  }

  @Test func archivesAroundCheckpointsAreNamed() throws {
    func zip(_ names: [String]) throws -> [UInt8] {
      var writer = ZipWriter<MemorySink>()
      for name in names { try writer.add(name, [1, 2, 3]) }
      return try writer.finished()
    }
    #expect(
      Self.refusal(try zip(["__MACOSX/model.pth", "runs/model.pth"]))
        == "is a zip archive around 'runs/model.pth'; unpack it (unzip) and give the file inside")
    #expect(Self.refusal(try zip(["config.json", "model.weights.h5"])).contains("Keras archive"))
    #expect(Self.refusal(try zip(["readme.txt"])).contains("neither of PyTorch"))
    var tar = [UInt8](repeating: 0, count: 1024)
    tar.replaceSubrange(0..<9, with: Array("model.pth".utf8))
    tar.replaceSubrange(257..<262, with: Array("ustar".utf8))
    #expect(Self.refusal(tar).contains("tar archive that begins with 'model.pth'; unpack it"))
  }

  @Test func foldersAreNamedForWhatTheyHold() throws {
    func refusal(_ names: [String]) throws -> String {
      let folder = try temporaryPath("folder")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for name in names { try Data([1]).write(to: URL(filePath: folder).appending(path: name)) }
      let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(folder) }
      return error?.detail ?? ""
    }
    #expect(try refusal(["a.pth", "b.txt"]).hasSuffix("folder/a.pth"))
    #expect(try refusal(["a.pth", "b.ckpt"]).contains("one of the files in it: a.pth, b.ckpt"))
    #expect(try refusal(["data.pkl", "version"]).contains("unpacked PyTorch file"))
    #expect(try refusal(["saved_model.pb"]).contains("folder of TensorFlow"))
    #expect(try refusal([".metadata", "__0_0.distcp"]).contains("dcp_to_torch"))
    #expect(try refusal([]).contains("give a checkpoint"))
  }

  // MARK: - Notes

  @Test(arguments: [
    (["best_prec1": 91.78, "epoch": 200], "best_prec1", 91.78),
    (["acc": 0.93, "best_loss": 0.1], "acc", 93),
    (["train_acc": 99, "val_acc": 0.5, "test_acc": 40], "test_acc", 40),
    (["metrics.val_accuracy": 0.75, "best_acc": 80], "metrics.val_accuracy", 75),
    (["acc@1": 70, "acc@5": 90, "top5_acc": 95], "acc@1", 70), (["bestAcc": 1], "bestAcc", 100),
    (["callbacks.valid_acc": 0.25], "callbacks.valid_acc", 25), (["acc": 5], "acc", 5),
  ])
  func recordedAccuracyIsInPercent(scalars: [String: Double], key: String, percent: Double) {
    let recorded = RecordedAccuracy(scalars: scalars, texts: [:])
    #expect(recorded?.key == key)
    #expect(abs((recorded?.percent ?? 0) - percent) < 1e-9)
  }

  @Test func otherNumbersAreNoAccuracy() {
    for scalars in [
      ["train_acc": 99], ["loss": 0.5], ["acc": 0], ["acc": 4000], ["acc": -.infinity],
      ["acc5": 90],
      ["target_acc": 90], ["acc": .nan], [:],
    ] as [[String: Double]] {
      #expect(RecordedAccuracy(scalars: scalars, texts: [:]) == nil, "\(scalars)")
    }
    #expect(RecordedAccuracy(scalars: [:], texts: ["acc": "91.5%"])?.percent == 91.5)
  }

  @Test func notesOfNestedDictionariesAreFlat() throws {
    func entry(_ key: String, _ value: CheckpointValue) -> CheckpointValue.Entry {
      CheckpointValue.Entry(key: key, value: value)
    }
    let weights = CheckpointValue.dictionary(NetworkChoiceTests.network())
    let root = CheckpointValue.dictionary([
      entry("epoch", .number(3)),
      entry("metrics", .dictionary([entry("val_acc", NetworkChoiceTests.tensor([], 0.5))])),
      entry("net", .dictionary([entry("weights", weights), entry("depth", .number(20))])),
      entry("optimizer", .dictionary([entry("lr", .number(0.1))])),
      entry(
        "callbacks",
        .dictionary([
          entry(
            "ModelCheckpoint",
            .dictionary([
              entry("monitor", .text("val_acc1")), entry("best_model_score", .number(0.75)),
            ]))
        ])),
    ])
    let network = try NetworkChoiceTests.taken(root)
    #expect(
      network.notes.scalars == [
        "epoch": 3, "metrics.val_acc": 0.5, "depth": 20, "callbacks.val_acc1": 0.75,
      ])
    #expect(network.otherParts.isEmpty)
  }
}
