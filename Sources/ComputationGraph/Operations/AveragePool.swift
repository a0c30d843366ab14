/// Mean of each window.
package struct AveragePool: Primitive {
  /// The window.
  package let window: PoolingWindow
  /// Whether the border counts as zeros that are averaged over, as by default in PyTorch.
  package let countsBorder: Bool

  /// An average over windows.
  package init(window: PoolingWindow, countsBorder: Bool = true) {
    self.window = window
    self.countsBorder = countsBorder
  }

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    try window.outputShape(shapes[0])
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.append(.averagePool(self), [t])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    let gradient = AveragePoolGradient(
      window: window, input: graph.shape(of: inputs[0]), countsBorder: countsBorder)
    return [try graph.append(.averagePoolGradient(gradient), [cotangent])]
  }
}

/// Adjoint of `AveragePool`: spreads each element evenly over its window.
package struct AveragePoolGradient: Primitive {
  /// The window.
  package let window: PoolingWindow
  /// Shape of the images.
  package let input: Shape
  /// Whether shares of the border are lost.
  package let countsBorder: Bool

  /// The adjoint for images of a shape.
  package init(window: PoolingWindow, input: Shape, countsBorder: Bool = true) {
    self.window = window
    self.input = input
    self.countsBorder = countsBorder
  }

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard try window.outputShape(input) == shapes[0] else {
      throw ShapeError("averagePoolGradient", "\(shapes[0]) is not the output for \(input)")
    }
    return input
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.append(.averagePoolGradient(self), [t])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    [try graph.averagePool(cotangent, window, countsBorder: countsBorder)]
  }
}

extension Graph {
  /// Mean of each window; the border counts as zeros, or not at all.
  public mutating func averagePool(
    _ x: Value, _ window: PoolingWindow, countsBorder: Bool = true
  ) throws(ShapeError) -> Value {
    try append(.averagePool(AveragePool(window: window, countsBorder: countsBorder)), [x])
  }
}
