@testable import ComputationGraph
import ReferenceRuntime
import TestSupport
import Testing

/// Values of operations on small inputs, worked out by hand.
@Suite struct ReferenceRuntimeTests {
  /// Evaluates one operation on inputs of given shapes and elements.
  private func run(
    _ inputs: [(Shape, [Double])],
    _ build: (inout Graph, [Value]) throws(ShapeError) -> Value
  ) throws -> [Double] {
    var graph = Graph()
    var given: [String: [Double]] = [:]
    var values: [Value] = []
    for (index, input) in inputs.enumerated() {
      values.append(graph.input("x\(index)", input.0, role: .batch))
      given["x\(index)"] = input.1
    }
    let output = try build(&graph, values)
    return ReferenceRuntime.evaluate(graph, outputs: [output], inputs: given)[0]
  }

  private static let nine: (Shape, [Double]) = ([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9])

  @Test func `convolution does not flip its filter`() throws {
    let y = try run([Self.nine, ([1, 1, 2, 2], [1, 10, 100, 1000])]) {
      graph, x throws(ShapeError) in
      try graph.convolution(x[0], x[1], ConvolutionGeometry())
    }
    #expect(y == [5421, 6532, 8754, 9865])
  }

  @Test func `convolution pads with zeros and steps by its stride`() throws {
    let y = try run([Self.nine, ([1, 1, 2, 2], [1, 10, 100, 1000])]) {
      graph, x throws(ShapeError) in
      try graph.convolution(x[0], x[1], ConvolutionGeometry(stride: 2, padding: 1))
    }
    #expect(y == [1000, 3200, 7040, 9865])
  }

  @Test func `convolution spreads its taps by the dilation`() throws {
    let y = try run([Self.nine, ([1, 1, 2, 2], [1, 10, 100, 1000])]) {
      graph, x throws(ShapeError) in
      try graph.convolution(x[0], x[1], ConvolutionGeometry(dilation: 2))
    }
    #expect(y == [1 + 30 + 700 + 9000])
  }

  @Test func `groups see their own channels only`() throws {
    let y = try run([([1, 4, 1, 1], [1, 2, 3, 4]), ([2, 2, 1, 1], [1, 10, 100, 1000])]) {
      graph, x throws(ShapeError) in
      try graph.convolution(x[0], x[1], ConvolutionGeometry(groups: 2))
    }
    #expect(y == [21, 4300])
  }

  @Test func `channels and images are told apart`() throws {
    // Two images of two channels, three filters.
    let y = try run([
      ([2, 2, 1, 1], [1, 2, 3, 4]), ([3, 2, 1, 1], [1, 0, 0, 1, 1, 1]),
    ]) { graph, x throws(ShapeError) in
      try graph.convolution(x[0], x[1], ConvolutionGeometry())
    }
    #expect(y == [1, 2, 3, 3, 4, 7])
  }

  @Test(arguments: [(false, false), (false, true), (true, false), (true, true)])
  func `matrix product transposes what it is told to`(transposeA: Bool, transposeB: Bool) throws {
    // A = [[1, 2, 3], [4, 5, 6]], B = [[1, 0], [0, 1], [1, 1]]
    let a: (Shape, [Double]) =
      transposeA ? ([3, 2], [1, 4, 2, 5, 3, 6]) : ([2, 3], [1, 2, 3, 4, 5, 6])
    let b: (Shape, [Double]) =
      transposeB ? ([2, 3], [1, 0, 1, 0, 1, 1]) : ([3, 2], [1, 0, 0, 1, 1, 1])
    let y = try run([a, b]) { graph, x throws(ShapeError) in
      try graph.matrixProduct(x[0], x[1], transposeA: transposeA, transposeB: transposeB)
    }
    #expect(y == [4, 5, 10, 11])
  }

