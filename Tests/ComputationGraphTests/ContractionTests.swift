import ComputationGraph
import ReferenceRuntime
import TestSupport
import Testing

/// Products over any axes equal the sums that their letters say.
@Suite struct ContractionTests {
  static let extents: [Character: Int] = [
    "a": 2, "b": 3, "c": 4, "d": 2, "e": 3, "n": 2, "h": 3, "q": 4, "k": 5, "t": 1,
  ]

  /// The sum by its definition: over all values of all letters.
  private static func naive(_ letters: String, _ x: [Double], _ y: [Double]) -> [Double] {
    let parts = letters.split { ",->".contains($0) }.map(Array.init)
    let result = parts.count > 2 ? parts[2] : []
    let all = Array(Set(parts[0] + parts[1])).sorted()
    func shape(_ axes: [Character]) -> Shape { Shape(axes.map { extents[$0] ?? 0 }) }
    func place(_ axes: [Character], _ index: [Character: Int]) -> Int {
      zip(axes, shape(axes).strides).reduce(0) { $0 + (index[$1.0] ?? 0) * $1.1 }
    }
    var sums = [Double](repeating: 0, count: shape(result).count)
    for number in 0..<shape(all).count {
      var rest = number
      var index: [Character: Int] = [:]
      for letter in all {
        index[letter] = rest % (extents[letter] ?? 1)
        rest /= extents[letter] ?? 1
      }
      sums[place(result, index)] += x[place(parts[0], index)] * y[place(parts[1], index)]
    }
    return sums
  }

  @Test(arguments: [
    "ab,bc->ac", "ab,cb->ac", "ba,bc->ac", "ba,cb->ac", "ab,bc->ca", "abc,cd->abd", "abc,abd->acd",
    "nqhd,nkhd->nhqk", "nhqk,nkhd->nqhd", "nhqk,nhkd->nqhd", "ab,ab->ab", "ab,ab->", "ab,ba->",
    "a,b->ab", "a,b->ba", "abc,abc->b", "abc,cba->bc", "abc,bcd->ad", "abc,cbd->ad", "cab,bcd->da",
    "ab,c->b", "abd,ce->ae", "a,a->a", "abc,b->ac", "b,abc->ac", "tab,tbc->tac", "nt,tk->nk",
    "a,->a",
  ])
  func `products by letters`(letters: String) throws {
    var graph = Graph()
    let operands = letters.prefix { $0 != "-" }.split(
      separator: ",", omittingEmptySubsequences: false)
    let shapes = operands.map { Shape($0.map { Self.extents[$0] ?? 0 }) }
    let (x, y) = (normal("\(letters) x", shapes[0].count), normal("\(letters) y", shapes[1].count))
    let inputs = shapes.enumerated().map { graph.input("x\($0)", $1, role: .parameter) }
    let output = try graph.einsum(letters, inputs[0], inputs[1])
    let found = ReferenceRuntime.evaluate(graph, outputs: [output], inputs: ["x0": x, "x1": y])[0]
    let expected = letters == "a,->a" ? x.map { $0 * y[0] } : Self.naive(letters, x, y)
    #expect(relativeError(found, expected) < Tolerance.exactInDouble)

    let check = DerivativeCheck(
      graph, outputs: [output], sources: inputs, at: ["x0": x, "x1": y]
    ) { normal("\(letters) \($0)", $1) }
    #expect(try check.tangentError() < Tolerance.firstDifference)
    #expect(try check.adjointError() < Tolerance.exactInDouble)
    #expect(try check.hessianError() < Tolerance.secondDifference)
  }

  @Test func `a matrix for all tokens is one product of two matrices`() throws {
    var graph = Graph()
    let x = graph.input("x", [2, 3, 4], role: .batch)
    for shape in [[4, 5], [1, 4, 5]] as [Shape] {
      let w = graph.input("w\(shape.rank)", shape, role: .parameter)
      let y = try graph.matrixProduct(x, w)
      #expect(graph.shape(of: y) == [2, 3, 5])
      let gradient = try graph.gradient(of: graph.reduceSum(y, axes: [0, 1, 2]), by: [w])
      for value in graph.reachable(from: gradient) {
        if case .matrixProduct = graph[value].operation {
          #expect(graph.shape(of: value).rank == 2)
        }
      }
    }
  }

  @Test func `operands in the order of matrices are not copied`() throws {
    var graph = Graph()
    for letters in ["nqd,nkd->nqk", "nda,nkd->nak", "nqd,ndk->nqk", "nda,ndb->nab"] {
      let operands = letters.split { ",-".contains($0) }.prefix(2)
      let values = operands.enumerated().map { index, axes in
        graph.input(
          "\(letters)\(index)", Shape(axes.map { Self.extents[$0] ?? 4 }), role: .parameter)
      }
      let y = try graph.einsum(letters, values[0], values[1])
      for value in graph.reachable(from: [y]) {
        if case .transpose = graph[value].operation { Issue.record("\(letters) transposes") }
      }
    }
  }
}
