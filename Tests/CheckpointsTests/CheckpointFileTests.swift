import FileFormats
import Foundation
import TestSupport
import Testing

@testable import Checkpoints

@Suite struct CheckpointFileTests {
  static func expectTinyNetwork(_ contents: CheckpointContents, prefix: String = "") {
    #expect(contents.strippedPrefix == prefix)
    let names = [
      "conv.weight", "bn.weight", "bn.running_mean", "bn.num_batches_tracked", "fc.weight",
    ]
    #expect(contents.tensors.map(\.name) == names)
    #expect(contents["conv.weight"]?.shape == [2, 1, 2, 2])
    #expect(contents["conv.weight"]?.floats() == Fixture.fill(8))
    #expect(contents["bn.weight"]?.floats() == Fixture.fill(2, from: 1))
    #expect(contents["bn.running_mean"]?.floats() == Fixture.fill(2, from: -1))
    #expect(contents["bn.num_batches_tracked"]?.shape == [])
    #expect(contents["bn.num_batches_tracked"]?.type == .int64)
    #expect(contents["bn.num_batches_tracked"]?.integers() == [7])
    #expect(contents["fc.weight"]?.shape == [3, 2])
    #expect(contents["fc.weight"]?.floats() == Fixture.fill(6, from: 2))
  }

  @Test(arguments: [
    ("zip.pt", CheckpointContents.Format.pyTorchZip), ("legacy.pt", .pyTorchLegacy),
    ("arrays.pkl", .pickle), ("arrays.npz", .npz),
  ])
  func bareStateDictsAreRead(name: String, format: CheckpointContents.Format) throws {
    let contents = try Fixture.read(name)
    #expect(contents.format == format)
    #expect(contents.sha256 == (try SHA256.hexDigest(ofFile: Fixture.path(name))))
    // A pickled NumPy scalar is read as a number, not as a tensor.
    if format != .pickle { Self.expectTinyNetwork(contents) }
    #expect(contents["fc.weight"]?.floats() == Fixture.fill(6, from: 2))
  }

  @Test(arguments: ["types.pt", "types-legacy.pt", "types.safetensors"])
  func everyElementTypeIsRead(name: String) throws {
    let contents = try Fixture.read(name)
    for tensor in contents.tensors where tensor.name != "bool" {
      #expect(tensor.type.rawValue == tensor.name)
      let expected: [Float] = tensor.type.isFloatingPoint ? [0, 0.25, 0.5, 0.75] : [0, 0, 0, 0]
      #expect(tensor.floats() == expected, "\(tensor.name)")
    }
    #expect(contents["bool"]?.integers() == [1, 0, 1, 1])
    #expect(contents.tensors.count == (name == "types-legacy.pt" ? 10 : 11))
  }

