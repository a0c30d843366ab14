@testable import ComputationGraph
import LinearAlgebra
import Testing

/// One use of an operation on random inputs, for checks of its derivative rules.
struct PrimitiveCase: Sendable, CustomTestStringConvertible {
  let name: String
  let shapes: [Shape]
  /// Whether the inputs must be positive.
  let isPositive: Bool
  /// Inputs that hold indices, with a number that these are below.
  let indices: [Int: Int]
  let build: @Sendable (inout Graph, [Value]) throws(ShapeError) -> Value

  init(
    _ name: String, _ shapes: [Shape], positive: Bool = false, indices: [Int: Int] = [:],
    _ build: @escaping @Sendable (inout Graph, [Value]) throws(ShapeError) -> Value
  ) {
    self.name = name
    self.shapes = shapes
    isPositive = positive
    self.indices = indices
    self.build = build
  }

  var testDescription: String { name }

  /// The graph of the case, its inputs and its output.
  func make() throws -> (graph: Graph, inputs: [Value], output: Value) {
    var graph = Graph()
    let inputs = shapes.enumerated().map { graph.input("x\($0)", $1, role: .parameter) }
    let output = try build(&graph, inputs)
    return (graph, inputs, output)
  }

  /// Random elements of all inputs.
  var point: [String: [Double]] {
    var point: [String: [Double]] = [:]
    for (index, shape) in shapes.enumerated() {
      let elements = normal("\(name) x\(index)", shape.count)
      point["x\(index)"] =
        if let bound = indices[index] {
          // Between two integers, so that a difference meets no jump.
          elements.map { (abs($0) * 1000).truncatingRemainder(dividingBy: Double(bound)) }
            .map { $0.rounded(.down) + 0.5 }
        } else {
          isPositive ? elements.map { 0.5 + abs($0) } : elements
        }
    }
    return point
  }
}

/// Standard normal numbers, the same for the same label.
func normal(_ label: String, _ count: Int) -> [Double] {
  var stream = RandomStream(seed: 1, label: label)
  return (0..<count).map { _ in stream.normal() }
}

extension PrimitiveCase {
  static let all: [PrimitiveCase] =
    elementwise + rearrangements + indexing + products + stacks + convolutions + rows + pools

  private static let elementwise = [
    PrimitiveCase("add", [[2, 3], [2, 3]]) { graph, x throws(ShapeError) in
      try graph.add(x[0], x[1])
    },
    PrimitiveCase("add to itself", [[5]]) { graph, x throws(ShapeError) in
      try graph.add(x[0], x[0])
    },
    PrimitiveCase("multiply", [[2, 3], [2, 3]]) { graph, x throws(ShapeError) in
      try graph.multiply(x[0], x[1])
    },
    PrimitiveCase("multiply with itself", [[5]]) { graph, x throws(ShapeError) in
      try graph.multiply(x[0], x[0])
    },
    PrimitiveCase("multiply by constant", [[5]]) { graph, x throws(ShapeError) in
      try graph.multiply(x[0], graph.constant(-1.5, [5]))
    },
    PrimitiveCase("multiply by tensor", [[4]]) { graph, x throws(ShapeError) in
      try graph.multiply(x[0], graph.constant([1, -2, 0.5, 3], [4]))
    },
    PrimitiveCase("affine", [[4]]) { graph, x throws(ShapeError) in
      try graph.affine(x[0], scale: 2.5, shift: -1)
    },
    PrimitiveCase("gate", [[4, 5], [4, 5]]) { graph, x throws(ShapeError) in
      try graph.gate(x[0], by: x[1])
    },
    PrimitiveCase("detach", [[4]]) { graph, x throws(ShapeError) in
      // Differences would see through it, so what is detached is constant here.
      try graph.add(x[0], graph.scale(graph.detach(graph.constant(2, [4])), by: 3))
    },
    unary("exponential", .exponential), unary("logarithm", .logarithm, positive: true),
    unary("tanh", .tanh), unary("sigmoid", .sigmoid), unary("error function", .errorFunction),
    unary("relu", .relu), unary("power -0.5", .power(-0.5), positive: true),
    unary("softplus", .softplus), unary("sine", .sine), unary("cosine", .cosine),
    unary("power 3", .power(3)), unary("power 2", .power(2)), unary("power 0", .power(0)),
  ]

  private static func unary(
    _ name: String, _ function: UnaryFunction, positive: Bool = false
  ) -> PrimitiveCase {
    PrimitiveCase(name, [[3, 7]], positive: positive) { graph, x throws(ShapeError) in
      try graph.unary(function, x[0])
    }
  }

