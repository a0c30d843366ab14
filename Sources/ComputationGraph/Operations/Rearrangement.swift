/// The same elements in row-major order under another shape.
package struct Reshape: Primitive {
  /// Shape of the result.
  package let shape: Shape

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard shapes[0].count == shape.count else {
      throw ShapeError("reshape", "\(shapes[0]) has not as many elements as \(shape)")
    }
    return shape
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.reshape(t, to: shape)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    [try graph.reshape(cotangent, to: graph.shape(of: inputs[0]))]
  }
}

/// Axes in another order: axis `k` of the result is axis `permutation[k]` of the input.
package struct Transpose: Primitive {
  /// The axis of the input that each axis of the result is.
  package let permutation: [Int]

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard permutation.sorted() == Array(0..<shapes[0].rank) else {
      throw ShapeError("transpose", "\(permutation) is no order of the axes of \(shapes[0])")
    }
    return Shape(permutation.map { shapes[0][$0] })
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.transpose(t, permutation)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    var inverse = permutation
    for (to, from) in permutation.enumerated() { inverse[from] = to }
    return [try graph.transpose(cotangent, inverse)]
  }
}

extension Graph {
  /// The same elements under another shape.
  public mutating func reshape(_ x: Value, to shape: Shape) throws(ShapeError) -> Value {
    if self.shape(of: x) == shape { return x }
    return try append(.reshape(Reshape(shape: shape)), [x])
  }

  /// Axes in another order.
  public mutating func transpose(
    _ x: Value, _ permutation: [Int]
  ) throws(ShapeError) -> Value {
    if permutation == Array(0..<permutation.count), permutation.count == shape(of: x).rank {
      return x
    }
    return try append(.transpose(Transpose(permutation: permutation)), [x])
  }
}
