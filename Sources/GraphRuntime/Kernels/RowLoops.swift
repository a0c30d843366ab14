/// Loops over rows, eight numbers at a time.
enum RowLoops {
  typealias Numbers = SIMD8<Float>

  /// `y[r, :] = a[r, :] + column[r]`, or the product; `y` may be `a`.
  static func withColumn(
    _ function: ElementwiseInstruction.Function, _ a: UnsafePointer<Float>,
    column: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ rows: Int, _ width: Int
  ) {
    switch function {
    case .add: each(a, column, y, rows, width) { $0 + $1 }
    case .multiply: each(a, column, y, rows, width) { $0 * $1 }
    default: preconditionFailure("\(function) of a value and a column")
    }
  }

  @inline(__always)
  private static func each(
    _ a: UnsafePointer<Float>, _ column: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    _ rows: Int, _ width: Int, _ f: (Numbers, Numbers) -> Numbers
  ) {
    let whole = width & ~7
    for row in 0..<rows {
      let factor = Numbers(repeating: column[row])
      let source = UnsafeRawPointer(a + row &* width)
      let target = UnsafeMutableRawPointer(y + row &* width)
      var i = 0
      while i < whole {
        let x = source.loadUnaligned(fromByteOffset: i &* 4, as: Numbers.self)
        target.storeBytes(of: f(x, factor), toByteOffset: i &* 4, as: Numbers.self)
        i &+= 8
      }
      guard i < width else { continue }
      let rest = f(tail(source, from: i, count: width), factor)
      for lane in 0..<width &- i { y[row &* width &+ i &+ lane] = rest[lane] }
    }
  }

  /// The last numbers of a row, with something else behind them.
  @inline(__always)
  private static func tail(
    _ source: UnsafeRawPointer, from start: Int, count: Int, filler: Float = 0
  ) -> Numbers {
    var rest = Numbers(repeating: filler)
    for lane in 0..<count &- start {
      rest[lane] = source.load(fromByteOffset: (start &+ lane) &* 4, as: Float.self)
    }
    return rest
  }

  /// Sum of a row, accumulated in `Double`.
  static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    let raw = UnsafeRawPointer(x)
    var partial = SIMD8<Double>(repeating: 0)
    let whole = count & ~7
    var i = 0
    while i < whole {
      partial += SIMD8<Double>(raw.loadUnaligned(fromByteOffset: i &* 4, as: Numbers.self))
      i &+= 8
    }
    var total = partial.sum()
    while i < count {
      total += Double(x[i])
      i &+= 1
    }
    return Float(total)
  }

  /// The larger of two numbers, lane by lane.
  ///
  /// By the sign of their difference: it costs less than a mask. NaN and equal infinities may give
  /// either; neither changes a softmax.
  @inline(__always)
  private static func larger(_ a: Numbers, _ b: Numbers) -> Numbers {
    let isSmaller = unsafeBitCast(a - b, to: SIMD8<Int32>.self) &>> 31
    let bits =
      unsafeBitCast(b, to: SIMD8<Int32>.self) & isSmaller
      | unsafeBitCast(a, to: SIMD8<Int32>.self) & ~isSmaller
    return unsafeBitCast(bits, to: Numbers.self)
  }

  /// Softmax of a row; `y` may be `x`.
  ///
  /// The sum is accumulated in `Double`. A row of minus infinities gives NaN.
  static func softmax(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    let source = UnsafeRawPointer(x)
    let target = UnsafeMutableRawPointer(y)
    let whole = count & ~7
    var largest = Numbers(repeating: -.infinity)
    var i = 0
    while i < whole {
      largest = larger(
        largest, source.loadUnaligned(fromByteOffset: i &* 4, as: Numbers.self))
      i &+= 8
    }
    let rest = whole < count ? tail(source, from: whole, count: count, filler: -.infinity) : nil
    if let rest { largest = larger(largest, rest) }
    let shift = Numbers(repeating: largest.max())
    var partial = SIMD8<Double>(repeating: 0)
    i = 0
    while i < whole {
      let e = FloatFunctions.exponential(
        source.loadUnaligned(fromByteOffset: i &* 4, as: Numbers.self) - shift)
      partial += SIMD8<Double>(e)
      target.storeBytes(of: e, toByteOffset: i &* 4, as: Numbers.self)
      i &+= 8
    }
    var last = Numbers.zero
    if let rest {
      last = FloatFunctions.exponential(rest - shift)
      // What stands behind the row adds zero, but for a row without any number.
      for lane in 0..<count &- whole { partial[lane] += Double(last[lane]) }
    }
    let factor = Numbers(repeating: Float(1 / partial.sum()))
    i = 0
    while i < whole {
      let e = target.loadUnaligned(fromByteOffset: i &* 4, as: Numbers.self)
      target.storeBytes(of: e * factor, toByteOffset: i &* 4, as: Numbers.self)
      i &+= 8
    }
    if whole < count {
      let values = last * factor
      for lane in 0..<count &- whole { y[whole &+ lane] = values[lane] }
    }
  }
}
