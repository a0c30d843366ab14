import Checkpoints
import FileFormats
import ModelImport
import ONNXMessages
import SwiftProtobuf
import Testing

@testable import GraphFiles

/// Models written by hand and by PyTorch's exporters, made by `Fixtures/generate_onnx.py`.
@Suite struct ONNXTests {
  private func read(_ name: String, constants: Set<String> = []) throws -> GraphFile {
    try GraphFile.read(Fixture.path(name), constants: constants)
  }

  private func names(_ graph: GraphFile, _ kind: ProgramTensor.Kind) -> [String] {
    graph.program.tensors.filter { $0.kind == kind }.map(\.name)
  }

  @Test func tensorsOfEveryFormAreRead() throws {
    let graph = try read("small.onnx")
    let tensors = Dictionary(uniqueKeysWithValues: graph.tensors.map { ($0.name, $0) })
    #expect(tensors["conv.weight"]?.shape == [2, 1, 1, 1])
    #expect(tensors["conv.weight"]?.floats() == [1, 1.25])
    #expect(tensors["norm.bias"]?.type == .float16 && tensors["norm.bias"]?.floats() == [0.5, -2])
    #expect(tensors["norm.scale"]?.type == .float64 && tensors["norm.scale"]?.floats() == [1, 3])
    #expect(tensors["norm.var"]?.type == .bfloat16 && tensors["norm.var"]?.floats() == [1, 2])
    #expect(tensors["norm.mean"]?.floats() == Fixture.fill(2, from: -1))
    #expect(tensors["fc.weight"]?.floats() == Fixture.fill(4, from: 5))
    #expect(tensors["fc.bias"]?.floats() == Fixture.fill(2, from: 8))
    let elements = Dictionary(
      uniqueKeysWithValues: graph.program.tensors.map { ($0.name, $0.elements) })
    #expect(elements["flag"] == [1, 0])
    #expect(elements["ends"] == [0x1p63.nextDown, -0x1p63])
    #expect(elements["bytes"] == [200, 3])
    #expect(elements["shorts"] == [-5, 6])
    #expect(elements["words"] == [4_294_967_295])
    #expect(elements["conv.weight"] == .some(nil))
    #expect(
      graph.program.tensors.map(\.element).prefix(7) == [
        .real, .real, .real, .real, .boolean, .integer, .integer,
      ])
  }

  @Test func statisticsAndSettingsAreNoParameters() throws {
    let graph = try read("small.onnx")
    #expect(
      names(graph, .parameter) == [
        "conv.weight", "norm.bias", "norm.scale", "table", "fc.weight", "fc.bias",
      ])
    #expect(names(graph, .buffer) == ["norm.var", "norm.mean"])
    #expect(names(graph, .constant) == ["flag", "ends", "bytes", "shorts", "words", "lowest"])
    #expect(graph.doubtfulNames == ["table"] && graph.foldedNames.isEmpty)
    let told = try read("small.onnx", constants: ["table"])
    #expect(names(told, .buffer) == ["norm.var", "norm.mean", "table"])
    #expect(told.doubtfulNames.isEmpty)
    #expect(throws: CheckpointError.self) { try read("small.onnx", constants: ["no such"]) }
  }

  @Test func theOnlyIdentityOfATensorIsItsName() throws {
    let program = try read("small.onnx").program
    #expect(program.tensors.first { $0.name == "table" }?.values == ["table", "renamed"])
    #expect(!program.nodes.contains { $0.outputs == ["renamed"] })
  }

  @Test func inputsOutputsAndShapesAreThoseOfTheFile() throws {
    let program = try read("small.onnx").program
    #expect(program.dialect == .onnx(opset: 17))
    #expect(program.inputs == [ProgramInput(name: "x", element: .real, shape: [nil, 1, 3, 3])])
    #expect(program.outputs == ["output"])
    #expect(program.shapes["m"] == [nil, 2])
  }

  @Test func nodesHaveOperandsAndAttributes() throws {
    let nodes = try read("small.onnx").program.nodes
    let conv = nodes[0]
    #expect(conv.operation == "Conv" && conv.module == "conv")
    #expect(conv.arguments[0] == ProgramArgument(name: nil, isPositional: true, value: .value("x")))
    #expect(
      conv.arguments.first { $0.name == "kernel_shape" }?.value
        == .list([.integer(1), .integer(1)]))
    #expect(conv.arguments.first { $0.name == "auto_pad" }?.value == .text("VALID"))
    let norm = try #require(nodes.first { $0.operation == "BatchNormalization" })
    // Attributes are single precision.
    #expect(norm.arguments.first { $0.name == "epsilon" }?.value == .real(Double(1e-6 as Float)))
    let constants = nodes.filter { $0.operation == "Constant" && $0.outputs.count == 1 }
    #expect(
      constants.prefix(2).map { $0.arguments } == [
        [
          ProgramArgument(
            name: "value", isPositional: false,
            value: .tensor(.integer, shape: [2], elements: [2, 3]))
        ],
        [
          ProgramArgument(
            name: "value", isPositional: false, value: .tensor(.integer, shape: [1], elements: [1]))
        ],
      ])
    let product = try #require(nodes.first { $0.operation == "Gemm" })
    #expect(product.arguments.map(\.value) == [.value("t"), .value("fc.weight"), .none])
    let odd = try #require(nodes.last)
    #expect(odd.operation == "com.other.Odd")
    #expect(odd.arguments.first { $0.name == "body" }?.value == .unsupported("a subgraph"))
  }

  /// `t, same = Twice(m, fc.bias)` with `Twice(x, y) = (Shift(Shift(x, y, alpha 1/2), y), x)`.
  @Test func functionsAreWrittenOut() throws {
    let nodes = try read("small.onnx").program.nodes
    let start = try #require(nodes.firstIndex { $0.operation == "ReduceMean" }) + 1
    let body = nodes[start...]
    #expect(
      body.prefix(11).map(\.operation) == [
        "Constant", "LeakyRelu", "Mul", "Add", "Neg", "Constant", "LeakyRelu", "Mul", "Add", "Neg",
        "Identity",
      ])
    let units = body.filter { $0.operation == "LeakyRelu" }
    // The attribute of the first call; the second has none.
    #expect(units.map(\.arguments.count) == [2, 1])
    #expect(units.first?.arguments.last?.value == .real(0.5))
    #expect(units[0].arguments[0].value == .value("m"))
    let sums = body.filter { $0.operation == "Add" }
    #expect(sums.map { $0.arguments[1].value } == [.value("fc.bias"), .value("fc.bias")])
    #expect(units[1].arguments[0].value == .value(sums[0].outputs[0]))
    #expect(sums[1].outputs == ["t"])
    let copy = try #require(body.first { $0.operation == "Identity" })
    #expect(copy.arguments[0].value == .value("m") && copy.outputs == ["same"])
    #expect(body.prefix(11).allSatisfy { $0.module == "blocks.0" })
    #expect(Set(nodes.flatMap(\.outputs)).count == nodes.flatMap(\.outputs).count)
  }

  // MARK: - PyTorch's exporters

  static let parameters: Set = [
    "offset", "conv.weight", "norm.weight", "norm.bias", "second.weight", "second.bias",
    "fc.weight", "fc.bias",
  ]

  @Test func notesOfTheExporterTellBuffersFromParameters() throws {
    let graph = try read("plain.onnx")
    #expect(Set(names(graph, .parameter)) == Self.parameters)
    #expect(names(graph, .buffer).contains("frequency"))
    #expect(graph.doubtfulNames.isEmpty && graph.foldedNames.isEmpty)
    let conv = try #require(graph.program.nodes.first { $0.operation == "Conv" })
    #expect(conv.module == "conv")
    #expect(conv.source == "y = torch.relu(self.norm(self.conv(x))).mean((2, 3))")
  }

  @Test func foldedAndMergedParametersAreNamed() throws {
    // conv.weight holds the norm behind it; offset and second.bias stand for equal tensors too.
    #expect(
      try read("folded.onnx").foldedNames == [
        "offset", "conv.weight", "second.bias", "cos", "abs_1",
      ])
    #expect(try read("traced-folded.onnx").foldedNames == ["onnx::Conv_28", "onnx::Conv_29"])
  }

  /// Names of the exporter are nobody else's; names of the model would be taken for its weights.
  @Test func weightsThatTheExporterMadeOpenWithAWarningAndChangedOnesDoNot() throws {
    let made = try read("traced-folded.onnx")
    #expect(made.changedNames.isEmpty)
    #expect(
      made.warnings().count == 1 && made.warnings()[0].contains("(onnx::Conv_28, onnx::Conv_29)"))
    #expect(made.warnings(weights: "step.pt").isEmpty)
    _ = try made.trainedModel(name: "made")
    let changed = try read("folded.onnx")
    #expect(changed.changedNames.contains("conv.weight"))
    #expect {
      try changed.trainedModel(name: "changed")
    } throws: {
      "\($0)".contains("weights are no longer the model's (offset, conv.weight, second.bias, ...)")
    }
    #expect(try read("plain.onnx").warnings().isEmpty)
  }

  @Test func fusedNormsAreKnownByTheRuleThatFusedThem() throws {
    var model = try Onnx_ModelProto(serializedBytes: try Fixture.bytes("folded.onnx"))
    for index in model.graph.node.indices {
      model.graph.node[index].metadataProps.removeAll { $0.key.hasSuffix("fx_node") }
    }
    let (contents, _) = try ONNXReader.read(
      try model.serializedBytes(), path: "model.onnx", constants: [])
    #expect(contents.foldedNames.contains("conv.weight"))
  }

  @Test func identitiesOfMergedTensorsAreTensorsOfTheirOwn() throws {
    let graph = try read("traced.onnx")
    #expect(Set(names(graph, .parameter)) == Self.parameters.union(["frequency"]))
    #expect(
      names(graph, .buffer) == [
        "norm.running_mean", "norm.running_var", "second.running_mean", "second.running_var",
      ])
    #expect(graph.doubtfulNames == ["offset", "frequency"])
    #expect(graph.tensors.first { $0.name == "second.weight" }?.floats() == [1, 1])
    #expect(graph.tensors.first { $0.name == "second.running_mean" }?.floats() == [0, 0])
    #expect(!graph.program.nodes.contains { $0.operation == "Identity" })
  }

  @Test func theDigestIsThatOfModelAndSidecar() throws {
    let whole = try Fixture.bytes("small.onnx") + Fixture.bytes("small.onnx.data")
    #expect(try read("small.onnx").sha256 == SHA256.hexDigest(of: whole))
    #expect(try read("plain.onnx").sha256 == SHA256.hexDigest(of: Fixture.bytes("plain.onnx")))
  }

  @Test(arguments: ["small.onnx", "plain.onnx", "folded.onnx", "traced.onnx"])
  func modelsAreRecognisedByContent(file: String) throws {
    #expect(ONNXRecognition.isModel(ByteSource(try Fixture.bytes(file)[...], path: "model")))
  }

  @Test(arguments: ["small.pt2", "generate.py", "small.onnx.data"])
  func otherFilesAreNotTakenForModels(file: String) throws {
    #expect(!ONNXRecognition.isModel(ByteSource(try Fixture.bytes(file)[...], path: "model")))
  }
}
