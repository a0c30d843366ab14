import ComputationGraph
import Foundation
import ModelImport
import NeuralNetworks
import ReferenceRuntime
import Testing

/// Which keys a query sees, by masks of truth values and of numbers: a query without any gives zeros, as in
/// PyTorch, but the lowest number that is not minus infinity hides nothing from a query that has no other.
@Suite struct AttentionMaskTests {
  private static let keys: [[Double]] = [[1, 0], [0.5, -1], [-0.25, 2]]
  private static let values: [Double] = [1, 10, 100]

  private static func node(
    _ operation: String, _ arguments: [(String, ArgumentValue)], _ output: String
  ) -> ProgramNode {
    ProgramNode(
      operation: "aten.\(operation).default",
      arguments: arguments.map { ProgramArgument(name: $0.0, isPositional: true, value: $0.1) },
      outputs: [output])
  }

  private static func buffer(
    _ name: String, _ shape: [Int], _ elements: [Double], _ element: ProgramElement = .real
  ) -> ProgramTensor {
    ProgramTensor(
      name: name, values: [name], kind: .buffer, element: element, shape: shape,
      elements: elements)
  }

  /// What two queries read with `mask`, `[2, 3]`, a tensor or made by nodes of the input `m`.
  private static func outputs(
    _ tensors: [ProgramTensor], _ nodes: [ProgramNode], data: [Double]
  ) throws -> [Double] {
    let program = GraphProgram(
      dialect: .aten,
      inputs: [
        ProgramInput(name: "q", element: .real, shape: [1, 1, 2, 2]),
        ProgramInput(name: "m", element: .real, shape: [1, 1, 2, 3]),
      ],
      tensors: tensors + [
        buffer("k", [1, 1, 3, 2], keys.flatMap { $0 }), buffer("v", [1, 1, 3, 1], values),
        ProgramTensor(
          name: "w", values: ["w"], kind: .parameter, element: .real, shape: [1], elements: nil),
      ],
      nodes: nodes + [node("mul", [("self", .value("o")), ("other", .value("w"))], "y")],
      outputs: ["y"], shapes: [:])
    let model = try Model(.definition(AnyModelDefinition(ImportedModel(program, name: "test"))))
    var graph = Graph()
    let nodes = try model.instantiate(batch: 1, mode: .inference, in: &graph)
    var inputs: [String: [Double]] = ["q": queries.flatMap { $0 }, "m": data, "w": [1]]
    inputs["k"] = keys.flatMap { $0 }
    inputs["v"] = values
    return ReferenceRuntime.evaluate(graph, outputs: [nodes.output], inputs: inputs)[0]
  }

  private static let queries: [[Double]] = [[0.5, 1], [2, -1]]

  private static let attention = node(
    "scaled_dot_product_attention",
    [
      ("query", .value("q")), ("key", .value("k")), ("value", .value("v")),
      ("attn_mask", .value("mask")),
    ], "o")

  /// The mean of the values of some keys by their scores.
  private static func expected(_ query: Int, _ seen: [Int], scored: Bool = true) -> Double {
    let weights = seen.map { key -> Double in
      let score = zip(queries[query], keys[key]).reduce(0) { $0 + $1.0 * $1.1 }
      return scored ? exp(score / 2.0.squareRoot()) : 1
    }
    guard !seen.isEmpty else { return 0 }
    return zip(weights, seen).reduce(0) { $0 + $1.0 * values[$1.1] } / weights.reduce(0, +)
  }

  private static func expect(_ found: [Double], _ wanted: [Double]) {
    for (x, y) in zip(found, wanted) {
      #expect(abs(x - y) <= 1e-12 * 100, "\(found), not \(wanted)")
    }
    #expect(found.count == wanted.count)
  }

