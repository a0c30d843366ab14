/// Comparisons give 1 where they hold and 0 where they do not, and select by such masks.
///
/// All are made of `gate`, which takes or leaves the bits of a number: no infinity and no NaN leaks
/// out of what is not taken. Masks are piecewise constant, so their derivative is zero.
extension Graph {
  /// 1 where `x > 0`, otherwise (and for NaN) 0.
  public mutating func isPositive(_ x: Value) throws(ShapeError) -> Value {
    try gate(constant(1, shape(of: x)), by: x)
  }

  /// 1 where `a > b`, otherwise (and where one is NaN) 0.
  public mutating func isGreater(_ a: Value, _ b: Value) throws(ShapeError) -> Value {
    try isPositive(subtract(a, b))
  }

  /// 1 where `a = b`, otherwise 0; neither may be NaN, and not both the same infinity.
  public mutating func isEqual(_ a: Value, _ b: Value) throws(ShapeError) -> Value {
    let difference = try subtract(a, b)
    let differs = try add(isPositive(difference), isPositive(scale(difference, by: -1)))
    return try not(differs)
  }

  /// `1 - mask`.
  public mutating func not(_ mask: Value) throws(ShapeError) -> Value {
    try affine(mask, scale: -1, shift: 1)
  }

  /// `a` where `mask` is 1, `b` where it is 0.
  public mutating func select(
    _ mask: Value, _ a: Value, _ b: Value
  ) throws(ShapeError) -> Value {
    try add(gate(a, by: mask), gate(b, by: not(mask)))
  }

  /// The larger of two numbers; NaN where one is.
  ///
  /// Equal ones share the derivative, as in PyTorch.
  public mutating func maximum(_ a: Value, _ b: Value) throws(ShapeError) -> Value {
    let difference = try subtract(a, b)
    return try larger(a, b, by: difference)
  }

  /// The smaller of two numbers; NaN where one is.
  ///
  /// Equal ones share the derivative, as in PyTorch.
  public mutating func minimum(_ a: Value, _ b: Value) throws(ShapeError) -> Value {
    let difference = try subtract(b, a)
    return try larger(a, b, by: difference)
  }

  /// `a` where `difference > 0`, `b` where it is below, half of each elsewhere.
  private mutating func larger(
    _ a: Value, _ b: Value, by difference: Value
  ) throws(ShapeError) -> Value {
    let halves = (try scale(a, by: 0.5), try scale(b, by: 0.5))
    let first = try select(isPositive(difference), halves.0, halves.1)
    let second = try select(isPositive(scale(difference, by: -1)), halves.1, halves.0)
    return try add(first, second)
  }

  /// The nearest number in `low ... high`; the derivative is 1 in the interval with its ends.
  public mutating func clamp(
    _ x: Value, from low: Double? = nil, to high: Double? = nil
  ) throws(ShapeError) -> Value {
    var result = x
    if let low {
      let isBelow = try isPositive(affine(x, scale: -1, shift: low))
      result = try add(gate(result, by: not(isBelow)), scale(isBelow, by: low))
    }
    if let high {
      let isAbove = try isPositive(affine(x, scale: 1, shift: -high))
      result = try add(gate(result, by: not(isAbove)), scale(isAbove, by: high))
    }
    return result
  }
}
