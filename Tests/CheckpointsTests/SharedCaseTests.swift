import FileFormats
import Foundation
import TestSupport
import Testing

@testable import Checkpoints

/// Files as people's programs write them, made from public bug reports.
///
/// Most hold one small ResNet in some other way; then tensors and names must be those of the plain file.
@Suite(.enabled(if: SharedData.has("cases"), SharedData.note))
struct SharedCaseTests {
  static func read(_ path: String, part: String? = nil) throws -> CheckpointContents {
    try CheckpointFile.read(try SharedData.url("cases/\(path)").path, part: part)
  }

  /// The text of the error without the path.
  static func refusal(_ path: String, part: String? = nil) throws -> String {
    let file = try SharedData.url("cases/\(path)").path
    let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(file, part: part) }
    let text = error?.description ?? ""
    #expect(!text.contains("\n"))
    return String(text.dropFirst(file.count + 2))
  }

  static func expectBase(_ contents: CheckpointContents, base: String = "base/a.pth") throws {
    let base = try read(base)
    #expect(Set(contents.tensors.map(\.name)) == Set(base.tensors.map(\.name)))
    #expect(differing(contents, base).isEmpty)
  }

  /// Names of tensors with other elements.
  private static func differing(
    _ contents: CheckpointContents, _ base: CheckpointContents
  ) -> [String] {
    base.tensors.filter { contents[$0.name]?.array != $0.array }.map(\.name)
  }

  @Test(arguments: [
    "xla-numpy-tensors/a.pt", "location-cuda3-legacy/a.pth", "location-privateuse/a.pth",
    "sequential-prefix-1/a.pt", "compile-ddp/a.pth", "compile-inner/a.ckpt", "opacus-prefix/a.pth",
    "parameters-not-tensors/a.pth", "channels-last/a.pth", "numpy-best-acc/a.pth",
    "pickle-dump-of-tensors/a.pkl", "deflated-zip/a.pth", "zip-without-folder/a.pth",
    "class-names-state/a.pth",
  ])
  func formatsAndWrappersDoNotMatter(path: String) throws {
    let contents = try Self.read(path)
    try Self.expectBase(contents)
    #expect(contents.remarks.isEmpty)
  }

  @Test(arguments: [
    ("swa-averaged/a.pth", "counters are passed over: n_averaged"),
    ("ema-beside/a.pth", "takes 'state_dict'; also there: 'state_dict_ema' (`weights` chooses)"),
    ("ema-model-keys/a.pth", "takes 'model'; also there: 'ema' (`weights` chooses)"),
    (
      "two-nets/a.ckpt",
      "holds 2 networks and takes 'student'; also there: 'teacher' (`weights` chooses)"
    ),
  ])
  func whatWasTakenAndPassedOverIsSaid(path: String, remark: String) throws {
    let contents = try Self.read(path)
    try Self.expectBase(contents)
    #expect(contents.remarks == [remark])
  }

  @Test(arguments: [
    ("ema-beside/a.pth", "state_dict_ema"), ("ema-model-keys/a.pth", "ema"),
    ("two-nets/a.ckpt", "teacher"), ("two-nets/a.ckpt", "state_dict.teacher"),
    ("list-of-state-dicts/a.pth", "state_dict.1"),
  ])
  func otherPartsAreTakenByName(path: String, part: String) throws {
    let contents = try Self.read(path, part: part)
    let base = try Self.read("base/a.pth")
    #expect(contents.tensors.map(\.name) == base.tensors.map(\.name))
    #expect(Self.differing(contents, base).contains("conv1.weight"))
    #expect(!contents.otherParts.isEmpty)
  }

  @Test func listsOfStateDictsAreNamed() throws {
    #expect(
      try Self.refusal("list-of-state-dicts/a.pth")
        == "checkpoint: holds 2 state dicts ('state_dict.0', 'state_dict.1'), and none is the usual one; "
        + "choose one with `weights`")
    try Self.expectBase(try Self.read("list-of-state-dicts/a.pth", part: "state_dict.0"))
  }

  @Test func equalCopiesAreOneNetworkAndItsNormalisationIsRead() throws {
    let contents = try Self.read("normalizer-inside/a.pt")
    try Self.expectBase(contents)
    #expect(contents.normalization == "mean=0.49,0.48,0.45;std=0.2,0.2,0.2")
  }

  @Test func normalisationBesideTheLayersIsRead() throws {
    let contents = try Self.read("two-normalised-buffers-late/a.pth")
    #expect(contents.normalization == "mean=0.0,0.0,0.0;std=1.0,1.0,1.0")
    #expect(contents["mean"] == nil && contents["std"] == nil)
  }

  @Test func tensorsOfLossesArePassedOver() throws {
    let contents = try Self.read("loss-weights-beside/a.pth")
    #expect(contents["loss_fn.weight"] == nil)
    #expect(contents.remarks == ["tensors of the loss are passed over: loss_fn.weight"])
  }

  @Test func objectsOfOwnClassesArePassedOver() throws {
    let contents = try Self.read("own-config-class-beside/a.pth")
    #expect(contents.remarks == ["passes over config, an object of 'trainer.config.Cfg'"])
  }

  /// PyTorch's own result to the rounding of single precision: its norms are summed in another order.
  @Test(arguments: ["weight-norm-old/a.pth", "weight-norm-new/a.pth"])
  func weightNormIsFolded(path: String) throws {
    let contents = try Self.read(path)
    let base = try Self.read("base/a.pth")
    #expect(contents.tensors.map(\.name) == base.tensors.map(\.name))
    for tensor in base.tensors {
      let values = contents[tensor.name]?.floats() ?? []
      #expect(
        zip(values, tensor.floats()).allSatisfy { abs($0 - $1) <= 4 * $1.ulp }, "\(tensor.name)")
    }
    #expect(contents.remarks.count == 1)
  }

  @Test func aliasesAreBothThere() throws {
    let contents = try Self.read("tied-layers-safetensors-alias/a.safetensors")
    let arrays = ["fc2.weight", "fc3.weight"].map { contents[$0]?.array.bytes }
    #expect(arrays[0] == arrays[1])
    #expect(
      contents.tensors.map(\.name)
        == ["fc1", "fc2", "fc3", "fc4"].flatMap { ["\($0).bias", "\($0).weight"] })
  }

  @Test func arraysWithoutNamesAreInTheirOrder() throws {
    let contents = try Self.read("flower-npz/round-3-weights.npz")
    let base = try Self.read("base/a.pth")
    let weights = base.tensors.filter { !$0.name.hasSuffix("num_batches_tracked") }
    #expect(zip(contents.tensors, weights).allSatisfy { $0.array == $1.array })
    #expect(contents.tensors.count == weights.count)
    #expect(contents.tensors.last?.name == "arr_43")
    #expect(contents.remarks.first?.hasPrefix("counters are passed over: arr_5") == true)
  }

  @Test(arguments: [
    ("git-lfs-pointer/a.safetensors", "git lfs pull"),
    ("git-lfs-pointer-pth/a.pth", "git lfs pull"),
    ("complex-tensor/a.pth", "tensor 'freqs': is a complex tensor"),
    ("sparse-tensor/a.pth", "tensor 'linear.weight': is a sparse tensor"),
    ("sparse-tensor/a.pth", "to_dense()"),
    ("quantized-dynamic/a.pth", "the network is quantised"),
    ("quantized-dynamic/a.pth", "save the state_dict() of the float model"),
    ("optimizer-only/a.pth", "holds the state of an optimizer"),
    ("tar-gz-around/a.tar.gz", "is a gzip archive; unpack it"),
    ("msgpack-flax/a.msgpack", "is a file of Flax (MessagePack); export the weights"),
    ("tf-index/model.ckpt", "is neither PyTorch, safetensors nor npz"),
    ("folder-as-model/ck", "is a folder without config.json; give the file in it: "),
    ("folder-as-model/ck", "pytorch_model.bin"),
  ])
  func otherFilesAreNamed(path: String, text: String) throws {
    let refusal = try Self.refusal(path)
    #expect(refusal.contains(text), "\(refusal)")
  }

  @Test func recordedAccuracyIsRead() throws {
    #expect(
      try Self.read("recorded-accuracy-contradicts/a.th").recordedAccuracy
        == RecordedAccuracy(key: "acc", percent: 93.02))
  }
}
