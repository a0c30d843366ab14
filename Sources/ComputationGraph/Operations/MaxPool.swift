/// Largest element of each window; the border counts as minus infinity, ties go to the first.
package struct MaxPool: Primitive {
  /// The window.
  package let window: PoolingWindow

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    try window.outputShape(shapes[0])
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.append(.maxPoolSelect(MaxPoolSelect(window: window)), [t, inputs[0]])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    [try graph.append(.maxPoolScatter(MaxPoolScatter(window: window)), [cotangent, inputs[0]])]
  }
}

/// `(v, x) -> v` at the place of the largest element of `x` in each window.
///
/// Linear in `v`, piecewise constant in `x`. The adjoint is `MaxPoolScatter`.
package struct MaxPoolSelect: Primitive {
  /// The window.
  package let window: PoolingWindow

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard shapes[0] == shapes[1] else {
      throw ShapeError("maxPoolSelect", "shapes \(shapes[0]) and \(shapes[1]) differ")
    }
    return try window.outputShape(shapes[1])
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.append(.maxPoolSelect(self), [t, inputs[1]])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    guard wanted[0] else { return [nil, nil] }
    let scatter = MaxPoolScatter(window: window)
    return [try graph.append(.maxPoolScatter(scatter), [cotangent, inputs[1]]), nil]
  }
}

/// `(c, x) ->` images with `c` added at the place of the largest element of `x` in each window.
///
/// Linear in `c`, piecewise constant in `x`. The adjoint is `MaxPoolSelect`.
package struct MaxPoolScatter: Primitive {
  /// The window.
  package let window: PoolingWindow

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard try window.outputShape(shapes[1]) == shapes[0] else {
      throw ShapeError("maxPoolScatter", "\(shapes[0]) is not the output for \(shapes[1])")
    }
    return shapes[1]
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.append(.maxPoolScatter(self), [t, inputs[1]])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    guard wanted[0] else { return [nil, nil] }
    let select = MaxPoolSelect(window: window)
    return [try graph.append(.maxPoolSelect(select), [cotangent, inputs[1]]), nil]
  }
}

extension Graph {
  /// Largest element of each window.
  public mutating func maxPool(_ x: Value, _ window: PoolingWindow) throws(ShapeError) -> Value {
    try append(.maxPool(MaxPool(window: window)), [x])
  }

  /// Elements of `values` at the places of the largest elements of `x` in each window.
  package mutating func maxPoolSelect(
    _ values: Value, at x: Value, _ window: PoolingWindow
  ) throws(ShapeError) -> Value {
    try append(.maxPoolSelect(MaxPoolSelect(window: window)), [values, x])
  }
}
