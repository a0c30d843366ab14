extension Graph {
  /// Scaled dot-product attention, `softmax(scale Q K^T + mask) V`.
  ///
  /// Vaswani and others 2017.
  ///
  /// - Parameters:
  ///   - queries: `[b.., t, d]`; the axes `b..` are samples and heads.
  ///   - keys: `[b.., s, d]`.
  ///   - values: `[b.., s, e]`.
  ///   - mask: Added to the scores, `[b.., t, s]`, where each extent may be 1; minus infinity takes a key
  ///     away. A row without keys gives NaN.
  ///   - scale: Factor of the scores; `1 / sqrt(d)` by default.
  ///   - dropout: Factors of the weights, `[b.., t, s]`: zeros and numbers whose mean is 1.
  /// - Returns: `[b.., t, e]`.
  /// - Throws: `ShapeError` when the shapes do not fit.
  /// - Complexity: All scores, `[b.., t, s]`, are in memory.
  public mutating func attention(
    queries: Value, keys: Value, values: Value, mask: Value? = nil, scale: Double? = nil,
    dropout: Value? = nil
  ) throws(ShapeError) -> Value {
    let width = shape(of: queries).dimensions.last ?? 1
    // The queries are scaled: they are fewer than the scores.
    let scaled = try self.scale(queries, by: scale ?? 1 / Double(width).squareRoot())
    var scores = try matrixProduct(scaled, keys, transposeB: true)
    if let mask { scores = try add(scores, broadcast(mask, to: shape(of: scores))) }
    var weights = try softmax(scores)
    if let dropout { weights = try multiply(weights, dropout) }
    return try matrixProduct(weights, values)
  }

  /// Additive mask with which each query sees no later key: `[1.., t, s]` of a rank.
  ///
  /// The last query sees all keys, where there are more keys than queries, or the last `window` of them.
  public mutating func causalMask(
    queries: Int, keys: Int, rank: Int, window: Int? = nil
  ) throws(ShapeError) -> Value {
    let elements = (0..<queries).flatMap { query in
      let own = query + keys - queries
      return (0..<keys).map { key in
        key > own || key <= own - (window ?? keys) ? -Double.infinity : 0
      }
    }
    let ones = [Int](repeating: 1, count: max(rank - 2, 0))
    return try constant(elements, Shape(ones + [queries, keys]))
  }

  /// Rows of a table by indices.
  ///
  /// - Parameters:
  ///   - table: One row per index, `[v, d]`.
  ///   - indices: Integers, as numbers, `[q..]`; out of range they give NaN.
  ///   - padding: An index whose row gets no gradient.
  /// - Returns: `[q.., d]`.
  /// - Throws: `ShapeError` when the shapes do not fit.
  public mutating func embedding(
    _ table: Value, indices: Value, padding: Int? = nil
  ) throws(ShapeError) -> Value {
    let rows = try take(table, indices)
    guard let padding else { return rows }
    let shape = shape(of: rows)
    let isPadding = try isEqual(indices, constant(Double(padding), self.shape(of: indices)))
    let column = try reshape(isPadding, to: Shape(self.shape(of: indices).dimensions + [1]))
    return try select(broadcast(column, to: shape), detach(rows), rows)
  }
}
