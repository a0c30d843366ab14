@testable import ComputationGraph
import ReferenceRuntime
import Testing

/// Bookkeeping of graphs and their transforms.
@Suite struct GraphTests {
  @Test func `equal tensors of numbers are created once`() throws {
    var graph = Graph()
    let a = try graph.constant([1, 2, .nan], [3])
    #expect(try graph.constant([1, 2, .nan], [3]) == a)
    #expect(try graph.constant([1, 2, 3], [3]) != a)
    #expect(try graph.constant([1, 2, .nan], [3, 1]) != a)
    #expect(try graph.constant([0, -0.0], [2]) != graph.constant([0, 0], [2]))
    #expect(try graph.constant([2, 2], [2]) == graph.constant(2, [2]))
  }

  @Test func `equal nodes are created once`() throws {
    var graph = Graph()
    let x = graph.input("x", [2, 3], role: .parameter)
    let first = try graph.relu(graph.scale(x, by: 2))
    let count = graph.nodes.count
    #expect(try graph.relu(graph.scale(x, by: 2)) == first)
    #expect(graph.nodes.count == count)
    #expect(try graph.relu(graph.scale(x, by: 3)) != first)
  }

  @Test func `operations that change nothing add no nodes`() throws {
    var graph = Graph()
    let x = graph.input("x", [2, 3], role: .parameter)
    #expect(try graph.reshape(x, to: [2, 3]) == x)
    #expect(try graph.transpose(x, [0, 1]) == x)
    #expect(try graph.broadcast(x, to: [2, 3]) == x)
    #expect(try graph.reduceSum(x, axes: []) == x)
    #expect(try graph.scale(x, by: 1) == x)
    #expect(try graph.power(x, 1) == x)
    #expect(try graph.slice(x, axis: 1, start: 0, size: 3) == x)
    #expect(try graph.slice(x, starts: [0, 0], strides: [1, 1], sizes: [2, 3]) == x)
    #expect(try graph.pad(x, low: [0, 0], high: [0, 0]) == x)
    #expect(try graph.concatenate([x], axis: 0) == x)
    #expect(graph.nodes.count == 1)
  }

  @Test func `inputs keep name, role and order`() throws {
    var graph = Graph()
    let x = graph.input("x", [2], role: .batch)
    _ = try graph.scale(x, by: 2)
    let w = graph.input("w", [2], role: .parameter)
    #expect(graph.inputs.map(\.value) == [x, w])
    #expect(graph.inputs.map(\.name) == ["x", "w"])
    #expect(graph.inputs.map(\.role) == [.batch, .parameter])
  }

  @Test func `reachable values and dependence follow the edges`() throws {
    var graph = Graph()
    let a = graph.input("a", [2], role: .batch)
    let b = graph.input("b", [2], role: .batch)
    let sum = try graph.add(a, b)
    let other = try graph.scale(b, by: 2)
    #expect(graph.reachable(from: [other]) == [b, other])
    #expect(graph.reachable(from: [sum]) == [a, b, sum])
    #expect(graph.dependence(on: [a]) == [true, false, true, false])
  }

  @Test func `derivatives by what nothing depends on are zeros`() throws {
    var graph = Graph()
    let x = graph.input("x", [2], role: .parameter)
    let unused = graph.input("unused", [3], role: .parameter)
    let y = try graph.reduceSum(graph.multiply(x, x), axes: [0])
    let gradient = try graph.gradient(of: y, by: [x, unused])
    let tangent = try graph.tangent(of: [y], along: [(unused, unused)])
    #expect(
      ReferenceRuntime.evaluate(
        graph, outputs: gradient + tangent, inputs: ["x": [1, 2], "unused": [1, 1, 1]])
        == [[2, 4], [0, 0, 0], [0]])
  }

  @Test func `a gradient adds up over all paths`() throws {
    // y = x^2 (x + x^2), y' = 3 x^2 + 4 x^3, y'' = 6 x + 12 x^2
    var graph = Graph()
    let x = graph.input("x", [1], role: .parameter)
    let square = try graph.multiply(x, x)
    let y = try graph.multiply(square, graph.add(x, square))
    let first = try graph.gradient(of: y, by: [x])
    let second = try graph.gradient(of: first[0], by: [x])
    let mixed = try graph.tangent(of: first, along: [(x, graph.constant(1, [1]))])
    #expect(
      ReferenceRuntime.evaluate(graph, outputs: first + second + mixed, inputs: ["x": [2]])
        == [[44], [60], [60]])
  }

  @Test func `multiply-adds are those of convolutions and matrix products`() throws {
    var graph = Graph()
    let x = graph.input("x", [2, 4, 5, 5], role: .batch)
    let w = graph.input("w", [6, 2, 3, 3], role: .parameter)
    let geometry = ConvolutionGeometry(padding: 1, groups: 2)
    let y = try graph.convolution(x, w, geometry)
    let each = 2 * 6 * 5 * 5 * 2 * 3 * 3
    #expect(graph.multiplyAddCount(of: [y]) == each)
    let gradients = try graph.pullback(of: [(y, y)], by: [x, w])
    #expect(graph.multiplyAddCount(of: gradients) == 3 * each)

    let a = graph.input("a", [3, 4], role: .batch)
    let b = graph.input("b", [5, 3], role: .batch)
    let product = try graph.matrixProduct(a, b, transposeA: true, transposeB: true)
    #expect(graph.multiplyAddCount(of: [product]) == 4 * 3 * 5)
  }
}
