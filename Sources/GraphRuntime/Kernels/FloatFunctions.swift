internal import Foundation

/// Elementary functions of eight numbers in `Float`.
///
/// Exponential, hyperbolic tangent, logistic and error function, which networks are full of, are computed in
/// `Float` with fused multiplications and additions; the others in `Double` and rounded once, to 0.51
/// units in the last place. Bounds are for all numbers, denormal ones included; infinities and NaN give
/// what the C library's functions give, but for the sign of a zero. The same bits on every CPU.
enum FloatFunctions {
  typealias Numbers = SIMD8<Float>
  typealias Bits = SIMD8<Int32>

  /// All ones where the bits are those of a NaN.
  @inline(__always)
  static func nanMask(_ bits: Bits) -> Bits {
    (Bits(repeating: 0x7f80_0000) &- (bits & Bits(repeating: 0x7fff_ffff))) &>> 31
  }

  /// `a` where a mask has ones, `b` where it has zeros.
  @inline(__always)
  private static func select(_ mask: Bits, _ a: Numbers, _ b: Numbers) -> Numbers {
    unsafeBitCast(
      unsafeBitCast(a, to: Bits.self) & mask | unsafeBitCast(b, to: Bits.self) & ~mask,
      to: Numbers.self)
  }

  /// The nearest numbers in `-limit ... limit`; NaN becomes one of the ends.
  @inline(__always)
  private static func clamped(_ x: Numbers, to limit: Float) -> SIMD8<Double> {
    let bits = unsafeBitCast(x, to: Bits.self)
    let size = bits & Bits(repeating: 0x7fff_ffff)
    let end = Bits(repeating: Int32(bitPattern: limit.bitPattern))
    let isOutside = (end &- size) &>> 31
    let nearest = size & ~isOutside | end & isOutside
    return SIMD8<Double>(
      unsafeBitCast(nearest | bits & Bits(repeating: .min), to: Numbers.self))
  }

  /// The result rounded to `Float`, or the argument where it is NaN.
  @inline(__always)
  private static func result(_ y: SIMD8<Double>, of x: Numbers) -> Numbers {
    select(nanMask(unsafeBitCast(x, to: Bits.self)), x, Numbers(y))
  }

  // Beyond 110 exponentials overflow to infinity or underflow to zero when they are rounded.

  /// `e^x` to 1.1 units in the last place.
  @inline(__always)
  static func exponential(_ x: Numbers) -> Numbers {
    let bits = unsafeBitCast(x, to: Bits.self)
    let size = bits & Bits(repeating: .max)
    let isNegative = bits &>> 31
    let isLarge = isAbove(size, 89) & ~isNegative
    // Minus infinity, say of a mask: not by way of a product that vanishes, which takes long.
    let isZero = isAbove(size, 104) & isNegative
    let end = Bits(repeating: Int32(bitPattern: Float(89).bitPattern))
    let inside = bits & ~(isLarge | isZero) | end & isLarge
    let y = exponentialInside(unsafeBitCast(inside, to: Numbers.self))
    let z = unsafeBitCast(unsafeBitCast(y, to: Bits.self) & ~isZero, to: Numbers.self)
    return select(nanMask(bits), x, z)
  }

  /// All ones where a size, the bits of a number without its sign, is above a limit.
  @inline(__always)
  private static func isAbove(_ size: Bits, _ limit: Float) -> Bits {
    (Bits(repeating: Int32(bitPattern: limit.bitPattern)) &- size) &>> 31
  }

  /// `c[0] + c[1] x + c[2] x^2 + ...`, every step rounded once.
  @inline(__always)
  private static func polynomial(_ x: Numbers, _ c: [Float]) -> Numbers {
    var k = c.count &- 1
    var y = Numbers(repeating: c[k])
    while k > 0 {
      k &-= 1
      y = Numbers(repeating: c[k]).addingProduct(y, x)
    }
    return y
  }

  /// `e^x` for `x` from -104 to 89.
  @inline(__always)
  private static func exponentialInside(_ x: Numbers) -> Numbers {
    // What is added to 1.5 * 2^23 loses its fraction.
    let magic = Numbers(repeating: 0x1.8p23)
    let shifted = magic.addingProduct(x, Numbers(repeating: 0x1.715476p0))
    let k = shifted - magic
    // The first part of log 2 has 15 bits: its products with k are exact.
    var r = x.addingProduct(k, Numbers(repeating: -0.693145751953125))
    r = r.addingProduct(k, Numbers(repeating: -1.428606765330187e-06))
    let tail = polynomial(
      r, [0.5, 0.166665181517601, 0.04166620597243309, 0.00836888886988163, 0.0013950476422905922])
    let y = 1 + r.addingProduct(tail, r * r)
    // Two factors, since 2^k itself may be no number.
    let exponent = unsafeBitCast(shifted, to: Bits.self) &- 0x4b40_0000
    let half = exponent &>> 1
    let first = unsafeBitCast((half &+ 127) &<< 23, to: Numbers.self)
    let second = unsafeBitCast((exponent &- half &+ 127) &<< 23, to: Numbers.self)
    return y * first * second
  }

  /// The smaller of a size and a limit.
  @inline(__always)
  private static func smaller(_ size: Bits, _ limit: Float) -> Numbers {
    let isOutside = isAbove(size, limit)
    let end = Bits(repeating: Int32(bitPattern: limit.bitPattern))
    return unsafeBitCast(size & ~isOutside | end & isOutside, to: Numbers.self)
  }

