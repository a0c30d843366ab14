/// `s_k = e^(z_k) / sum_j e^(z_j)` along the last axis.
///
/// Jacobian `diag(s) - s s^T`, symmetric, so tangent and pullback are the same.
package struct Softmax: Primitive {
  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard shapes[0].rank >= 1 else { throw ShapeError("softmax", "needs an axis") }
    return shapes[0]
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try product(t, output: output, in: &graph)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] { [try product(cotangent, output: output, in: &graph)] }

  private func product(
    _ v: Value, output s: Value, in graph: inout Graph
  ) throws(ShapeError) -> Value {
    let weighted = try graph.multiply(s, v)
    let total = try graph.sumAlongLastAxis(weighted)
    return try graph.subtract(weighted, graph.multiply(s, total))
  }
}

/// `z_k - log sum_j e^(z_j)` along the last axis.
///
/// Tangent `dz - sum(s dz)`, pullback `c - s sum(c)`, with `s` the softmax.
package struct LogSoftmax: Primitive {
  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard shapes[0].rank >= 1 else { throw ShapeError("logSoftmax", "needs an axis") }
    return shapes[0]
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    let weighted = try graph.multiply(graph.softmax(inputs[0]), t)
    return try graph.subtract(t, graph.sumAlongLastAxis(weighted))
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    let total = try graph.sumAlongLastAxis(cotangent)
    return [
      try graph.subtract(cotangent, graph.multiply(graph.softmax(inputs[0]), total))
    ]
  }
}

/// `log sum_j e^(z_j)` along the last axis, which stays with extent 1.
///
/// Tangent `sum(s dz)`, pullback `s c`, with `s` the softmax.
package struct LogSumExp: Primitive {
  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard shapes[0].rank >= 1 else { throw ShapeError("logSumExp", "needs an axis") }
    return shapes[0].replacing(axis: shapes[0].rank - 1, with: 1)
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    let weighted = try graph.multiply(graph.softmax(inputs[0]), t)
    return try graph.reduceSum(weighted, axes: [graph.shape(of: t).rank - 1])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    let spread = try graph.broadcast(cotangent, to: graph.shape(of: inputs[0]))
    return [try graph.multiply(graph.softmax(inputs[0]), spread)]
  }
}

extension Graph {
  /// Softmax along the last axis.
  public mutating func softmax(_ z: Value) throws(ShapeError) -> Value {
    try append(.softmax(Softmax()), [z])
  }

  /// Logarithm of the softmax along the last axis.
  public mutating func logSoftmax(_ z: Value) throws(ShapeError) -> Value {
    try append(.logSoftmax(LogSoftmax()), [z])
  }

  /// `log sum e^z` along the last axis.
  public mutating func logSumExp(_ z: Value) throws(ShapeError) -> Value {
    try append(.logSumExp(LogSumExp()), [z])
  }

  /// Sum along the last axis, repeated to the shape of `x`.
  mutating func sumAlongLastAxis(_ x: Value) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    return try broadcast(reduceSum(x, axes: [shape.rank - 1]), to: shape)
  }
}
