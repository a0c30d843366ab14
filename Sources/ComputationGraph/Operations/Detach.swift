/// `y = x`, through which nothing is differentiated.
package struct Detach: Primitive {
  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape { shapes[0] }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? { nil }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] { [nil] }
}

extension Graph {
  /// The same elements, as constants for every derivative.
  public mutating func detach(_ x: Value) throws(ShapeError) -> Value {
    try append(.detach, [x])
  }
}