  @Test func `rearrangements put elements in their places`() throws {
    let six: (Shape, [Double]) = ([2, 3], [1, 2, 3, 4, 5, 6])
    #expect(
      try run([six]) { graph, x throws(ShapeError) in try graph.transpose(x[0], [1, 0]) }
        == [1, 4, 2, 5, 3, 6])
    #expect(
      try run([six]) { graph, x throws(ShapeError) in
        try graph.slice(x[0], starts: [0, 0], strides: [1, 2], sizes: [2, 2])
      } == [1, 3, 4, 6])
    #expect(
      try run([six]) { graph, x throws(ShapeError) in
        try graph.append(.pad(Pad(low: [1, 0], high: [0, 1], interior: [0, 1])), [x[0]])
      } == [0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0])
    #expect(
      try run([six]) { graph, x throws(ShapeError) in
        try graph.gather(x[0], axis: 1, indices: [2, 0, 2])
      } == [3, 1, 3, 6, 4, 6])
    #expect(
      try run([six]) { graph, x throws(ShapeError) in
        try graph.scatter(x[0], axis: 1, indices: [2, 0, 2], extent: 4)
      } == [2, 0, 4, 0, 5, 0, 10, 0])
    #expect(
      try run([six, ([2, 1], [7, 8])]) { graph, x throws(ShapeError) in
        try graph.concatenate(x, axis: 1)
      } == [1, 2, 3, 7, 4, 5, 6, 8])
    #expect(
      try run([six]) { graph, x throws(ShapeError) in try graph.reduceSum(x[0], axes: [0]) }
        == [5, 7, 9])
    #expect(
      try run([([2, 1], [7, 8])]) { graph, x throws(ShapeError) in
        try graph.broadcast(x[0], to: [2, 3])
      } == [7, 7, 7, 8, 8, 8])
  }

  @Test func `slices are taken and added up by indices that are data`() throws {
    let table: (Shape, [Double]) = ([3, 2], [1, 2, 3, 4, 5, 6])
    #expect(
      try run([table, ([2, 2], [2, 0, 0.99, 2])]) { graph, x throws(ShapeError) in
        try graph.take(x[0], x[1])
      } == [5, 6, 1, 2, 1, 2, 5, 6])
    #expect(
      try run([table, ([3], [1, 0, 1])]) { graph, x throws(ShapeError) in
        try graph.take(x[0], x[1], batchAxes: 1)
      } == [2, 3, 6])
    #expect(
      try run([([4], [1, 10, 100, 1000]), ([4], [2, 0, 2, 1])]) { graph, x throws(ShapeError) in
        try graph.scatterAdd(x[0], x[1], extent: 4)
      } == [10, 1000, 101, 0])
    #expect(
      try run([([2, 2], [1, 10, 100, 1000]), ([2, 2], [1, 1, 0, 1])]) {
        graph, x throws(ShapeError) in
        try graph.scatterAdd(x[0], x[1], batchAxes: 1, extent: 2)
      } == [0, 11, 100, 1000])
  }

  @Test func `indices outside the axis give NaN and are dropped`() throws {
    let outside: (Shape, [Double]) = ([5], [-1, 3, .nan, 1e300, 1])
    let taken = try run([([3, 1], [1, 2, 3]), outside]) { graph, x throws(ShapeError) in
      try graph.take(x[0], x[1])
    }
    #expect(taken.map(\.isNaN) == [true, true, true, true, false])
    #expect(
      try run([([5], [1, 1, 1, 1, 5]), outside]) { graph, x throws(ShapeError) in
        try graph.scatterAdd(x[0], x[1], extent: 3)
      } == [0, 5, 0])
  }

  @Test func `average pool counts the border`() throws {
    let window = PoolingWindow(size: 2, stride: 2, padding: 1)
    let y = try run([Self.nine]) { graph, x throws(ShapeError) in
      try graph.averagePool(x[0], window)
    }
    #expect(y == [0.25, 1.25, 2.75, 7])
    let pixels = try run([Self.nine]) { graph, x throws(ShapeError) in
      try graph.averagePool(x[0], window, countsBorder: false)
    }
    #expect(pixels == [1, 2.5, 5.5, 7])
  }

  @Test func `windows have an extent, a step and a border for each side`() throws {
    let window = PoolingWindow(
      size: [2, 3], stride: [1, 2], paddingLow: [1, 0], paddingHigh: [0, 2], dilation: [2, 1])
    // Rows -1 and 1, then 0 and 2; columns 0 to 2, then 2 alone.
    #expect(
      try run([Self.nine]) { graph, x throws(ShapeError) in try graph.maxPool(x[0], window) }
        == [6, 6, 9, 9])
    let geometry = ConvolutionGeometry(stride: [2, 1], paddingLow: [0, 1], paddingHigh: [1, 0])
    #expect(
      try run([Self.nine, ([1, 1, 2, 2], [1, 10, 100, 1000])]) { graph, x throws(ShapeError) in
        try graph.convolution(x[0], x[1], geometry)
      } == [4010, 5421, 6532, 70, 87, 98])
  }

  @Test func `max pool ignores the border and takes the first of equals`() throws {
    let window = PoolingWindow(size: 2, stride: 2, padding: 1)
    let images: (Shape, [Double]) = ([1, 1, 3, 3], [-1, -2, -2, -3, 5, 5, -3, 5, 5])
    #expect(
      try run([images]) { graph, x throws(ShapeError) in try graph.maxPool(x[0], window) }
        == [-1, -2, -3, 5])
    // Windows {a}, {b, c}, {d, g}, {e, f, h, i} with ties b = c, d = g and e = f = h = i.
    #expect(
      try run([([1, 1, 2, 2], [1, 10, 100, 1000]), images]) { graph, x throws(ShapeError) in
        try graph.append(.maxPoolScatter(MaxPoolScatter(window: window)), x)
      } == [1, 10, 0, 100, 1000, 0, 0, 0, 0])
    #expect(
      try run([Self.nine, images]) { graph, x throws(ShapeError) in
        try graph.append(.maxPoolSelect(MaxPoolSelect(window: window)), x)
      } == [1, 2, 4, 5])
  }

  @Test func `softmax functions stand large logits`() throws {
    let logits: (Shape, [Double]) = ([2, 2], [1000, 1000, -1000, 1000])
    let softmax = try run([logits]) { graph, x throws(ShapeError) in try graph.softmax(x[0]) }
    #expect(relativeError(softmax, [0.5, 0.5, 0, 1]) < Tolerance.exactInDouble)
    let logarithm = try run([logits]) { graph, x throws(ShapeError) in
      try graph.logSoftmax(x[0])
    }
    let half = -0.693147180559945309
    #expect(relativeError(logarithm, [half, half, -2000, 0]) < Tolerance.exactInDouble)
    let total = try run([logits]) { graph, x throws(ShapeError) in try graph.logSumExp(x[0]) }
    #expect(relativeError(total, [1000 - half, 1000]) < Tolerance.exactInDouble)
  }

  @Test func `unary functions have their values at one half`() throws {
    let expected: [(UnaryFunction, Double)] = [
      (.exponential, 1.6487212707001282), (.logarithm, -0.6931471805599453),
      (.tanh, 0.46211715726000975), (.sigmoid, 0.6224593312018546),
      (.errorFunction, 0.5204998778130465), (.power(-0.5), 1.4142135623730951), (.relu, 0.5),
      (.softplus, 0.9740769841801067), (.sine, 0.479425538604203), (.cosine, 0.8775825618903728),
    ]
    for (function, value) in expected {
      let y = try run([([1], [0.5])]) { graph, x throws(ShapeError) in
        try graph.unary(function, x[0])
      }
      #expect(relativeError(y, [value]) < Tolerance.exactInDouble, "\(function)")
    }
  }

  @Test func `the derivative of ReLU at zero is zero`() throws {
    var graph = Graph()
    let x = graph.input("x", [3], role: .parameter)
    let y = try graph.reduceSum(graph.relu(x), axes: [0])
    let gradient = try graph.gradient(of: y, by: [x])
    #expect(
      ReferenceRuntime.evaluate(graph, outputs: gradient, inputs: ["x": [-1, 0, 1]])
        == [[0, 0, 1]])
  }

  @Test func `values that are not numbers come through`() throws {
    #expect(
      try run([([3], [.nan, -1, .infinity])]) { graph, x throws(ShapeError) in
        try graph.relu(x[0])
      }.map(\.isNaN) == [true, false, false])
    #expect(
      try run([([1, 1, 1, 2], [.nan, 3])]) { graph, x throws(ShapeError) in
        try graph.reshape(
          graph.maxPool(
            graph.reshape(x[0], to: [1, 1, 2, 1]), PoolingWindow(size: 1, stride: 1)), to: [2])
      }[0].isNaN)
    #expect(
      try run([([1, 2], [.nan, 3])]) { graph, x throws(ShapeError) in
        try graph.logSumExp(x[0])
      }[0].isNaN)
  }

  @Test func `single precision rounds every step`() throws {
    var graph = Graph()
    let x = graph.input("x", [1], role: .batch)
    let y = try graph.affine(graph.affine(x, scale: 1, shift: 1), scale: 1, shift: -1)
    #expect(
      ReferenceRuntime.evaluateInFloat(graph, outputs: [y], inputs: ["x": [0x1p-30]]) == [[0]])
    #expect(
      ReferenceRuntime.evaluate(graph, outputs: [y], inputs: ["x": [0x1p-30]]) == [[0x1p-30]])
  }
}