  /// `small` where the size of `x` is at most a limit, elsewhere `large` with the sign of `x`; NaN
  /// stays.
  @inline(__always)
  private static func odd(
    _ x: Numbers, small: Numbers, upTo limit: Float, large: Numbers
  ) -> Numbers {
    let bits = unsafeBitCast(x, to: Bits.self)
    let signed = unsafeBitCast(large, to: Bits.self) | bits & Bits(repeating: .min)
    let isLarge = isAbove(bits & Bits(repeating: .max), limit)
    let y = select(isLarge, unsafeBitCast(signed, to: Numbers.self), small)
    return select(nanMask(bits), x, y)
  }

  /// `tanh x` to 1.4 units in the last place.
  @inline(__always)
  static func tanh(_ x: Numbers) -> Numbers {
    let square = x * x
    let tail = polynomial(
      square,
      [
        -0.3333333134651184, 0.13333195447921753, -0.05394525080919266, 0.02169189415872097,
        -0.008154488168656826, 0.002121085999533534,
      ])
    let small = x.addingProduct(tail * square, x)
    let size = smaller(unsafeBitCast(x, to: Bits.self) & Bits(repeating: .max), 10)
    let large = 1 - 2 / (exponentialInside(2 * size) + 1)
    return odd(x, small: small, upTo: 0.625, large: large)
  }

  /// `1 / (1 + e^-x)` to 2.1 units in the last place: the exponential's, and two roundings.
  @inline(__always)
  static func sigmoid(_ x: Numbers) -> Numbers {
    let bits = unsafeBitCast(x, to: Bits.self)
    // Of minus the size, so that nothing overflows; small results are themselves small exponentials.
    let u = exponential(unsafeBitCast(bits | Bits(repeating: .min), to: Numbers.self))
    return select(bits &>> 31, u, Numbers(repeating: 1)) / (1 + u)
  }

  /// `log(1 + e^x)`.
  @inline(__always)
  static func softplus(_ x: Numbers) -> Numbers {
    let bits = unsafeBitCast(x, to: Bits.self)
    let isNegative = bits &>> 31
    let size = unsafeBitCast(bits & Bits(repeating: .max), to: Numbers.self)
    let u = DoubleFunctions.shortExponential(-clamped(size, to: 110))
    let positive = unsafeBitCast(bits & ~isNegative, to: Numbers.self)
    return result(SIMD8<Double>(positive) + DoubleFunctions.logarithmOfOnePlus(u), of: x)
  }

  /// `log x`.
  @inline(__always)
  static func logarithm(_ x: Numbers) -> Numbers {
    let bits = unsafeBitCast(x, to: Bits.self)
    let isZero = ((bits & Bits(repeating: .max)) &- 1) &>> 31
    let isNegative = bits &>> 31 & ~isZero
    // Infinity and NaN stay.
    let isLarge = (Bits(repeating: 0x7f7f_ffff) &- bits) &>> 31 & ~(bits &>> 31)
    var y = Numbers(DoubleFunctions.logarithm(SIMD8<Double>(x)))
    y = select(isLarge, x, y)
    y = select(isZero, Numbers(repeating: -.infinity), y)
    return select(isNegative, Numbers(repeating: .nan), y)
  }

  /// Error function to 1.2 units in the last place.
  @inline(__always)
  static func errorFunction(_ x: Numbers) -> Numbers {
    let tail = polynomial(
      x * x,
      [
        0.12837915122509003, -0.3761249780654907, 0.11281836777925491, -0.02676684409379959,
        0.004992892034351826, -0.0005986770265735686,
      ])
    let small = x.addingProduct(tail, x)
    // erf t = 1 - e^(-t - t g(t)).
    let size = smaller(unsafeBitCast(x, to: Bits.self) & Bits(repeating: .max), 4)
    let g = polynomial(
      size,
      [
        0.1286529153585434, 0.6351333856582642, 0.10626652091741562, -0.023787574842572212,
        0.0036545114126056433, -0.00032576575176790357, 1.152701679529855e-05,
      ])
    let large = 1 - exponentialInside((-size).addingProduct(-g, size))
    return odd(x, small: small, upTo: 0.9277, large: large)
  }

  /// `sin x`.
  @inline(__always)
  static func sine(_ x: Numbers) -> Numbers { sine(x, quarters: 0) { Foundation.sin($0) } }

  /// `cos x`.
  @inline(__always)
  static func cosine(_ x: Numbers) -> Numbers { sine(x, quarters: 1) { Foundation.cos($0) } }

  @inline(__always)
  private static func sine(
    _ x: Numbers, quarters: Int64, large: (Double) -> Double
  ) -> Numbers {
    var y = Numbers(DoubleFunctions.sine(clamped(x, to: 0x1p20), quarters: quarters))
    let size = unsafeBitCast(x, to: Bits.self) & Bits(repeating: .max)
    let isLarge = (Bits(repeating: 0x4980_0000) &- size) &>> 31
    if isLarge.wrappedSum() != 0 {
      // More bits of pi than two numbers have; such angles are rare.
      for lane in 0..<8 where isLarge[lane] != 0 { y[lane] = Float(large(Double(x[lane]))) }
    }
    return y
  }
}