  private static let rearrangements = [
    PrimitiveCase("broadcast", [[2, 1, 3, 1]]) { graph, x throws(ShapeError) in
      try graph.broadcast(x[0], to: [2, 4, 3, 5])
    },
    PrimitiveCase("reduceSum", [[2, 4, 3, 5]]) { graph, x throws(ShapeError) in
      try graph.reduceSum(x[0], axes: [0, 3])
    },
    PrimitiveCase("reduceMean", [[2, 4, 1, 5]]) { graph, x throws(ShapeError) in
      try graph.reduceMean(x[0], axes: [0, 2, 3])
    },
    PrimitiveCase("reshape", [[2, 6]]) { graph, x throws(ShapeError) in
      try graph.reshape(x[0], to: [3, 2, 2])
    },
    PrimitiveCase("transpose", [[2, 3, 4]]) { graph, x throws(ShapeError) in
      try graph.transpose(x[0], [2, 0, 1])
    },
    PrimitiveCase("slice", [[4, 7]]) { graph, x throws(ShapeError) in
      try graph.append(.slice(Slice(starts: [1, 0], strides: [1, 3], sizes: [3, 3])), [x[0]])
    },
    PrimitiveCase("slice, stride leaves a rest", [[1, 2, 6, 5]]) { graph, x throws(ShapeError) in
      try graph.slice(
        x[0], starts: [0, 0, 0, 1], strides: [1, 1, 2, 2], sizes: [1, 2, 3, 2])
    },
    PrimitiveCase("pad", [[2, 3]]) { graph, x throws(ShapeError) in
      try graph.append(.pad(Pad(low: [1, 0], high: [0, 2], interior: [0, 2])), [x[0]])
    },
    PrimitiveCase("concatenate", [[2, 1, 3], [2, 4, 3], [2, 2, 3]]) { graph, x throws(ShapeError) in
      try graph.concatenate(x, axis: 1)
    },
    PrimitiveCase("gather", [[2, 5, 3]]) { graph, x throws(ShapeError) in
      try graph.gather(x[0], axis: 1, indices: [3, 0, 4])
    },
    PrimitiveCase("scatter", [[2, 3, 2]]) { graph, x throws(ShapeError) in
      try graph.scatter(x[0], axis: 1, indices: [3, 0, 4], extent: 6)
    },
    PrimitiveCase("gather with repeats", [[2, 5, 3]]) { graph, x throws(ShapeError) in
      try graph.gather(x[0], axis: 1, indices: [3, 0, 3, 3, 1, 0])
    },
    PrimitiveCase("scatter with repeats", [[4, 3]]) { graph, x throws(ShapeError) in
      try graph.scatter(x[0], axis: 0, indices: [2, 0, 2, 2], extent: 3)
    },
    PrimitiveCase("concatenate with itself", [[2, 3]]) { graph, x throws(ShapeError) in
      try graph.concatenate([x[0], x[0]], axis: 0)
    },
  ]

  private static let rows = [
    PrimitiveCase("softmax", [[3, 5]]) { graph, x throws(ShapeError) in
      try graph.softmax(x[0])
    },
    PrimitiveCase("logSoftmax", [[2, 2, 4]]) { graph, x throws(ShapeError) in
      try graph.logSoftmax(x[0])
    },
    PrimitiveCase("logSumExp", [[3, 5]]) { graph, x throws(ShapeError) in
      try graph.logSumExp(x[0])
    },
  ]

  private static let windows: [(String, Shape, PoolingWindow, Shape)] = [
    ("2x2", [2, 3, 4, 6], PoolingWindow(size: 2, stride: 2), [2, 3, 2, 3]),
    ("2x2, border left over", [1, 2, 5, 5], PoolingWindow(size: 2, stride: 2), [1, 2, 2, 2]),
    (
      "3x3 overlapping, padded", [2, 2, 6, 7], PoolingWindow(size: 3, stride: 2, padding: 1),
      [2, 2, 3, 4]
    ),
    (
      "other for each side", [1, 2, 7, 6],
      PoolingWindow(
        size: [3, 2], stride: [2, 3], paddingLow: [1, 0], paddingHigh: [0, 1], dilation: [2, 1]),
      [1, 2, 2, 2]
    ),
    (
      "last windows past the image", [1, 1, 4, 5],
      PoolingWindow(size: [2, 2], stride: [2, 2], paddingHigh: [0, 1]), [1, 1, 2, 3]
    ),
  ]

  private static let pools = windows.flatMap { name, images, window, output in
    [
      PrimitiveCase("maxPool \(name)", [images]) { graph, x throws(ShapeError) in
        try graph.maxPool(x[0], window)
      },
      PrimitiveCase("maxPoolSelect \(name)", [images, images]) { graph, x throws(ShapeError) in
        try graph.append(.maxPoolSelect(MaxPoolSelect(window: window)), x)
      },
      PrimitiveCase("maxPoolScatter \(name)", [output, images]) { graph, x throws(ShapeError) in
        try graph.append(.maxPoolScatter(MaxPoolScatter(window: window)), x)
      },
      PrimitiveCase("averagePool \(name)", [images]) { graph, x throws(ShapeError) in
        try graph.averagePool(x[0], window)
      },
      PrimitiveCase("averagePool of pixels \(name)", [images]) { graph, x throws(ShapeError) in
        try graph.averagePool(x[0], window, countsBorder: false)
      },
      PrimitiveCase("averagePoolGradient \(name)", [output]) { graph, x throws(ShapeError) in
        try graph.append(
          .averagePoolGradient(AveragePoolGradient(window: window, input: images)), x)
      },
    ]
  }
}
