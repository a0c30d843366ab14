import ComputationGraph
import Foundation
import ReferenceRuntime
import TestSupport
import Testing

/// Norms whose statistics belong to samples equal their formulas, and their derivatives hold.
@Suite struct NormalizationTests {
  /// `(x - mean) / sqrt(variance + epsilon)` of each row, or without the mean.
  private func normalized(_ x: [Double], width: Int, centres: Bool) -> [Double] {
    stride(from: 0, to: x.count, by: width).flatMap { start in
      let row = x[start..<start + width]
      let mean = centres ? row.reduce(0, +) / Double(width) : 0
      let square = row.map { pow($0 - mean, 2) }.reduce(0, +) / Double(width)
      return row.map { ($0 - mean) / (square + 0.01).squareRoot() }
    }
  }

  private func check(
    _ graph: Graph, _ output: Value, by sources: [Value], at point: [String: [Double]],
    expected: [Double]
  ) throws {
    let found = ReferenceRuntime.evaluate(graph, outputs: [output], inputs: point)[0]
    #expect(relativeError(found, expected) < Tolerance.exactInDouble)
    let check = DerivativeCheck(graph, outputs: [output], sources: sources, at: point) {
      normal($0, $1)
    }
    #expect(try check.tangentError() < Tolerance.firstDifference)
    #expect(try check.adjointError() < Tolerance.exactInDouble)
    #expect(try check.hessianError() < Tolerance.secondDifference)
    #expect(try check.symmetryError() < Tolerance.exactInDouble)
  }

  @Test(arguments: [1, 2])
  func `layer norm and RMS norm over the last axes`(axes: Int) throws {
    let shape: Shape = [2, 3, 2, 4]
    let last = Shape(Array(shape.dimensions.suffix(axes)))
    for centres in [true, false] {
      var graph = Graph()
      let x = graph.input("x", shape, role: .parameter)
      let scale = graph.input("scale", last, role: .parameter)
      let shift = graph.input("shift", last, role: .parameter)
      let output =
        centres
        ? try graph.layerNormalization(x, axes: axes, scale: scale, shift: shift, epsilon: 0.01)
        : try graph.rmsNormalization(x, axes: axes, scale: scale, epsilon: 0.01)
      let point = [
        "x": normal("x", shape.count).map { 2 + 3 * $0 }, "scale": normal("scale", last.count),
        "shift": centres ? normal("shift", last.count) : [Double](repeating: 0, count: last.count),
      ]
      let rows = normalized(point["x"] ?? [], width: last.count, centres: centres)
      let expected = rows.enumerated().map { index, value in
        value * (point["scale"] ?? [])[index % last.count]
          + (point["shift"] ?? [])[index % last.count]
      }
      try check(
        graph, output, by: centres ? [x, scale, shift] : [x, scale], at: point, expected: expected)
    }
  }

  @Test(arguments: [1, 2, 6])
  func `group norm, from layer norm to instance norm`(groups: Int) throws {
    var graph = Graph()
    let x = graph.input("x", [2, 6, 2, 2], role: .parameter)
    let scale = graph.input("scale", [6], role: .parameter)
    let shift = graph.input("shift", [6], role: .parameter)
    let output = try graph.groupNormalization(
      x, groups: groups, scale: scale, shift: shift, epsilon: 0.01)
    let point = ["x": normal("x", 48), "scale": normal("scale", 6), "shift": normal("shift", 6)]
    let rows = normalized(point["x"] ?? [], width: 24 / groups, centres: true)
    let expected = rows.enumerated().map { index, value in
      value * (point["scale"] ?? [])[index / 4 % 6] + (point["shift"] ?? [])[index / 4 % 6]
    }
    try check(graph, output, by: [x, scale, shift], at: point, expected: expected)
  }

  @Test func `norms over what is not there are refused`() throws {
    var graph = Graph()
    let x = graph.input("x", [2, 6], role: .parameter)
    #expect(throws: ShapeError.self) {
      try graph.layerNormalization(x, axes: 2, scale: nil, shift: nil, epsilon: 1)
    }
    #expect(throws: ShapeError.self) { try graph.rmsNormalization(x, scale: x, epsilon: 1) }
    #expect(throws: ShapeError.self) {
      try graph.groupNormalization(x, groups: 4, scale: nil, shift: nil, epsilon: 1)
    }
  }
}