  @Test(arguments: ["views.pt", "views-legacy.pt"])
  func stridedAndSharedStoragesAreRead(name: String) throws {
    let contents = try Fixture.read(name)
    let base = Fixture.fill(12)
    #expect(contents["whole"]?.floats() == base)
    #expect(contents["transposed"]?.shape == [4, 3])
    #expect(
      contents["transposed"]?.floats() == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11].map { base[$0] })
    #expect(contents["column"]?.floats() == [1, 5, 9].map { base[$0] })
    #expect(contents["block"]?.floats() == [5, 6, 9, 10].map { base[$0] })
    #expect(contents["expanded"]?.floats() == [0, 0, 0, 0.25, 0.25, 0.25])
    #expect(contents["scalar"]?.floats() == [base[11]])
    #expect(contents["empty"]?.shape == [0, 5])
    #expect(contents["parameter"]?.floats() == Array(base[8...]))
  }

  @Test func trainingStatesAreSearched() throws {
    let parallel = try Fixture.read("parallel.pt")
    Self.expectTinyNetwork(parallel, prefix: "module.")
    #expect(parallel.scalars == ["epoch": 12, "best_prec1": 91.5, "best_acc1": 76.5, "done": 1])
    #expect(parallel.metadata == ["arch": "tiny"])

    let lightning = try Fixture.read("lightning.ckpt")
    Self.expectTinyNetwork(lightning, prefix: "model._orig_mod.")
    #expect(
      lightning.scalars == ["epoch": 3, "global_step": 400, "hyper_parameters.lr": 0.1])
    #expect(lightning.metadata == ["pytorch-lightning_version": "2.2.0"])

    let nested = try Fixture.read("nested.t7")
    Self.expectTinyNetwork(nested, prefix: "module.")
    #expect(nested.scalars == ["acc": 91, "epoch": 5])
  }

  @Test func objectsAmongTheTensorsArePassedOver() throws {
    let contents = try Fixture.read("object.pt")
    Self.expectTinyNetwork(contents)
    #expect(contents.remarks == ["passes over extra, an object of 'argparse.Namespace'"])
  }

  @Test func writtenTensorsAreReadBack() throws {
    let contents = try Fixture.read("zip.pt")
    let path = try temporaryPath("model.ckpt")
    try CheckpointFile.write(contents.tensors, metadata: ["architecture": "tiny"], to: path)
    let read = try CheckpointFile.read(path)
    #expect(read.format == .safetensors)
    #expect(read.metadata == ["architecture": "tiny"])
    #expect(Set(read.tensors.map(\.name)) == Set(contents.tensors.map(\.name)))
    for tensor in contents.tensors { #expect(read[tensor.name] == tensor) }
  }

  @Test func nonFiniteElementsAreFound() {
    let tensors = [
      StoredTensor(name: "count", array: NumericArray([1])),
      StoredTensor(name: "good", array: NumericArray([1, -.greatestFiniteMagnitude] as [Float])),
      StoredTensor(name: "huge", array: NumericArray([0, 1e300] as [Double])),
    ]
    #expect(firstNonFinite(in: Array(tensors.prefix(2))) == nil)
    #expect(
      firstNonFinite(in: tensors)
        == NonFiniteElement(tensor: "huge", index: 1, value: .infinity))
    #expect(firstNonFinite(in: tensors)?.description == "tensor 'huge' holds inf at element 1")
  }
}

@Suite(.enabled(if: SharedData.has("checkpoints"), SharedData.note))
struct PublishedCheckpointTests {
  /// The digests are those of names and values as torch.load reads them from the same files.
  @Test(arguments: [
    (
      "resnet20-12fca82f.th", 97,
      "d190fcb8478dc11c803c7034ad0b3ea771a0fb95fb49c8b2455825e8d665c4af"
    ),
    (
      "resnet32-d509ac18.th", 157,
      "b9da581e6a083f644a49577c292f48710a9f22e6bd667d4237d0859ee1a1cfff"
    ),
  ])
  func everyValueEqualsThatOfPyTorch(name: String, count: Int, digest: String) throws {
    let path = try SharedData.url("checkpoints/\(name)").path
    let contents = try CheckpointFile.read(path)
    #expect(contents.format == .pyTorchLegacy)
    #expect(contents.strippedPrefix == "module.")
    #expect(contents.tensors.count == count)
    #expect(contents.tensors.first?.name == "conv1.weight")
    #expect(contents.tensors.first?.shape == [16, 3, 3, 3])
    #expect(contents["linear.weight"]?.shape == [10, 64])
    #expect(firstNonFinite(in: contents.tensors) == nil)
    var bytes: [UInt8] = []
    for tensor in contents.tensors {
      bytes += Array(tensor.name.utf8) + [0]
      bytes += tensor.array.bytes
    }
    #expect(SHA256.hexDigest(of: bytes) == digest)
  }

  @Test func scalarsBesideTheWeightsAreRead() throws {
    let path = try SharedData.url("checkpoints/resnet20-12fca82f.th").path
    let contents = try CheckpointFile.read(path)
    #expect(contents.scalars == ["best_prec1": 91.78000183105469])
    #expect(
      contents["conv1.weight"].map { Array($0.floats().prefix(3)) }
        == [-0.13818146288394928, -0.1624176800251007, 0.8207383155822754])
  }
}
