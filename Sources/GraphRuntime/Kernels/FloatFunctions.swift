internal import Foundation

/// Elementary functions of eight numbers in `Float`, computed in `Double` and rounded once.
///
/// Errors are at most 0.51 units in the last place for all numbers, denormal ones included; infinities
/// and NaN give what the C library's functions give, but for the sign of a zero. The same bits on every CPU.
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

  /// `e^x`.
  @inline(__always)
  static func exponential(_ x: Numbers) -> Numbers {
    result(DoubleFunctions.shortExponential(clamped(x, to: 110)), of: x)
  }

  /// `tanh x`.
  @inline(__always)
  static func tanh(_ x: Numbers) -> Numbers {
    let y = DoubleFunctions.exponentialMinusOne(2 * clamped(x, to: 20))
    return result(y / (y + 2), of: x)
  }

  /// `1 / (1 + e^-x)`.
  @inline(__always)
  static func sigmoid(_ x: Numbers) -> Numbers {
    result(1 / (DoubleFunctions.exponentialMinusOne(-clamped(x, to: 110)) + 2), of: x)
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

  /// Error function.
  @inline(__always)
  static func errorFunction(_ x: Numbers) -> Numbers {
    result(DoubleFunctions.errorFunction(clamped(x, to: 4)), of: x)
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
