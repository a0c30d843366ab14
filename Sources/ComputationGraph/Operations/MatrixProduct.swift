/// `Y = op(A) op(B)` for matrices or stacks of them, where `op` transposes or not.
///
/// `A` is `[b.., m, k]`, `B` is `[b.., k, n]` and the result `[b.., m, n]`; an operand of extent 1 along
/// a batch axis is repeated there. Bilinear: the tangent and both pullbacks are matrix products
/// again, summed over the axes along which an operand was repeated.
package struct MatrixProduct: Primitive {
  /// Whether `A` is `[b.., k, m]` instead of `[b.., m, k]`.
  package let transposeA: Bool
  /// Whether `B` is `[b.., n, k]` instead of `[b.., k, n]`.
  package let transposeB: Bool

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    let (a, b) = (shapes[0], shapes[1])
    guard a.rank >= 2, b.rank == a.rank, inner(a) == b[b.rank - (transposeB ? 1 : 2)],
      zip(a.dimensions, b.dimensions).dropLast(2).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 })
    else {
      throw ShapeError(
        "matrixProduct",
        "\(a)\(transposeA ? "^T" : "") and \(b)\(transposeB ? "^T" : "") do not fit")
    }
    let batch = zip(a.dimensions, b.dimensions).dropLast(2).map { $0 == 1 ? $1 : $0 }
    return Shape(batch + [a[a.rank - (transposeA ? 1 : 2)], b[b.rank - (transposeB ? 2 : 1)]])
  }

  /// Number of products in one element of the result, from the shape of `A`.
  package func inner(_ a: Shape) -> Int { a[a.rank - (transposeA ? 2 : 1)] }

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
      let product =
        transposeA
        ? try graph.matrixProduct(b, cotangent, transposeA: transposeB, transposeB: true)
        : try graph.matrixProduct(cotangent, b, transposeB: !transposeB)
      result[0] = try graph.sumRepeatedMatrices(product, like: a)
    }
    if wanted[1] {
      let product =
        transposeB
        ? try graph.matrixProduct(cotangent, a, transposeA: true, transposeB: transposeA)
        : try graph.matrixProduct(a, cotangent, transposeA: !transposeA)
      result[1] = try graph.sumRepeatedMatrices(product, like: b)
    }
    return result
  }
}

extension Graph {
  /// `op(A) op(B)` for matrices or stacks of them.
  ///
  /// - Parameters:
  ///   - a: `[b.., m, k]`, transposed `[b.., k, m]`.
  ///   - b: `[b.., k, n]`, transposed `[b.., n, k]`. Either operand may have extent 1 along a batch axis,
  ///     or lack the first batch axes: it is repeated there.
  ///   - transposeA: Whether the matrices of `a` are transposed.
  ///   - transposeB: Whether those of `b` are.
  /// - Returns: `[b.., m, n]`.
  /// - Throws: `ShapeError` when the shapes do not fit.
  public mutating func matrixProduct(
    _ a: Value, _ b: Value, transposeA: Bool = false, transposeB: Bool = false
  ) throws(ShapeError) -> Value {
    let product = MatrixProduct(transposeA: transposeA, transposeB: transposeB)
    let (shapeA, shapeB) = (shape(of: a), shape(of: b))
    let rank = max(shapeA.rank, shapeB.rank)
    guard rank > 2, min(shapeA.rank, shapeB.rank) >= 2 else {
      return try append(.matrixProduct(product), [a, b])
    }
    // One matrix for all of A: one product with all rows of A.
    if !transposeA, shapeA.rank == rank, shapeB.dimensions.dropLast(2).allSatisfy({ $0 == 1 }),
      shapeB.rank == 2 || !mayCountOneSample(b)
    {
      let inner = shapeA[rank - 1]
      let rows = try reshape(a, to: [shapeA.count / max(inner, 1), inner])
      let matrix = try reshape(b, to: Shape(shapeB.dimensions.suffix(2)))
      let result = try append(.matrixProduct(product), [rows, matrix])
      return try reshape(
        result, to: Shape(shapeA.dimensions.dropLast() + [shape(of: result)[1]]))
    }
    func stack(_ shape: Shape) -> Shape {
      Shape([Int](repeating: 1, count: rank - shape.rank) + shape.dimensions)
    }
    return try append(
      .matrixProduct(product), [reshape(a, to: stack(shapeA)), reshape(b, to: stack(shapeB))])
  }

  /// Sum over the batch axes along which matrices were repeated; see `sumRepeated`.
  fileprivate mutating func sumRepeatedMatrices(
    _ product: Value, like operand: Value
  ) throws(ShapeError) -> Value {
    // Without batch axes nothing was repeated.
    shape(of: operand).rank == 2 ? product : try sumRepeated(product, like: operand)
  }
}
