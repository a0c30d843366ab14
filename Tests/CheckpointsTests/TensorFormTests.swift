import FileFormats
import Testing

@testable import Checkpoints

/// Tensors as devices, other picklers and other programs write them (`generate_forms.py`).
@Suite struct TensorFormTests {
  @Test(arguments: [
    "device-numpy.pt", "device-host.pt", "tensors.pkl", "tensors-shared.pkl", "subclass.pt",
    "parameters.pt", "settings.pt", "settings-legacy.pt", "alias.safetensors",
  ])
  func formsOfTensorsDoNotMatter(name: String) throws {
    let contents = try Fixture.read(name)
    #expect(contents["first.weight"]?.shape == [2, 3])
    #expect(contents["first.weight"]?.floats() == Fixture.fill(6))
    #expect(contents["last.weight"]?.shape == [2, 2])
    #expect(contents["last.weight"]?.floats() == Fixture.fill(4, from: 1))
  }

  @Test func tiedTensorsAreTwoNames() throws {
    let pickled = try Fixture.read("tensors-shared.pkl")
    #expect(pickled["tied"] == StoredTensor(name: "tied", array: try Self.last(pickled).array))
    let aliases = try Fixture.read("alias.safetensors")
    #expect(aliases.tensors.map(\.name) == ["first.weight", "last.weight", "middle.weight"])
    #expect(aliases["middle.weight"]?.array == (try Self.last(aliases)).array)
    #expect(aliases.metadata == ["format": "pt"])
  }

  private static func last(_ contents: CheckpointContents) throws -> StoredTensor {
    try #require(contents["last.weight"])
  }

  @Test(arguments: ["settings.pt", "settings-legacy.pt"])
  func objectsBesideTheWeightsAreNamedAndTheirNumbersRead(name: String) throws {
    let contents = try Fixture.read(name)
    #expect(contents.remarks == ["passes over settings, an object of '__main__.Settings'"])
    #expect(contents.scalars["settings.lr"] == 0.5)
    #expect(contents.scalars["settings.inner.depth"] == 20)
    #expect(contents.metadata == ["settings.name": "tiny"])
  }

  @Test func listsOfArraysAreNamedByTheirOrder() throws {
    let contents = try Fixture.read("list.pkl")
    #expect(contents.tensors.map(\.name) == ["arr_0", "arr_1"])
    #expect(contents["arr_1"]?.floats() == Fixture.fill(4, from: 1))
  }

  @Test func arraysThatAreNoNetworkAreReadAsTheyAre() throws {
    let list = try CheckpointFile.readArrays(Fixture.path("list.pkl"))
    #expect(list.tensors.map(\.name) == ["0", "1"])
    #expect(list["1"]?.floats() == Fixture.fill(4, from: 1))
    let types = try CheckpointFile.readArrays(Fixture.path("types.pt"))
    #expect(types["uint8"]?.type == .uint8)
    #expect(types["bool"]?.integers() == [1, 0, 1, 1])
  }

  @Test func arraysWithoutNamesAreInTheOrderOfTheirNumbers() throws {
    let contents = try Fixture.read("ordered.npz")
    #expect(contents.tensors.map(\.name) == (0..<12).map { "arr_\($0)" })
    #expect(contents.tensors.map { $0.floats()[0] } == (0..<12).map { Float($0) })
  }

  @Test(arguments: [
    ("kind-complex.pt", "tensor 'odd': is a complex tensor"),
    ("kind-complex-legacy.pt", "tensor 'odd': is a complex tensor"),
    (
      "kind-sparse.pt",
      "tensor 'odd': is a sparse tensor, which no network here has; save it as odd.to_dense()"
    ),
    ("kind-sparse-legacy.pt", "tensor 'odd': is a sparse tensor"),
    ("kind-rows.pt", "tensor 'odd': is a sparse tensor"),
    (
      "kind-quantised.pt",
      "tensor 'odd' is quantised, so it has no derivatives; save the state_dict()"
    ),
    ("kind-quantised-legacy.pt", "tensor 'odd' is quantised"),
    ("kind-meta.pt", "tensor 'odd': is a tensor without data (device meta)"),
    ("kind-float8.pt", "tensor 'odd': is a tensor of 8-bit floats"),
  ])
  func tensorsThatNoNetworkHasAreNamed(name: String, text: String) {
    let refusal = RefusedCheckpointTests.refusal(name) ?? ""
    #expect(refusal.contains(text), "\(refusal)")
  }
}

/// What may stand in a file: nothing is run, but not everything is read.
@Suite struct GlobalPolicyTests {
  @Test(arguments: [
    "posix.system", "os.popen", "builtins.eval", "__builtin__.exec", "subprocess.Popen",
    "importlib.import_module", "pickle.loads", "types.CodeType", "functools.reduce",
    "torch.hub.load", "torch.load", "torch.serialization.load", "numpy.load",
    "dill._dill._create_code",
    "builtins.__import__", "operator.methodcaller", "runpy._run_code", "copyreg.add_extension",
  ])
  func whatRunsProgramsIsRefused(name: String) {
    #expect(PyTorchGlobals.isDangerous(name))
  }

  @Test(arguments: [
    "__main__.Net", "models.resnet.ResNet", "torch.nn.modules.conv.Conv2d", "builtins.getattr",
    "__builtin__.object", "functools.partial", "torch._utils._rebuild_tensor_v2",
    "argparse.Namespace",
    "copy_reg._reconstructor", "torch.serialization._get_layout", "numpy.dtype", "ossaudio.Net",
  ])
  func whatDescribesValuesIsRead(name: String) {
    #expect(!PyTorchGlobals.isDangerous(name))
  }

