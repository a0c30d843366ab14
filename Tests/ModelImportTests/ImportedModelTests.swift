import ComputationGraph
import ModelImport
import NeuralNetworks
import ReferenceRuntime
import Testing

/// What reading a program decides by itself, on programs of a few operators.
@Suite struct ImportedModelTests {
  private static func argument(
    _ name: String, _ value: ArgumentValue, isPositional: Bool = true
  ) -> ProgramArgument {
    ProgramArgument(name: name, isPositional: isPositional, value: value)
  }

  private static func node(
    _ operation: String, _ arguments: [(String, ArgumentValue)], _ output: String
  ) -> ProgramNode {
    ProgramNode(
      operation: "aten.\(operation).default",
      arguments: arguments.map { argument($0.0, $0.1) }, outputs: [output])
  }

  private static func tensor(
    _ name: String, _ shape: [Int], _ kind: ProgramTensor.Kind = .parameter,
    elements: [Double]? = nil
  ) -> ProgramTensor {
    ProgramTensor(
      name: name, values: [name], kind: kind, element: .real, shape: shape, elements: elements)
  }

  private static func program(
    input shape: [Int?], _ tensors: [ProgramTensor], _ nodes: [ProgramNode],
    shapes: [String: [Int?]] = [:]
  ) -> GraphProgram {
    GraphProgram(
      dialect: .aten, inputs: [ProgramInput(name: "x", element: .real, shape: shape)],
      tensors: tensors, nodes: nodes, outputs: [nodes.last?.outputs.first ?? ""], shapes: shapes)
  }

  private static func model(_ program: GraphProgram) throws -> Model {
    try Model(.definition(AnyModelDefinition(ImportedModel(program, name: "test"))))
  }

  private static func ints(_ values: Int...) -> ArgumentValue { .list(values.map { .integer($0) }) }

