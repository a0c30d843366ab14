import ComputationGraph
import ReferenceRuntime
import Testing

/// The same function of other values.
@Suite struct SubstitutionTests {
  @Test func `what does not depend on a replaced value is shared`() throws {
    var graph = Graph()
    let x = graph.input("x", [2], role: .batch)
    let a = graph.input("a", [2], role: .parameter)
    let b = graph.input("b", [2], role: .parameter)
    let below = try graph.multiply(x, a)
    let above = try graph.add(graph.multiply(below, b), x)
    let other = graph.input("other", [2], role: .parameter)
    let count = graph.nodes.count
    let moved = try graph.substituting([b: other], in: [above, below, b])
    #expect(moved == [try graph.add(graph.multiply(below, other), x), below, other])
    // A product and a sum: nothing else is new.
    #expect(graph.nodes.count == count + 2)
    #expect(try graph.substituting([:], in: [above]) == [above])
  }

  @Test func `values are those of the function`() throws {
    var graph = Graph()
    let a = graph.input("a", [2], role: .parameter)
    let b = graph.input("b", [2], role: .parameter)
    let y = try graph.multiply(graph.add(a, b), b)
    // Replacing a value that others are computed from does not replace these in the replacement.
    let moved = try graph.substituting([b: a, a: b], in: [y])
    let values = ReferenceRuntime.evaluate(
      graph, outputs: [y] + moved, inputs: ["a": [1, 2], "b": [10, 20]])
    #expect(values[0] == [110, 440])
    #expect(values[1] == [11, 44])
  }

  @Test func `a replacement has the shape of what it replaces`() throws {
    var graph = Graph()
    let a = graph.input("a", [2], role: .parameter)
    let b = graph.input("b", [3], role: .parameter)
    let y = try graph.relu(a)
    #expect(throws: ShapeError.self) { try graph.substituting([a: b], in: [y]) }
  }
}
