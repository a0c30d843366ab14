/// `y = a + b` for equal shapes.
package struct Add: Primitive {
  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard shapes[0] == shapes[1] else {
      throw ShapeError("add", "shapes \(shapes[0]) and \(shapes[1]) differ")
    }
    return shapes[0]
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    try graph.sum(tangents[0], tangents[1])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] { [cotangent, cotangent] }
}

/// `y = a b`, element by element, for equal shapes.
///
/// Tangent `b da + a db`; pullback `(b c, a c)`.
package struct Multiply: Primitive {
  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard shapes[0] == shapes[1] else {
      throw ShapeError("multiply", "shapes \(shapes[0]) and \(shapes[1]) differ")
    }
    return shapes[0]
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    var first: Value?
    var second: Value?
    if let t = tangents[0] { first = try graph.multiply(t, inputs[1]) }
    if let t = tangents[1] { second = try graph.multiply(inputs[0], t) }
    return try graph.sum(first, second)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    [
      wanted[0] ? try graph.multiply(cotangent, inputs[1]) : nil,
      wanted[1] ? try graph.multiply(inputs[0], cotangent) : nil,
    ]
  }
}

/// `y = scale x + shift` with two constants.
package struct Affine: Primitive {
  /// Factor.
  package let scale: Double
  /// Summand.
  package let shift: Double

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape { shapes[0] }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.scale(t, by: scale)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] { [try graph.scale(cotangent, by: scale)] }
}

/// `y = x` where `reference > 0`, else 0: the derivative of ReLU, with ReLU'(0) = 0.
///
/// Linear in `x`; piecewise constant in `reference`, whose derivative is zero.
package struct Gate: Primitive {
  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard shapes[0] == shapes[1] else {
      throw ShapeError("gate", "shapes \(shapes[0]) and \(shapes[1]) differ")
    }
    return shapes[0]
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.gate(t, by: inputs[1])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    [wanted[0] ? try graph.gate(cotangent, by: inputs[1]) : nil, nil]
  }
}

extension Graph {
  /// `a + b`.
  public mutating func add(_ a: Value, _ b: Value) throws(ShapeError) -> Value {
    try append(.add, [a, b])
  }

  /// `a b`, element by element.
  public mutating func multiply(_ a: Value, _ b: Value) throws(ShapeError) -> Value {
    try append(.multiply, [a, b])
  }

  /// `scale x + shift`.
  public mutating func affine(
    _ x: Value, scale: Double, shift: Double
  ) throws(ShapeError) -> Value {
    if scale == 1 && shift == 0 { return x }
    return try append(.affine(Affine(scale: scale, shift: shift)), [x])
  }

  /// `factor x`.
  public mutating func scale(_ x: Value, by factor: Double) throws(ShapeError) -> Value {
    try affine(x, scale: factor, shift: 0)
  }

  /// `a - b`.
  public mutating func subtract(_ a: Value, _ b: Value) throws(ShapeError) -> Value {
    try add(a, scale(b, by: -1))
  }

  /// `x` where `reference > 0`, else 0.
  public mutating func gate(_ x: Value, by reference: Value) throws(ShapeError) -> Value {
    try append(.gate, [x, reference])
  }
}
