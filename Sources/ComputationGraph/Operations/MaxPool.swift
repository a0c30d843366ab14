/// Window of a pooling operation along height and width.
package struct PoolingWindow: Hashable, Sendable {
  /// Extent of the window.
  package let size: [Int]
  /// Step of the window.
  package let stride: [Int]
  /// Border that is added on every side.
  package let padding: [Int]

  /// Creates a window; one number counts for height and width.
  package init(size: Int, stride: Int, padding: Int = 0) {
    self.size = [size, size]
    self.stride = [stride, stride]
    self.padding = [padding, padding]
  }

  /// Shape of the output for images `[n, c, h, w]`.
  package func outputShape(_ x: Shape) throws(ShapeError) -> Shape {
    guard x.rank == 4, size.allSatisfy({ $0 >= 1 }), stride.allSatisfy({ $0 >= 1 }),
      (0..<2).allSatisfy({ padding[$0] >= 0 && 2 * padding[$0] <= size[$0] }),
      (0..<2).allSatisfy({ x[$0 + 2] + 2 * padding[$0] >= size[$0] })
    else { throw ShapeError("pooling", "window \(size) does not fit images \(x)") }
    return [
      x[0], x[1], (x[2] + 2 * padding[0] - size[0]) / stride[0] + 1,
      (x[3] + 2 * padding[1] - size[1]) / stride[1] + 1,
    ]
  }
}

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
  package mutating func maxPool(_ x: Value, _ window: PoolingWindow) throws(ShapeError) -> Value {
    try append(.maxPool(MaxPool(window: window)), [x])
  }
}
