/// Every `strides[k]`-th element along axis `k`, from `starts[k]`, `sizes[k]` of them.
///
/// The adjoint is `Pad`.
package struct Slice: Primitive {
  /// First index along each axis.
  package let starts: [Int]
  /// Step along each axis.
  package let strides: [Int]
  /// Number of elements along each axis.
  package let sizes: [Int]

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    let shape = shapes[0]
    guard [starts.count, strides.count, sizes.count].allSatisfy({ $0 == shape.rank }) else {
      throw ShapeError("slice", "needs a start, stride and size for each axis of \(shape)")
    }
    for axis in 0..<shape.rank {
      guard starts[axis] >= 0, strides[axis] >= 1, sizes[axis] >= 1,
        starts[axis] + (sizes[axis] - 1) * strides[axis] < shape[axis]
      else {
        throw ShapeError(
          "slice", "start \(starts), stride \(strides), size \(sizes) leave \(shape)")
      }
    }
    return Shape(sizes)
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.append(.slice(self), [t])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    let input = graph.shape(of: inputs[0])
    let high = (0..<input.rank).map {
      input[$0] - starts[$0] - (sizes[$0] - 1) * strides[$0] - 1
    }
    let pad = Pad(low: starts, high: high, interior: strides.map { $0 - 1 })
    return [try graph.append(.pad(pad), [cotangent])]
  }
}

/// Zeros before, behind and between the elements along each axis.
///
/// The adjoint is `Slice`.
package struct Pad: Primitive {
  /// Zeros before the first element along each axis.
  package let low: [Int]
  /// Zeros behind the last element along each axis.
  package let high: [Int]
  /// Zeros between neighbours along each axis.
  package let interior: [Int]

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    let shape = shapes[0]
    guard [low.count, high.count, interior.count].allSatisfy({ $0 == shape.rank }),
      (low + high + interior).allSatisfy({ $0 >= 0 })
    else {
      throw ShapeError("pad", "needs amounts of at least 0 for each axis of \(shape)")
    }
    return Shape(
      (0..<shape.rank).map {
        low[$0] + high[$0] + shape[$0] + max(shape[$0] - 1, 0) * interior[$0]
      })
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.append(.pad(self), [t])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    let input = graph.shape(of: inputs[0])
    let slice = Slice(
      starts: low, strides: interior.map { $0 + 1 }, sizes: input.dimensions)
    return [try graph.append(.slice(slice), [cotangent])]
  }
}

/// Tensors behind one another along one axis.
package struct Concatenate: Primitive {
  /// The axis along which they are joined.
  package let axis: Int

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    guard let first = shapes.first, axis >= 0, axis < first.rank,
      shapes.allSatisfy({
        $0.rank == first.rank
          && $0.replacing(axis: axis, with: 0) == first.replacing(axis: axis, with: 0)
      })
    else { throw ShapeError("concatenate", "shapes \(shapes) do not join along axis \(axis)") }
    return first.replacing(axis: axis, with: shapes.map { $0[axis] }.reduce(0, +))
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard tangents.contains(where: { $0 != nil }) else { return nil }
    var parts: [Value] = []
    for (input, tangent) in zip(inputs, tangents) {
      parts.append(try graph.orZeros(tangent, like: input))
    }
    return try graph.concatenate(parts, axis: axis)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    var start = 0
    var result: [Value?] = []
    for (input, wanted) in zip(inputs, wanted) {
      let shape = graph.shape(of: input)
      result.append(
        wanted ? try graph.slice(cotangent, axis: axis, start: start, size: shape[axis]) : nil)
      start += shape[axis]
    }
    return result
  }
}

extension Graph {
  /// Elements `start ..< start + size` along one axis, all along the others.
  public mutating func slice(
    _ x: Value, axis: Int, start: Int, size: Int
  ) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    if start == 0 && size == shape[axis] { return x }
    var starts = [Int](repeating: 0, count: shape.rank)
    starts[axis] = start
    let slice = Slice(
      starts: starts, strides: [Int](repeating: 1, count: shape.rank),
      sizes: shape.replacing(axis: axis, with: size).dimensions)
    return try append(.slice(slice), [x])
  }

  /// Every `strides[k]`-th element along axis `k`, from `starts[k]`, `sizes[k]` of them.
  public mutating func slice(
    _ x: Value, starts: [Int], strides: [Int], sizes: [Int]
  ) throws(ShapeError) -> Value {
    if sizes == shape(of: x).dimensions { return x }
    return try append(.slice(Slice(starts: starts, strides: strides, sizes: sizes)), [x])
  }

  /// Zeros before and behind the elements along each axis.
  public mutating func pad(_ x: Value, low: [Int], high: [Int]) throws(ShapeError) -> Value {
    if (low + high).allSatisfy({ $0 == 0 }) { return x }
    let interior = [Int](repeating: 0, count: low.count)
    return try append(.pad(Pad(low: low, high: high, interior: interior)), [x])
  }

  /// Tensors behind one another along `axis`.
  public mutating func concatenate(
    _ parts: [Value], axis: Int
  ) throws(ShapeError) -> Value {
    if parts.count == 1, let only = parts.first { return only }
    return try append(.concatenate(Concatenate(axis: axis)), parts)
  }
}