  @Test func rolesAndFilterAxesFollowFromUse() throws {
    let model = try Self.model(
      Self.program(
        input: [1, 4],
        [
          Self.tensor("table", [4, 6]), Self.tensor("turned", [6, 6]), Self.tensor("scale", [6]),
          Self.tensor("shift", [6]), Self.tensor("up", [6, 3, 2, 2]),
        ],
        [
          // [in, out], [in, out] by a transposition of [out, in], then a transposed convolution [in, out, ..].
          Self.node("matmul", [("self", .value("x")), ("other", .value("table"))], "a"),
          Self.node(
            "transpose",
            [("self", .value("turned")), ("dim0", .integer(0)), ("dim1", .integer(1))], "t"),
          Self.node("matmul", [("self", .value("a")), ("other", .value("t"))], "b"),
          Self.node(
            "layer_norm",
            [
              ("input", .value("b")), ("normalized_shape", Self.ints(6)),
              ("weight", .value("scale")), ("bias", .value("shift")),
            ], "c"),
          Self.node("view", [("self", .value("c")), ("size", Self.ints(1, 6, 1, 1))], "d"),
          Self.node("conv_transpose2d", [("input", .value("d")), ("weight", .value("up"))], "e"),
        ]))
    let found = model.layout.segments.map { "\($0.name) \($0.role) \($0.filterAxis)" }
    #expect(
      found == [
        "table weight 1", "turned weight 0", "scale normScale 0", "shift normShift 0",
        "up weight 1",
      ])
    #expect(model.outputShape == [3, 2, 2])
  }

  @Test func frozenParametersAreNoneOfTheLayout() throws {
    let model = try Self.model(
      Self.program(
        input: [1, 2], [Self.tensor("w", [3, 2]), Self.tensor("held", [3], .frozen)],
        [
          Self.node(
            "linear",
            [("input", .value("x")), ("weight", .value("w")), ("bias", .value("held"))], "y")
        ]))
    #expect(model.layout.segments.map(\.name) == ["w"])
    #expect(model.bufferLayout.segments.map(\.name) == ["held"])
    #expect(model.bufferLayout.segments.map(\.role) == [.fixed])
  }

  @Test(arguments: [0, 1])
  func sumsOverTheSamplesAreRefusedAndOthersAreNot(_ axis: Int) throws {
    let program = Self.program(
      input: [nil, 4], [Self.tensor("w", [4])],
      [
        Self.node("mul", [("self", .value("x")), ("other", .value("w"))], "a"),
        Self.node(
          "mean",
          [("self", .value("a")), ("dim", Self.ints(axis)), ("keepdim", .boolean(true))], "y"),
      ], shapes: ["a": [nil, 4]])
    if axis == 0 {
      let error = #expect(throws: ImportError.self) {
        _ = try ImportedModel(program, name: "test")
      }
      #expect(error?.description.contains("holds the samples") == true)
    } else {
      #expect(try Self.model(program).outputShape == [1])
    }
  }

  /// `w` plus a known vector that is written through a view: `(0, 0, 5, 5)`.
  @Test func whatIsWrittenThroughAViewOfKnownNumbersCounts() throws {
    let program = Self.program(
      input: [1, 4], [Self.tensor("w", [4])],
      [
        Self.node("zeros", [("size", Self.ints(4))], "z"),
        Self.node(
          "slice", [("self", .value("z")), ("dim", .integer(0)), ("start", .integer(2))], "part"),
        Self.node("fill_", [("self", .value("part")), ("value", .integer(5))], "filled"),
        Self.node("add", [("self", .value("x")), ("other", .value("w"))], "a"),
        Self.node("add", [("self", .value("a")), ("other", .value("z"))], "y"),
      ])
    let model = try Self.model(program)
    var graph = Graph()
    let nodes = try model.instantiate(batch: 2, mode: .inference, in: &graph)
    let found = ReferenceRuntime.evaluate(
      graph, outputs: [nodes.output],
      inputs: ["x": [1, 2, 3, 4, 10, 20, 30, 40], "w": [0, 100, 0, 0]])
    #expect(found[0] == [1, 102, 8, 9, 10, 120, 35, 45])
  }

  @Test(arguments: [true, false])
  func writingIntoAPartOfDataIsRefusedWhereTheWholeIsUsedAgain(_ usesAgain: Bool) throws {
    let program = Self.program(
      input: [1, 4], [Self.tensor("w", [4])],
      [
        Self.node("mul", [("self", .value("x")), ("other", .value("w"))], "a"),
        Self.node(
          "slice", [("self", .value("a")), ("dim", .integer(1)), ("start", .integer(2))], "part"),
        Self.node("relu_", [("self", .value("part"))], "positive"),
        Self.node(
          "sum", [("self", .value(usesAgain ? "a" : "positive")), ("dim", Self.ints(1))], "s"),
        Self.node(
          "sum", [("self", .value("positive")), ("dim", Self.ints(1))], "p"),
        Self.node("add", [("self", .value("s")), ("other", .value("p"))], "y"),
      ])
    if usesAgain {
      let error = #expect(throws: ImportError.self) {
        _ = try ImportedModel(program, name: "test")
      }
      #expect(error?.description.contains("run_decompositions") == true)
    } else {
      _ = try ImportedModel(program, name: "test")
    }
  }

  /// Axes of a batch in the middle, as of recurrent layers: samples are the same alone and together.
  @Test func samplesStayApartWhereverTheBatchAxisLies() throws {
    let program = Self.program(
      input: [1, 3, 2], [Self.tensor("w", [2, 2])],
      [
        Self.node(
          "transpose",
          [("self", .value("x")), ("dim0", .integer(0)), ("dim1", .integer(1))], "t"),
        Self.node("linear", [("input", .value("t")), ("weight", .value("w"))], "a"),
        Self.node("softmax", [("self", .value("a")), ("dim", .integer(0))], "b"),
        Self.node("sum", [("self", .value("b")), ("dim", Self.ints(2))], "c"),
        Self.node("t", [("self", .value("c"))], "y"),
      ])
    let model = try Self.model(program)
    let data: [[Double]] = [[1, -2, 0.5, 3, -1, 2], [0.3, 0.1, -4, 1, 2, 2.5]]
    let weights: [Double] = [0.5, -1, 2, 0.25]
    func outputs(_ samples: [[Double]]) throws -> [Double] {
      var graph = Graph()
      let nodes = try model.instantiate(batch: samples.count, mode: .inference, in: &graph)
      return ReferenceRuntime.evaluate(
        graph, outputs: [nodes.output], inputs: ["x": samples.flatMap { $0 }, "w": weights])[0]
    }
    #expect(model.outputShape == [3])
    #expect(try outputs(data) == data.flatMap { try outputs([$0]) })
  }
}
