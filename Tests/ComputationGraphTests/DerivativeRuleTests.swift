@testable import ComputationGraph
import ReferenceRuntime
import TestSupport
import Testing

/// Every primitive's tangent and pullback rule, alone and differentiated again.
@Suite struct DerivativeRuleTests {
  /// The sources to differentiate by: all inputs, and each alone.
  private func checks(_ test: PrimitiveCase) throws -> [DerivativeCheck] {
    let (graph, inputs, output) = try test.make()
    let sources = inputs.count == 1 ? [inputs] : [inputs] + inputs.map { [$0] }
    return sources.map {
      DerivativeCheck(graph, outputs: [output], sources: $0, at: test.point) {
        normal("\(test.name) \($0)", $1)
      }
    }
  }

  @Test(arguments: PrimitiveCase.all)
  func `tangent is the limit of differences`(test: PrimitiveCase) throws {
    for check in try checks(test) {
      #expect(try check.tangentError() < Tolerance.firstDifference)
    }
  }

  @Test(arguments: PrimitiveCase.all)
  func `pullback is the adjoint of the tangent`(test: PrimitiveCase) throws {
    for check in try checks(test) {
      #expect(try check.adjointError() < Tolerance.exactInDouble)
    }
  }

  @Test(arguments: PrimitiveCase.all)
  func `second derivative is the limit of differences`(test: PrimitiveCase) throws {
    for check in try checks(test) {
      #expect(try check.hessianError() < Tolerance.secondDifference)
    }
  }

  @Test(arguments: PrimitiveCase.all)
  func `second derivative is symmetric`(test: PrimitiveCase) throws {
    for check in try checks(test) {
      #expect(try check.symmetryError() < Tolerance.exactInDouble)
    }
  }

  @Test func `nothing is differentiated through a detached value`() throws {
    var graph = Graph()
    let x = graph.input("x", [1], role: .parameter)
    let y = try graph.multiply(x, graph.detach(graph.multiply(x, x)))
    let slope = try graph.pullback(of: [(y, x)], by: [x]) + graph.tangent(of: [y], along: [(x, x)])
    // x^3 with one factor that counts: the derivative is x^2, times x.
    #expect(
      ReferenceRuntime.evaluate(graph, outputs: [y] + slope, inputs: ["x": [3]])
        == [[27], [27], [27]])
  }

  @Test func `the table has every operation and every unary function`() throws {
    var kinds: Set<OperationKind> = []
    var functions: Set<UnaryKind> = []
    for test in PrimitiveCase.all {
      for node in try test.make().graph.nodes {
        kinds.insert(OperationKind(node.operation))
        if case .unary(let function) = node.operation { functions.insert(UnaryKind(function)) }
      }
    }
    #expect(kinds == Set(OperationKind.allCases))
    #expect(functions == Set(UnaryKind.allCases))
  }
}

/// The cases of `Operation` without what they carry; a new operation does not compile here first.
private enum OperationKind: CaseIterable {
  case input, constant, tensor, add, multiply, affine, unary, gate, detach, broadcast, reduceSum,
    reshape
  case transpose, slice, pad, concatenate, gather, scatter, take, scatterAdd
  case matrixProduct, convolution
  case convolutionInputGradient, convolutionFilterGradient, softmax, logSoftmax, logSumExp
  case maxPool, maxPoolSelect, maxPoolScatter, averagePool, averagePoolGradient

  init(_ operation: ComputationGraph.Operation) {
    self =
      switch operation {
      case .input: .input
      case .constant: .constant
      case .tensor: .tensor
      case .add: .add
      case .multiply: .multiply
      case .affine: .affine
      case .unary: .unary
      case .gate: .gate
      case .detach: .detach
      case .broadcast: .broadcast
      case .reduceSum: .reduceSum
      case .reshape: .reshape
      case .transpose: .transpose
      case .slice: .slice
      case .pad: .pad
      case .concatenate: .concatenate
      case .gather: .gather
      case .scatter: .scatter
      case .take: .take
      case .scatterAdd: .scatterAdd
      case .matrixProduct: .matrixProduct
      case .convolution: .convolution
      case .convolutionInputGradient: .convolutionInputGradient
      case .convolutionFilterGradient: .convolutionFilterGradient
      case .softmax: .softmax
      case .logSoftmax: .logSoftmax
      case .logSumExp: .logSumExp
      case .maxPool: .maxPool
      case .maxPoolSelect: .maxPoolSelect
      case .maxPoolScatter: .maxPoolScatter
      case .averagePool: .averagePool
      case .averagePoolGradient: .averagePoolGradient
      }
  }
}

/// The cases of `UnaryFunction` without what they carry.
private enum UnaryKind: CaseIterable {
  case exponential, logarithm, tanh, sigmoid, errorFunction, power, relu, softplus, sine, cosine

  init(_ function: UnaryFunction) {
    self =
      switch function {
      case .exponential: .exponential
      case .logarithm: .logarithm
      case .tanh: .tanh
      case .sigmoid: .sigmoid
      case .errorFunction: .errorFunction
      case .power: .power
      case .relu: .relu
      case .softplus: .softplus
      case .sine: .sine
      case .cosine: .cosine
      }
  }
}
