/// Some indices of one axis in a given order: `y[..., k, ...] = x[..., indices[k], ...]`.
///
/// The adjoint is `Scatter`.
package struct Gather: Primitive {
  /// The axis.
  package let axis: Int
  /// The index of the input that each index of the result is; some may be repeated.
  package let indices: [Int]

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    let shape = shapes[0]
    guard axis >= 0, axis < shape.rank, areIndices(indices, below: shape[axis]) else {
      throw ShapeError("gather", "\(indices) are no indices of axis \(axis) of \(shape)")
    }
    return shape.replacing(axis: axis, with: indices.count)
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.append(.gather(self), [t])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    let scatter = Scatter(
      axis: axis, indices: indices, extent: graph.shape(of: inputs[0])[axis])
    return [try graph.append(.scatter(scatter), [cotangent])]
  }
}

/// Elements added at some indices of one axis of zeros: `y[..., indices[k], ...] += x[..., k, ...]`.
///
/// The adjoint is `Gather`.
package struct Scatter: Primitive {
  /// The axis.
  package let axis: Int
  /// The index of the result that each index of the input is added to; some may be repeated.
  package let indices: [Int]
  /// Extent of the axis in the result.
  package let extent: Int

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    let shape = shapes[0]
    guard axis >= 0, axis < shape.rank, shape[axis] == indices.count,
      areIndices(indices, below: extent)
    else {
      throw ShapeError(
        "scatter",
        "axis \(axis) of \(shape) does not go to \(indices) below \(extent)")
    }
    return shape.replacing(axis: axis, with: extent)
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.append(.scatter(self), [t])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    [try graph.append(.gather(Gather(axis: axis, indices: indices)), [cotangent])]
  }
}

/// Whether there is at least one index, all in `0 ..< extent`.
private func areIndices(_ indices: [Int], below extent: Int) -> Bool {
  !indices.isEmpty && indices.allSatisfy { $0 >= 0 && $0 < extent }
}

extension Graph {
  /// The elements at some indices of one axis, in their order.
  public mutating func gather(
    _ x: Value, axis: Int, indices: [Int]
  ) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    if axis >= 0, axis < shape.rank, indices == Array(0..<shape[axis]) { return x }
    return try append(.gather(Gather(axis: axis, indices: indices)), [x])
  }

  /// The elements added at some indices of one axis of a tensor of zeros.
  public mutating func scatter(
    _ x: Value, axis: Int, indices: [Int], extent: Int
  ) throws(ShapeError) -> Value {
    if indices == Array(0..<extent) { return x }
    return try append(.scatter(Scatter(axis: axis, indices: indices, extent: extent)), [x])
  }
}
