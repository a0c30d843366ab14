/// Slices of one axis by indices that are data: `y[b.., q.., r..] = x[b.., i[b.., q..], r..]`.
///
/// Inputs are `x`, `[b.., m, r..]`, and `i`, `[b.., q..]`, whose first `batchAxes` axes `b..` go
/// together. Without batch axes it looks rows of a table up (an embedding), with one it picks an
/// element of every sample (the logit of its label).
///
/// Indices are numbers like all data, exact in `Float` below 2^24; what counts is the largest
/// integer that is not above. One that is outside `0 ..< m`, or is no number, gives `outside`.
/// Linear in `x`, piecewise constant in `i`. The adjoint is `ScatterAdd`.
package struct Take: Primitive {
  /// What an index outside the axis gives.
  package enum Outside: Hashable, Sendable {
    /// NaN: the data are wrong.
    case notANumber
    /// Zero, as the adjoint of `ScatterAdd` has it.
    case zero
  }

  /// Number of leading axes that `x` and `i` share.
  package let batchAxes: Int
  /// What an index outside the axis gives.
  package let outside: Outside

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    let (x, indices) = (shapes[0].dimensions, shapes[1].dimensions)
    guard batchAxes >= 0, x.count > batchAxes, indices.count >= batchAxes,
      x.prefix(batchAxes) == indices.prefix(batchAxes)
    else {
      throw ShapeError(
        "take", "indices \(shapes[1]) do not fit \(shapes[0]) with \(batchAxes) batch axes")
    }
    return Shape(indices + x.dropFirst(batchAxes + 1))
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.append(.take(self), [t, inputs[1]])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    guard wanted[0] else { return [nil, nil] }
    let extent = graph.shape(of: inputs[0])[batchAxes]
    return [
      try graph.scatterAdd(cotangent, inputs[1], batchAxes: batchAxes, extent: extent), nil,
    ]
  }
}

/// Slices added up at indices that are data: `y[b.., j, r..] = sum of c[b.., q.., r..]` over all `q..`
/// with `i[b.., q..] = j`.
///
/// Inputs are `c`, `[b.., q.., r..]`, and `i`, `[b.., q..]`; the result is `[b.., extent, r..]`.
/// Indices are as for `Take`; what belongs to one outside the axis is dropped.
/// Linear in `c`, piecewise constant in `i`. The adjoint is `Take`.
package struct ScatterAdd: Primitive {
  /// Number of leading axes that are kept.
  package let batchAxes: Int
  /// Extent of the axis that indices count along.
  package let extent: Int

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape {
    let (c, indices) = (shapes[0].dimensions, shapes[1].dimensions)
    guard batchAxes >= 0, extent >= 1, indices.count >= batchAxes,
      c.prefix(indices.count) == indices[...]
    else {
      throw ShapeError(
        "scatterAdd",
        "indices \(shapes[1]) do not fit \(shapes[0]) with \(batchAxes) batch axes")
    }
    return Shape(indices.prefix(batchAxes) + [extent] + c.dropFirst(indices.count))
  }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try graph.append(.scatterAdd(self), [t, inputs[1]])
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    guard wanted[0] else { return [nil, nil] }
    let take = Take(batchAxes: batchAxes, outside: .zero)
    return [try graph.append(.take(take), [cotangent, inputs[1]]), nil]
  }
}

extension Graph {
  /// Slices `x[b.., i[b.., q..], r..]` of `x`, `[b.., m, r..]`, by indices `[b.., q..]`.
  ///
  /// - Parameters:
  ///   - x: The tensor.
  ///   - indices: Integers, as numbers; out of range they give NaN.
  ///   - batchAxes: Number of leading axes that both share; 0 looks rows of a table up.
  /// - Returns: `[b.., q.., r..]`.
  /// - Throws: `ShapeError` when the shapes do not fit.
  public mutating func take(
    _ x: Value, _ indices: Value, batchAxes: Int = 0
  ) throws(ShapeError) -> Value {
    try append(.take(Take(batchAxes: batchAxes, outside: .notANumber)), [x, indices])
  }

  /// Slices of `c`, `[b.., q.., r..]`, added up at the indices `[b.., q..]`; adjoint of `take`.
  ///
  /// - Parameters:
  ///   - c: The slices.
  ///   - indices: Integers, as numbers; what belongs to one out of range is dropped.
  ///   - batchAxes: Number of leading axes that both share.
  ///   - extent: Extent of the axis that indices count along.
  /// - Returns: `[b.., extent, r..]`.
  /// - Throws: `ShapeError` when the shapes do not fit.
  public mutating func scatterAdd(
    _ c: Value, _ indices: Value, batchAxes: Int = 0, extent: Int
  ) throws(ShapeError) -> Value {
    try append(.scatterAdd(ScatterAdd(batchAxes: batchAxes, extent: extent)), [c, indices])
  }
}
