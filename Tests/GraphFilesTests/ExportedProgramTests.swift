import Checkpoints
import FileFormats
import ModelImport
import Testing

@testable import GraphFiles

/// A small program as PyTorch 2.15 writes it, and in the layouts of 2.6 and 2.8.
@Suite(.serialized) struct ExportedProgramTests {
  static let files = ["small.pt2", "small-2.6.pt2", "small-2.8.pt2"]

  @Test(arguments: files)
  func parametersHaveOrderAndNamesOfTheStateDict(file: String) throws {
    let graph = try GraphFile.read(Fixture.path(file))
    #expect(
      graph.program.tensors.map(\.name) == [
        "frozen", "transposed", "strided", "short", "unused", "first.weight", "first.bias", "mask",
        "table", "constant",
      ])
    #expect(
      graph.program.tensors.map(\.kind) == [
        .frozen, .parameter, .parameter, .parameter, .parameter, .parameter, .parameter, .buffer,
        .constant, .constant,
      ])
    #expect(
      graph.tensors.map(\.name) == graph.program.tensors.filter { $0.kind != .constant }.map(\.name)
    )
    #expect(graph.contents.tensors == graph.tensors)
    #expect(graph.sha256 == (try SHA256.hexDigest(ofFile: Fixture.path(file))))
  }

  @Test(arguments: files)
  func tiedParametersAreOneWithTwoNames(file: String) throws {
    let program = try GraphFile.read(Fixture.path(file)).program
    let tied = try #require(program.tensors.first { $0.name == "first.weight" })
    #expect(tied.aliases == ["second.weight"])
    #expect(tied.values == ["p_first_weight", "p_second_weight"])
  }

  @Test(arguments: files)
  func stridedAndTransposedTensorsAreReadInOrder(file: String) throws {
    let tensors = Dictionary(
      uniqueKeysWithValues: try GraphFile.read(Fixture.path(file)).tensors.map { ($0.name, $0) })
    #expect(tensors["frozen"]?.floats() == Fixture.fill(3, from: 2))
    #expect(tensors["transposed"]?.shape == [2, 3])
    #expect(tensors["transposed"]?.floats() == [3, 3.5, 4, 3.25, 3.75, 4.25])
    #expect(tensors["strided"]?.shape == [2, 2])
    #expect(tensors["strided"]?.floats() == [1.25, 1.75, 2.25, 2.75])
    #expect(tensors["short"]?.type == .bfloat16)
    #expect(tensors["short"]?.floats() == Fixture.fill(3))
    #expect(tensors["first.weight"]?.floats() == Fixture.fill(9))
    #expect(tensors["mask"]?.type == .bool)
  }

  @Test(arguments: files)
  func constantsAndBuffersCarryTheirElements(file: String) throws {
    let tensors = try GraphFile.read(Fixture.path(file)).program.tensors
    let constant = try #require(tensors.first { $0.name == "constant" })
    #expect(constant.element == .integer && constant.shape == [3])
    // 2^63 - 1 is no Double; the number below it fits Int.
    #expect(constant.elements == [1, -2, 0x1p63.nextDown])
    let mask = try #require(tensors.first { $0.name == "mask" })
    #expect(mask.element == .boolean && mask.elements == [1, 0, 1])
    let table = try #require(tensors.first { $0.name == "table" })
    #expect(table.element == .real && table.elements == [5, 5.25, 5.5])
    #expect(tensors.allSatisfy { ($0.elements == nil) == [.parameter, .frozen].contains($0.kind) })
  }

  @Test(arguments: files)
  func nodesAreThoseOfTheFile(file: String) throws {
    let program = try GraphFile.read(Fixture.path(file)).program
    #expect(program.dialect == .aten)
    #expect(program.inputs == [ProgramInput(name: "x", element: .real, shape: [1, 3])])
    let linear = try #require(program.nodes.first { $0.operation == "aten.linear.default" })
    #expect(linear.module == "first")
    #expect(linear.source == "y = self.second(self.first(x)) * scale")
    #expect(linear.arguments.map(\.name) == ["input", "weight", "bias"])
    // The graph uses the last of the names of a tied weight.
    #expect(
      linear.arguments.map(\.value) == [
        .value("x"), .value("p_second_weight"), .value("p_first_bias"),
      ])
    let choice = try #require(program.nodes.first { $0.operation == "aten.where.ScalarOther" })
    #expect(choice.arguments[2].value == .real(-.infinity))
    let sum = try #require(program.nodes.first { $0.operation == "aten.sum.dim_IntList" })
    #expect(sum.arguments[1].value == .list([.integer(0)]))
    #expect(program.shapes["linear"] == [1, 3])
  }

  @Test(arguments: files)
  func resultsKeepTheirPlaces(file: String) throws {
    let program = try GraphFile.read(Fixture.path(file)).program
    #expect(program.outputs.count == 4)
    #expect(program.outputs.map(\.isEmpty) == [false, true, false, true])
    #expect(program.shapes[program.outputs[0]] == [1, 2])
    #expect(program.updates.isEmpty)
  }

  @Test(arguments: files)
  func whatRunsWithoutGradientIsWrittenOutAndDetached(file: String) throws {
    let program = try GraphFile.read(Fixture.path(file)).program
    let operations = program.nodes.map(\.operation)
    #expect(!operations.contains { $0.hasPrefix("higher_order") })
    let detached = try #require(program.nodes.firstIndex { $0.operation == "aten.detach.default" })
    let sum = program.nodes[detached - 1]
    #expect(sum.operation == "aten.cumsum.default")
    #expect(program.nodes[detached].arguments.map(\.value) == [.value(sum.outputs[0])])
    #expect(
      program.nodes[detached - 2].arguments.map(\.value) == [.value("x"), .value("p_frozen")])
    #expect(program.shapes[sum.outputs[0]] == [1, 3])
    // Every operand is an input, a tensor or an earlier result.
    var known = Set(program.inputs.map(\.name) + program.tensors.flatMap(\.values))
    for node in program.nodes {
      for case .value(let name) in node.arguments.map(\.value) { #expect(known.contains(name)) }
      known.formUnion(node.outputs)
    }
  }

  @Test func newValuesOfBuffersAreNoResults() throws {
    let program = try GraphFile.read(Fixture.path("moving.pt2")).program
    #expect(program.outputs.count == 1)
    #expect(
      Set(program.updates.keys) == [
        "norm.running_mean", "norm.running_var", "norm.num_batches_tracked",
      ])
    #expect(program.tensors.map(\.name).prefix(2) == ["norm.weight", "norm.bias"])
  }

  @Test(arguments: files)
  func graphsAreRecognisedByContent(file: String) {
    #expect(GraphFile.isGraphFile(Fixture.path(file)))
    #expect(!GraphFile.isGraphFile(Fixture.path("generate.py")))
    #expect(!GraphFile.isGraphFile(Fixture.path("missing.pt2")))
  }
}
