/// `Y = op(A) op(B)` for matrices, where `op` transposes or not.
///
/// Bilinear: the tangent and both pullbacks are matrix products again.
package struct MatrixProduct: Primitive {
  /// Whether `A` is `[k, m]` instead of `[m, k]`.
  package let transposeA: Bool
  /// Whether `B` is `[n, k]` instead of `[k, n]`.
  package let transposeB: Bool

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    let (a, b) = (shapes[0], shapes[1])
    guard a.rank == 2, b.rank == 2, a[transposeA ? 0 : 1] == b[transposeB ? 1 : 0] else {
      throw ShapeError(
        "matrixProduct",
        "\(a)\(transposeA ? "^T" : "") and \(b)\(transposeB ? "^T" : "") do not fit")
    }
    return [a[transposeA ? 1 : 0], b[transposeB ? 0 : 1]]
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    var first: Value?
    var second: Value?
    if let t = tangents[0] { first = try graph.append(.matrixProduct(self), [t, inputs[1]]) }
    if let t = tangents[1] { second = try graph.append(.matrixProduct(self), [inputs[0], t]) }
    return try graph.sum(first, second)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    let (a, b) = (inputs[0], inputs[1])
    var result: [Value?] = [nil, nil]
    if wanted[0] {
      result[0] =
        transposeA
        ? try graph.matrixProduct(b, cotangent, transposeA: transposeB, transposeB: true)
        : try graph.matrixProduct(cotangent, b, transposeB: !transposeB)
    }
    if wanted[1] {
      result[1] =
        transposeB
        ? try graph.matrixProduct(cotangent, a, transposeA: true, transposeB: transposeA)
        : try graph.matrixProduct(a, cotangent, transposeA: !transposeA)
    }
    return result
  }
}

extension Graph {
  /// `op(A) op(B)`.
  package mutating func matrixProduct(
    _ a: Value, _ b: Value, transposeA: Bool = false, transposeB: Bool = false
  ) throws(ShapeError) -> Value {
    try append(
      .matrixProduct(MatrixProduct(transposeA: transposeA, transposeB: transposeB)), [a, b])
  }
}