  @Test func filesOfOtherPicklersSayWhatToSave() {
    let error = CheckpointError(
      "a.pt",
      FileFormatError(.refusedGlobal("dill._dill._create_type"), format: "pickle", "names it"))
    #expect(error.detail.hasSuffix("save model.state_dict() with torch.save"))
  }
}

/// Weights that files hold as functions of other tensors, against what PyTorch computes of them.
@Suite struct FoldedWeightTests {
  /// The rounding of sums in another order: a few units in the last place of the largest weight.
  static func expectEqual(_ found: [Float], _ expected: [Float], _ name: String) {
    #expect(found.count == expected.count, "\(name)")
    let size = expected.map(abs).max() ?? 0
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 4 * size.ulp }, "\(name)")
  }

  @Test(arguments: [
    ("reparametrized-old.pt", "reparametrized-old.safetensors"),
    ("reparametrized-new.pt", "reparametrized-new.safetensors"),
    ("reparametrized-module.pt", "reparametrized-old.safetensors"),
  ])
  func weightsAreThoseOfPyTorch(name: String, reference: String) throws {
    let contents = try Fixture.read(name)
    let expected = try Fixture.read(reference)
    #expect(Set(contents.tensors.map(\.name)) == Set(expected.tensors.map(\.name)))
    for tensor in expected.tensors {
      Self.expectEqual(contents[tensor.name]?.floats() ?? [], tensor.floats(), tensor.name)
    }
    #expect(contents.remarks.contains { $0.hasPrefix("weight norm: folded into norm.weight") })
    #expect(
      contents.remarks.contains { $0.hasPrefix("spectral norm: folded into spectral.weight") })
  }

  @Test func weightsStandInFrontOfTheirBiases() throws {
    let names = try Fixture.read("reparametrized-old.pt").tensors.map(\.name)
    #expect(names.prefix(4) == ["norm.weight", "norm.bias", "norm_all.weight", "norm_all.bias"])
  }

  @Test func unknownParametrizationsAreRefused() {
    let refusal = RefusedCheckpointTests.refusal("orthogonal.pt") ?? ""
    #expect(refusal.contains("belongs to a parametrization that is not known"), "\(refusal)")
  }

  private func tensor(_ name: String, _ values: [Float], _ shape: [Int]) -> StoredTensor {
    StoredTensor(name: name, array: NumericArray(values, shape: shape))
  }

  @Test func valuesAreThoseComputedByHand() throws {
    let folded = try FoldedWeights([
      // g = (2, 10) and rows of length 5 and 10.
      tensor("a.weight_g", [2, 10], [2, 1]), tensor("a.weight_v", [3, 4, 6, 8], [2, 2]),
      tensor("b.weight_orig", [1, 2, 3, 4], [2, 2]),
      tensor("b.weight_mask", [1, 0, 0, 1], [2, 2]),
      // u^T W v = 2.
      tensor("c.weight_orig", [2, 1, 4, 6], [2, 2]), tensor("c.weight_u", [1, 0], [2]),
      tensor("c.weight_v", [1, 0], [2]),
      // v = W^T u / |W^T u| = (0.6, 0.8), so u^T W v is 5.
      tensor("d.weight_orig", [3, 4, 5, 10], [2, 2]), tensor("d.weight_u", [1, 0], [2]),
    ])
    #expect(folded.tensors.map(\.name) == ["a.weight", "b.weight", "c.weight", "d.weight"])
    let values = folded.tensors.map { $0.floats() }
    FoldedWeightTests.expectEqual(values[0], [1.2, 1.6, 6, 8], "a")
    #expect(values[1] == [1, 0, 0, 4])
    #expect(values[2] == [1, 0.5, 2, 3])
    FoldedWeightTests.expectEqual(values[3], [0.6, 0.8, 1, 2], "d")
  }

  @Test func masksBesideTheWeightAreFoldedAndOthersAreNot() throws {
    let weight = [Float](repeating: 2, count: 18)
    let mask = (0..<18).map { Float($0 % 2) }
    let folded = try FoldedWeights([
      tensor("a.weight", weight, [3, 6]), tensor("a.weight_mask", mask, [3, 6]),
      tensor("b.weight", weight, [3, 6]), tensor("b.mask", mask, [3, 6]),
      tensor("c.weight", weight, [3, 6]), tensor("c.mask", weight, [3, 6]),
      // Projections of an attention, not a weight norm.
      tensor("w_g", weight, [3, 6]), tensor("w_v", [1, 2], [2]),
    ])
    #expect(
      folded.tensors.map(\.name) == ["a.weight", "b.weight", "c.weight", "c.mask", "w_g", "w_v"])
    #expect(folded.tensors[0].floats() == mask.map { 2 * $0 })
    #expect(folded.tensors[1].floats() == mask.map { 2 * $0 })
  }

  @Test(arguments: [
    [("a.weight_orig", [2, 2]), ("a.weight_mask", [4])],
    [("a.weight_orig", [2, 2]), ("a.weight_u", [3])],
    [("a.weight_orig", [2, 2]), ("a.weight_u", [2]), ("a.weight_v", [3])],
    [("a.weight_orig", [0, 2]), ("a.weight_u", [0])],
    [
      ("a.parametrizations.weight.original0", [2, 2, 1]),
      ("a.parametrizations.weight.original1", [2, 2]),
    ],
  ])
  func shapesThatDoNotBelongTogetherAreErrors(shapes: [(String, [Int])]) {
    let tensors = shapes.map { name, shape in
      tensor(name, [Float](repeating: 1, count: shape.reduce(1, *)), shape)
    }
    #expect(throws: FileFormatError.self) { try FoldedWeights(tensors) }
  }
}
