/// Repeats axes of extent 1 up to a shape of the same rank.
///
/// The adjoint is `ReduceSum`.
package struct Broadcast: Primitive {
  /// Shape of the result.
  package let shape: Shape

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    let input = shapes[0]
    guard input.rank == shape.rank,
      zip(input.dimensions, shape.dimensions).allSatisfy({ $0 == $1 || $0 == 1 })
    else { throw ShapeError("broadcast", "\(input) does not repeat to \(shape)") }
    return shape
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.broadcast(t, to: shape)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    [try graph.sumRepeated(cotangent, like: inputs[0])]
  }
}

/// Sum over some axes, which stay with extent 1.
///
/// The adjoint is `Broadcast`.
package struct ReduceSum: Primitive {
  /// The axes that are summed over, ascending.
  package let axes: [Int]

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard axes.allSatisfy({ $0 >= 0 && $0 < shapes[0].rank }) else {
      throw ShapeError("reduceSum", "axes \(axes) are not all axes of \(shapes[0])")
    }
    return shapes[0].reducing(axes)
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.reduceSum(t, axes: axes)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    [try graph.broadcast(cotangent, to: graph.shape(of: inputs[0]))]
  }
}

extension Graph {
  /// Repeats axes of extent 1 up to `shape`.
  public mutating func broadcast(_ x: Value, to shape: Shape) throws(ShapeError) -> Value {
    if self.shape(of: x) == shape && !mayRepeatForOneSample(x) { return x }
    return try append(.broadcast(Broadcast(shape: shape)), [x])
  }

  /// Sum over `axes`, which stay with extent 1.
  public mutating func reduceSum(_ x: Value, axes: [Int]) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    // Axes of extent 1 have nothing to sum, but samples may be one of many.
    let keepsFirst = mayCountOneSample(x)
    let summed = axes.filter {
      $0 < 0 || $0 >= shape.rank || shape[$0] != 1 || ($0 == 0 && keepsFirst)
    }.sorted()
    if summed.isEmpty { return x }
    return try append(.reduceSum(ReduceSum(axes: summed)), [x])
  }

  /// Sum over the axes along which a value was repeated; the adjoint of repeating it.
  mutating func sumRepeated(
    _ cotangent: Value, like value: Value
  ) throws(ShapeError) -> Value {
    let (small, large) = (shape(of: value), shape(of: cotangent))
    let axes = (0..<small.rank).filter {
      small[$0] != large[$0] || ($0 == 0 && mayRepeatForOneSample(value))
    }
    return try reduceSum(cotangent, axes: axes)
  }

  /// Mean over `axes`, which stay with extent 1.
  public mutating func reduceMean(_ x: Value, axes: [Int]) throws(ShapeError) -> Value {
    let count = axes.map { shape(of: x)[$0] }.reduce(1, *)
    return try scale(reduceSum(x, axes: axes), by: 1 / Double(count))
  }
}