  @Test func knownTruthValues() throws {
    let mask = Self.buffer("mask", [2, 3], [1, 0, 1, 0, 0, 0], .boolean)
    Self.expect(
      try Self.outputs([mask], [Self.attention], data: [0, 0, 0, 0, 0, 0]),
      [Self.expected(0, [0, 2]), 0])
  }

  @Test func truthValuesOfData() throws {
    let found = try Self.outputs(
      [],
      [Self.node("gt", [("self", .value("m")), ("other", .integer(0))], "mask"), Self.attention],
      data: [0, 0, 0, 1, 1, 0])
    Self.expect(found, [0, Self.expected(1, [0, 1])])
  }

  @Test func knownNumbers() throws {
    let infinite = -Double.infinity
    let mask = Self.buffer("mask", [2, 3], [infinite, infinite, infinite, 0, infinite, 0])
    Self.expect(
      try Self.outputs([mask], [Self.attention], data: [0, 0, 0, 0, 0, 0]),
      [0, Self.expected(1, [0, 2])])
  }

  @Test func theLowestNumberIsNotMinusInfinity() throws {
    let low = -Double(Float.greatestFiniteMagnitude)
    let mask = Self.buffer("mask", [2, 3], [low, low, low, 0, low, 0])
    Self.expect(
      try Self.outputs([mask], [Self.attention], data: [0, 0, 0, 0, 0, 0]),
      [Self.expected(0, [0, 1, 2], scored: false), Self.expected(1, [0, 2])])
  }

  /// `masked_fill(m > 0, -inf)`, added to scores by attention, or by hand before a safe softmax.
  @Test(arguments: [true, false])
  func numbersOfData(_ isDecomposed: Bool) throws {
    let mask = [
      Self.node("gt", [("self", .value("m")), ("other", .integer(0))], "hidden"),
      Self.node("zeros_like", [("self", .value("m"))], "zeros"),
      Self.node(
        "masked_fill",
        [
          ("self", .value("zeros")), ("mask", .value("hidden")), ("value", .real(-.infinity)),
        ], "mask"),
    ]
    let byHand = [
      Self.node(
        "transpose", [("self", .value("k")), ("dim0", .integer(-2)), ("dim1", .integer(-1))], "t"),
      Self.node("matmul", [("self", .value("q")), ("other", .value("t"))], "s"),
      Self.node("mul", [("self", .value("s")), ("other", .real(0.5.squareRoot()))], "scaled"),
      Self.node("add", [("self", .value("scaled")), ("other", .value("mask"))], "scores"),
      Self.node("_safe_softmax", [("self", .value("scores")), ("dim", .integer(-1))], "p"),
      Self.node("matmul", [("self", .value("p")), ("other", .value("v"))], "o"),
    ]
    let found = try Self.outputs(
      [], mask + (isDecomposed ? byHand : [Self.attention]), data: [1, 1, 1, 0, 1, 0])
    Self.expect(found, [0, Self.expected(1, [0, 2])])
  }

  /// The exporter of ONNX writes a safe softmax as one that is replaced where it is not a number.
  @Test func softmaxWithoutAnyScoreIsNotANumber() throws {
    let nodes = [
      Self.node("gt", [("self", .value("m")), ("other", .integer(0))], "hidden"),
      Self.node(
        "masked_fill",
        [("self", .value("m")), ("mask", .value("hidden")), ("value", .real(-.infinity))], "scores"),
      Self.node("softmax", [("self", .value("scores")), ("dim", .integer(-1))], "p"),
      Self.node("isnan", [("self", .value("p"))], "missing"),
      Self.node(
        "where",
        [("condition", .value("missing")), ("self", .value("zero")), ("other", .value("p"))], "safe"
      ),
      Self.node("matmul", [("self", .value("safe")), ("other", .value("v"))], "o"),
    ]
    let found = try Self.outputs(
      [Self.buffer("zero", [], [0])], nodes, data: [1, 1, 1, 1, 0, 0])
    Self.expect(found, [0, 55])
  }
}
