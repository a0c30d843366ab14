import ComputationGraph
import Foundation
import ReferenceRuntime
import TestSupport
import Testing

/// Activations and comparisons equal their formulas, and their derivatives hold.
@Suite struct ActivationTests {
  struct Function: Sendable, CustomTestStringConvertible {
    let name: String
    let build: @Sendable (inout Graph, Value) throws(ShapeError) -> Value
    let formula: @Sendable (Double) -> Double
    var testDescription: String { name }

    init(
      _ name: String,
      _ build: @escaping @Sendable (inout Graph, Value) throws(ShapeError) -> Value,
      _ formula: @escaping @Sendable (Double) -> Double
    ) {
      self.name = name
      self.build = build
      self.formula = formula
    }
  }

  static let functions = [
    Function("abs", { g, x throws(ShapeError) in try g.absoluteValue(x) }, { abs($0) }),
    Function(
      "leaky ReLU", { g, x throws(ShapeError) in try g.leakyReLU(x, slope: 0.1) },
      { $0 > 0 ? $0 : 0.1 * $0 }),
    Function(
      "parametric ReLU",
      { g, x throws(ShapeError) in try g.parametricReLU(x, slopes: g.constant(-0.3, [1])) },
      { $0 > 0 ? $0 : -0.3 * $0 }),
    Function(
      "ELU", { g, x throws(ShapeError) in try g.elu(x, alpha: 0.7) },
      { $0 > 0 ? $0 : 0.7 * expm1($0) }),
    Function(
      "SELU", { g, x throws(ShapeError) in try g.selu(x) },
      { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * expm1($0)) }),
    Function("SiLU", { g, x throws(ShapeError) in try g.silu(x) }, { $0 / (1 + exp(-$0)) }),
    Function("Mish", { g, x throws(ShapeError) in try g.mish(x) }, { $0 * tanh(log1p(exp($0))) }),
    Function(
      "GELU", { g, x throws(ShapeError) in try g.gelu(x) },
      { $0 * erfc(-$0 / 2.0.squareRoot()) / 2 }),
    Function(
      "GELU by tanh", { g, x throws(ShapeError) in try g.geluByTanh(x) },
      { x in x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) / 2 }),
    Function(
      "hard tanh", { g, x throws(ShapeError) in try g.hardTanh(x, from: -0.5, to: 2) },
      { min(max($0, -0.5), 2) }),
    Function("ReLU6", { g, x throws(ShapeError) in try g.relu6(x) }, { min(max($0, 0), 6) }),
    Function(
      "hard sigmoid", { g, x throws(ShapeError) in try g.hardSigmoid(x) },
      { min(max($0 + 3, 0), 6) / 6 }),
    Function(
      "hard swish", { g, x throws(ShapeError) in try g.hardSwish(x) },
      { $0 * min(max($0 + 3, 0), 6) / 6 }),
    Function(
      "log sigmoid", { g, x throws(ShapeError) in try g.logSigmoid(x) }, { -log1p(exp(-$0)) }),
    Function(
      "softplus", { g, x throws(ShapeError) in try g.softplus(x, beta: 2) },
      { log1p(exp(2 * $0)) / 2 }),
    Function("softsign", { g, x throws(ShapeError) in try g.softSign(x) }, { $0 / (1 + abs($0)) }),
    Function(
      "clamp", { g, x throws(ShapeError) in try g.clamp(x, from: -0.5, to: 1.5) },
      { min(max($0, -0.5), 1.5) }),
    Function(
      "clamp below", { g, x throws(ShapeError) in try g.clamp(x, from: 0.5) }, { max($0, 0.5) }),
    Function(
      "clamp above", { g, x throws(ShapeError) in try g.clamp(x, to: 0.5) }, { min($0, 0.5) }),
    Function(
      "maximum", { g, x throws(ShapeError) in try g.maximum(x, g.scale(x, by: -2)) },
      { max($0, -2 * $0) }),
    Function(
      "minimum", { g, x throws(ShapeError) in try g.minimum(x, g.multiply(x, x)) },
      { min($0, $0 * $0) }),
    Function(
      "select by comparison",
      { g, x throws(ShapeError) in
        let isLarge = try g.isGreater(g.absoluteValue(x), g.constant(1, g.shape(of: x)))
        return try g.select(isLarge, g.multiply(x, x), g.scale(x, by: 3))
      }, { abs($0) > 1 ? $0 * $0 : 3 * $0 }),
  ]

  /// Both signs, small and large, away from all kinks.
  static let points = [-8, -3.2, -1.4, -0.6, -0.3, -1e-4, 1e-4, 0.2, 0.7, 1.3, 2.6, 3.4, 7.0]

  @Test(arguments: functions)
  func `values and derivatives`(function: Function) throws {
    var graph = Graph()
    let x = graph.input("x", [Self.points.count], role: .parameter)
    let y = try function.build(&graph, x)
    let point = ["x": Self.points]
    let values = ReferenceRuntime.evaluate(graph, outputs: [y], inputs: point)[0]
    #expect(relativeError(values, Self.points.map(function.formula)) < Tolerance.exactInDouble)
    let check = DerivativeCheck(graph, outputs: [y], sources: [x], at: point) { normal($0, $1) }
    #expect(try check.tangentError() < Tolerance.firstDifference)
    #expect(try check.adjointError() < Tolerance.exactInDouble)
    #expect(try check.hessianError() < Tolerance.secondDifference)
    #expect(try check.symmetryError() < Tolerance.exactInDouble)
  }

  @Test(arguments: functions)
  func `NaN stays visible`(function: Function) throws {
    var graph = Graph()
    let x = graph.input("x", [1], role: .parameter)
    let y = try function.build(&graph, x)
    #expect(ReferenceRuntime.evaluate(graph, outputs: [y], inputs: ["x": [.nan]])[0][0].isNaN)
  }

  /// What PyTorch 2 says the derivatives at kinks are.
  @Test func `derivatives at kinks are those of PyTorch`() throws {
    let expected: [(String, Double, Double)] = [
      ("abs", 0, 0), ("leaky ReLU", 0, 0.1), ("ELU", 0, 0.7), ("ReLU6", 0, 0), ("ReLU6", 6, 0),
      ("hard tanh", 2, 0), ("hard sigmoid", -3, 0), ("clamp", -0.5, 1), ("clamp", 1.5, 1),
      ("maximum", 0, -0.5),
    ]
    for (name, point, slope) in expected {
      guard let function = Self.functions.first(where: { $0.name == name }) else {
        Issue.record("no \(name)")
        continue
      }
      var graph = Graph()
      let x = graph.input("x", [1], role: .parameter)
      let y = try function.build(&graph, x)
      let gradient = try graph.gradient(of: y, by: [x])
      let results = ReferenceRuntime.evaluate(
        graph, outputs: [y] + gradient, inputs: ["x": [point]])
      #expect(results[0] == [function.formula(point)], "\(name)")
      #expect(abs(results[1][0] - slope) < Tolerance.exactInDouble, "\(name) at \(point)")
    }
  }

  @Test func `comparisons hold for infinities and select leaks nothing`() throws {
    var graph = Graph()
    let a = graph.input("a", [5], role: .batch)
    let b = graph.input("b", [5], role: .batch)
    let mask = try graph.constant([1, 0, 1, 0, 1], [5])
    let outputs = [
      try graph.isGreater(a, b), try graph.maximum(a, b), try graph.minimum(a, b),
      try graph.select(mask, a, b),
    ]
    let infinity = Double.infinity
    let results = ReferenceRuntime.evaluate(
      graph, outputs: outputs,
      inputs: ["a": [1, infinity, 3, -infinity, infinity], "b": [.nan, 2, 3, 5, infinity]])
    #expect(results[0] == [0, 1, 0, 0, 0])
    #expect(results[1][0].isNaN && results[1][1...] == [infinity, 3, 5, infinity])
    #expect(results[2][0].isNaN && results[2][1...] == [2, 3, -infinity, infinity])
    #expect(results[3] == [1, 2, 3, 5, infinity])
  }

  @Test func `integers are compared exactly`() throws {
    var graph = Graph()
    let a = graph.input("a", [4], role: .batch)
    let mask = try graph.isEqual(a, graph.constant([3, -100, 0, 16_777_215], [4]))
    #expect(
      ReferenceRuntime.evaluateInFloat(
        graph, outputs: [mask], inputs: ["a": [3, 100, 0, 16_777_214]])[0] == [1, 0, 1, 0])
  }
}
