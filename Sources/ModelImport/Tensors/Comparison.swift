internal import ComputationGraph

/// Comparison gives 1 and 0; selection takes whole numbers or none of them, so that nothing leaks out of what is not taken.
extension TensorBuilder {
  /// 1 where `a > b`.
  mutating func isGreater(_ a: LogicalTensor, _ b: LogicalTensor) throws -> LogicalTensor {
    try binary(
      a, b, element: .boolean, host: { $0 > $1 ? 1 : 0 },
      graph: { (graph, x, y) throws(ShapeError) in try graph.isGreater(x, y) })
  }

  /// 1 where `a = b`.
  ///
  /// What stands for minus infinity in masks is equal to it.
  mutating func isEqual(_ a: LogicalTensor, _ b: LogicalTensor) throws -> LogicalTensor {
    if b.scalar == -.infinity {
      return try expand(isInfinitelyLow(a), to: broadcastShape(a.shape, b.shape))
    }
    if a.scalar == -.infinity {
      return try expand(isInfinitelyLow(b), to: broadcastShape(a.shape, b.shape))
    }
    return try binary(
      a, b, element: .boolean, host: { $0 == $1 ? 1 : 0 },
      graph: { (graph, x, y) throws(ShapeError) in try graph.isEqual(x, y) })
  }

  /// `1 - mask`.
  mutating func not(_ mask: LogicalTensor) throws -> LogicalTensor {
    try affine(boolean(mask), scale: -1, shift: 1, element: .boolean)
  }

  /// 1 where a number is not zero.
  mutating func boolean(_ x: LogicalTensor) throws -> LogicalTensor {
    if x.element == .boolean { return x }
    let isZero = try isEqual(x, with(number(0), element: x.element))
    return try affine(isZero, scale: -1, shift: 1, element: .boolean)
  }

  /// `a` where `mask` holds, elsewhere `b`.
  mutating func select(
    _ mask: LogicalTensor, _ a: LogicalTensor, _ b: LogicalTensor
  ) throws -> LogicalTensor {
    let mask = try boolean(mask)
    let shape = try broadcastShape(broadcastShape(mask.shape, a.shape), b.shape)
    let element = Self.joined(a.element, b.element)
    if let known = mask.host {
      let all = known.elements
      if all.allSatisfy({ $0 != 0 }) { return with(try expand(a, to: shape), element: element) }
      if all.allSatisfy({ $0 == 0 }) { return with(try expand(b, to: shape), element: element) }
      if let x = a.host, let y = b.host {
        try Extents.count(shape, known: true)
        let parts = [known, x, y].map { $0.broadcast(to: shape).elements }
        let chosen = parts[0].indices.map { parts[0][$0] != 0 ? parts[1][$0] : parts[2][$0] }
        return LogicalTensor(HostArray(chosen, shape: shape, element: element))
      }
    }
    let isSampled = mask.isSampled || a.isSampled || b.isSampled
    let m = try operand(mask, for: shape, isSampled: isSampled)
    let x = try operand(a, for: shape, isSampled: isSampled)
    let y = try operand(b, for: shape, isSampled: isSampled)
    let value = try graph.select(m, x, y)
    return LogicalTensor(value, isSampled: isSampled, shape: shape, element: element)
  }

  /// The larger one of two numbers.
  mutating func maximum(_ a: LogicalTensor, _ b: LogicalTensor) throws -> LogicalTensor {
    try binary(
      a, b, host: { max($0, $1) },
      graph: { (graph, x, y) throws(ShapeError) in try graph.maximum(x, y) })
  }

  /// The smaller one of two numbers.
  mutating func minimum(_ a: LogicalTensor, _ b: LogicalTensor) throws -> LogicalTensor {
    try binary(
      a, b, host: { min($0, $1) },
      graph: { (graph, x, y) throws(ShapeError) in try graph.minimum(x, y) })
  }

  /// The nearest number in an interval; its derivative is 1 in the interval with its ends.
  ///
  /// Where the lower end is above the upper one, all numbers are the upper one.
  mutating func clamp(
    _ x: LogicalTensor, from low: Double?, to high: Double?
  ) throws -> LogicalTensor {
    if let low, let high, low > high {
      return try expand(with(number(high), element: x.element), to: x.shape)
    }
    return try map(
      x, element: x.element,
      host: { min(max($0, low ?? -.infinity), high ?? .infinity) },
      graph: { (graph, x) throws(ShapeError) in try graph.clamp(x, from: low, to: high) })
  }
}
