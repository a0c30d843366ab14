/// Tensor whose data is given from outside.
package struct Input: Primitive {
  /// Name, unique in the graph.
  package let name: String
  /// Where the data comes from.
  package let role: InputRole
  /// Shape of the data.
  package let shape: Shape

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape { shape }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? { nil }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] { [] }
}

/// Tensor filled with one number.
package struct Constant: Primitive {
  /// The number.
  package let value: Double
  /// Shape of the tensor.
  package let shape: Shape

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape { shape }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? { nil }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] { [] }
}

extension Graph {
  /// A tensor filled with `value`.
  public mutating func constant(_ value: Double, _ shape: Shape) throws(ShapeError) -> Value {
    try append(.constant(Constant(value: value, shape: shape)), [])
  }
}
