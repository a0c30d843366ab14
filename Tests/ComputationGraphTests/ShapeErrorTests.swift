@testable import ComputationGraph
import Testing

/// Shapes that do not fit are refused, with a text that names the operation.
@Suite struct ShapeErrorTests {
  struct Refused: Sendable, CustomTestStringConvertible {
    let operation: String
    let shapes: [Shape]
    let build: @Sendable (inout Graph, [Value]) throws(ShapeError) -> Value

    init(
      _ operation: String, _ shapes: [Shape],
      _ build: @escaping @Sendable (inout Graph, [Value]) throws(ShapeError) -> Value
    ) {
      self.operation = operation
      self.shapes = shapes
      self.build = build
    }

    var testDescription: String { "\(operation) of \(shapes)" }
  }

  static let refused = [
    Refused("add", [[2], [3]]) { graph, x throws(ShapeError) in try graph.add(x[0], x[1]) },
    Refused("constant", []) { graph, _ throws(ShapeError) in
      try graph.constant([1, 2, 3], [2, 2])
    },
    Refused("multiply", [[2, 1], [2]]) { graph, x throws(ShapeError) in
      try graph.multiply(x[0], x[1])
    },
    Refused("gate", [[2], [1]]) { graph, x throws(ShapeError) in try graph.gate(x[0], by: x[1]) },
    Refused("broadcast", [[2, 3]]) { graph, x throws(ShapeError) in
      try graph.broadcast(x[0], to: [4, 3])
    },
    Refused("broadcast", [[3]]) { graph, x throws(ShapeError) in
      try graph.broadcast(x[0], to: [4, 3])
    },
    Refused("reduceSum", [[2, 3]]) { graph, x throws(ShapeError) in
      try graph.reduceSum(x[0], axes: [2])
    },
    Refused("reshape", [[2, 3]]) { graph, x throws(ShapeError) in
      try graph.reshape(x[0], to: [5])
    },
    Refused("transpose", [[2, 3]]) { graph, x throws(ShapeError) in
      try graph.transpose(x[0], [0, 0])
    },
    Refused("slice", [[5]]) { graph, x throws(ShapeError) in
      try graph.slice(x[0], starts: [1], strides: [2], sizes: [3])
    },
    Refused("pad", [[5]]) { graph, x throws(ShapeError) in
      try graph.pad(x[0], low: [-1], high: [0])
    },
    Refused("gather", [[2, 3]]) { graph, x throws(ShapeError) in
      try graph.gather(x[0], axis: 1, indices: [0, 3])
    },
    Refused("gather", [[2, 3]]) { graph, x throws(ShapeError) in
      try graph.gather(x[0], axis: 2, indices: [0])
    },
    Refused("gather", [[2, 3]]) { graph, x throws(ShapeError) in
      try graph.gather(x[0], axis: 1, indices: [])
    },
    Refused("scatter", [[2, 3]]) { graph, x throws(ShapeError) in
      try graph.scatter(x[0], axis: 1, indices: [0, 1], extent: 4)
    },
    Refused("scatter", [[2, 3]]) { graph, x throws(ShapeError) in
      try graph.scatter(x[0], axis: 1, indices: [0, 1, 4], extent: 4)
    },
    Refused("take", [[3, 4], [2, 2]]) { graph, x throws(ShapeError) in
      try graph.take(x[0], x[1], batchAxes: 1)
    },
    Refused("take", [[3], [3]]) { graph, x throws(ShapeError) in
      try graph.take(x[0], x[1], batchAxes: 1)
    },
    Refused("scatterAdd", [[2, 3], [3]]) { graph, x throws(ShapeError) in
      try graph.scatterAdd(x[0], x[1], extent: 4)
    },
    Refused("scatterAdd", [[3, 3], [3]]) { graph, x throws(ShapeError) in
      try graph.scatterAdd(x[0], x[1], batchAxes: 2, extent: 4)
    },
    Refused("concatenate", [[2, 3], [3, 3]]) { graph, x throws(ShapeError) in
      try graph.concatenate(x, axis: 1)
    },
    Refused("matrixProduct", [[2, 3], [2, 3]]) { graph, x throws(ShapeError) in
      try graph.matrixProduct(x[0], x[1])
    },
    Refused("matrixProduct", [[2, 3, 4], [3, 4, 2]]) { graph, x throws(ShapeError) in
      try graph.matrixProduct(x[0], x[1])
    },
    Refused("matrixProduct", [[2, 3, 4], [4]]) { graph, x throws(ShapeError) in
      try graph.matrixProduct(x[0], x[1])
    },
    Refused("contraction", [[2, 3], [3, 4]]) { graph, x throws(ShapeError) in
      try graph.contraction(x[0], x[1], inner: [(0, 0)])
    },
    Refused("contraction", [[2, 3], [3, 2]]) { graph, x throws(ShapeError) in
      try graph.contraction(x[0], x[1], batch: [(0, 1)], inner: [(0, 1)])
    },
    Refused("einsum", [[2, 3], [3, 4]]) { graph, x throws(ShapeError) in
      try graph.einsum("ij,jk->il", x[0], x[1])
    },
    Refused("einsum", [[2, 2], [2, 4]]) { graph, x throws(ShapeError) in
      try graph.einsum("ii,ik->k", x[0], x[1])
    },
    Refused("convolution", [[1, 3, 4, 4], [2, 2, 3, 3]]) { graph, x throws(ShapeError) in
      try graph.convolution(x[0], x[1], ConvolutionGeometry())
    },
    Refused("convolution", [[1, 3, 4, 4], [2, 3, 5, 5]]) { graph, x throws(ShapeError) in
      try graph.convolution(x[0], x[1], ConvolutionGeometry())
    },
    Refused("convolution", [[1, 4, 4, 4], [3, 2, 3, 3]]) { graph, x throws(ShapeError) in
      try graph.convolution(x[0], x[1], ConvolutionGeometry(groups: 2))
    },
    Refused("convolutionInputGradient", [[1, 2, 4, 4], [2, 3, 3, 3]]) {
      graph, x throws(ShapeError) in
      try graph.convolutionInputGradient(
        x[0], x[1], ConvolutionGeometry(), input: [1, 3, 4, 4])
    },
    Refused("convolutionFilterGradient", [[1, 3, 4, 4], [1, 2, 4, 4]]) {
      graph, x throws(ShapeError) in
      try graph.convolutionFilterGradient(
        x[0], x[1], ConvolutionGeometry(), filter: [2, 3, 3, 3])
    },
    Refused("softmax", [[]]) { graph, x throws(ShapeError) in try graph.softmax(x[0]) },
    Refused("logSoftmax", [[]]) { graph, x throws(ShapeError) in try graph.logSoftmax(x[0]) },
    Refused("logSumExp", [[]]) { graph, x throws(ShapeError) in try graph.logSumExp(x[0]) },
    Refused("pooling", [[1, 1, 2, 2]]) { graph, x throws(ShapeError) in
      try graph.maxPool(x[0], PoolingWindow(size: 3, stride: 1))
    },
    Refused("pooling", [[1, 1, 4, 4]]) { graph, x throws(ShapeError) in
      try graph.averagePool(x[0], PoolingWindow(size: 3, stride: 1, padding: 3))
    },
    Refused("maxPoolSelect", [[1, 1, 2, 2], [1, 1, 4, 4]]) { graph, x throws(ShapeError) in
      try graph.append(.maxPoolSelect(MaxPoolSelect(window: two)), x)
    },
    Refused("maxPoolScatter", [[1, 1, 4, 4], [1, 1, 4, 4]]) { graph, x throws(ShapeError) in
      try graph.append(.maxPoolScatter(MaxPoolScatter(window: two)), x)
    },
    Refused("averagePoolGradient", [[1, 1, 4, 4]]) { graph, x throws(ShapeError) in
      try graph.append(
        .averagePoolGradient(AveragePoolGradient(window: two, input: [1, 1, 4, 4])), x)
    },
    Refused("pullback", [[2], [3]]) { graph, x throws(ShapeError) in
      try graph.pullback(of: [(x[0], x[1])], by: [x[0]])[0]
    },
    Refused("tangent", [[2], [3]]) { graph, x throws(ShapeError) in
      try graph.tangent(of: [x[0]], along: [(x[0], x[1])])[0]
    },
    Refused("gradient", [[2]]) { graph, x throws(ShapeError) in
      try graph.gradient(of: x[0], by: [x[0]])[0]
    },
  ]

  private static let two = PoolingWindow(size: 2, stride: 2)

  @Test(arguments: refused)
  func `shapes that do not fit are refused`(test: Refused) throws {
    var graph = Graph()
    let inputs = test.shapes.enumerated().map { graph.input("x\($0)", $1, role: .batch) }
    let error = #expect(throws: ShapeError.self) { _ = try test.build(&graph, inputs) }
    #expect(error?.operation == test.operation)
  }
}
