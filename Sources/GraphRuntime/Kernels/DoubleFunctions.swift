/// Elementary functions of eight numbers in `Double`: multiplications, additions, divisions and shifts
/// alone, each rounded by itself, so that every CPU gives the same bits.
///
/// Coefficients are Chebyshev interpolations on the reduced interval; errors are relative. Choices
/// between lanes are made by integers, because masks of comparisons are moved bit by bit in Swift 6.3.
enum DoubleFunctions {
  typealias Numbers = SIMD8<Double>
  typealias Bits = SIMD8<Int64>

  /// `c[0] + c[1] x + c[2] x^2 + ...`.
  @inline(__always)
  private static func polynomial(_ x: Numbers, _ c: [Double]) -> Numbers {
    var k = c.count &- 1
    var y = Numbers(repeating: c[k])
    while k > 0 {
      k &-= 1
      y = y * x + Numbers(repeating: c[k])
    }
    return y
  }

  /// The nearest integer to a number below 2^31, and the same in the last bits of the second result.
  @inline(__always)
  private static func rounded(_ x: Numbers) -> (integer: Numbers, bits: Bits) {
    // What is added to 1.5 * 2^52 loses its fraction.
    let shifted = x + 0x1.8p52
    return (shifted - 0x1.8p52, unsafeBitCast(shifted, to: Bits.self))
  }

  /// `x = k log 2 + r` with `|r|` at most `log 2 / 2`, and `2^k`; `|x|` at most 708.
  @inline(__always)
  private static func reduced(_ x: Numbers) -> (rest: Numbers, power: Numbers) {
    let (k, bits) = rounded(x * 0x1.71547652b82fep0)
    // The first part of log 2 has 32 bits: its products with k are exact.
    let rest = (x - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33
    return (rest, unsafeBitCast((bits &+ 1023) &<< 52, to: Numbers.self))
  }

  /// `e^x` to 1.5 units in the last place; that of -708 or 708 for numbers beyond, NaN for NaN.
  @inline(__always)
  static func exponential(_ x: Numbers) -> Numbers {
    let signed = unsafeBitCast(x, to: Bits.self)
    let size = signed & Bits(repeating: .max)
    let end = Bits(repeating: Int64(bitPattern: Double(708).bitPattern))
    let isOutside = (end &- size) &>> 63
    let isNaN = (Bits(repeating: 0x7ff0_0000_0000_0000) &- size) &>> 63
    let nearest = size & ~isOutside | end & isOutside | signed & Bits(repeating: .min)
    let y = exponentialInside(unsafeBitCast(nearest, to: Numbers.self))
    return unsafeBitCast(
      signed & isNaN | unsafeBitCast(y, to: Bits.self) & ~isNaN, to: Numbers.self)
  }

  @inline(__always)
  private static func exponentialInside(_ x: Numbers) -> Numbers {
    let (r, power) = reduced(x)
    let tail = polynomial(
      r,
      [
        0.5, 0.16666666666666666, 0.04166666666666668, 0.008333333333333333,
        0.0013888888888879073, 0.00019841269841263298, 2.4801587336442236e-05,
        2.755731924721873e-06, 2.75572632790885e-07, 2.505207109429355e-08,
        2.0918137737642736e-09, 1.608662795678037e-10,
      ])
    return power + power * (r + r * r * tail)
  }

  /// `e^r - 1` to 1e-11 for a rest `r`.
  @inline(__always)
  private static func restMinusOne(_ r: Numbers) -> Numbers {
    r + r * r
      * polynomial(
        r,
        [
          0.5, 0.16666666719028936, 0.04166666671901226, 0.00833329846980059,
          0.001388885403566671, 0.00019899285575896282, 2.4859589834589056e-05,
        ])
  }

  /// `e^x` to 1e-11 for `|x|` at most 708.
  @inline(__always)
  static func shortExponential(_ x: Numbers) -> Numbers {
    let (r, power) = reduced(x)
    return power + power * restMinusOne(r)
  }

  /// `2 artanh(s) = log((1 + s) / (1 - s))` to 3e-12 for `|s|` at most 1/3.
  @inline(__always)
  private static func logarithmOfRatio(_ s: Numbers) -> Numbers {
    2 * s
      * polynomial(
        s * s,
        [
          1.000000000002433, 0.33333333118960873, 0.2000003071060397, 0.14284072879100546,
          0.11152563692791477, 0.08561268333645095, 0.1093028415715348,
        ])
  }

  /// `log x` to 3e-12 for positive normal numbers.
  @inline(__always)
  static func logarithm(_ x: Numbers) -> Numbers {
    // Mantissas lie between sqrt(1/2) and sqrt(2), so that numbers near 1 have exponent 0.
    let root: Int64 = 0x3fe6_a09e_667f_3bcd
    let one: Int64 = 0x3ff0_0000_0000_0000
    let bits = unsafeBitCast(x, to: Bits.self) &+ (one &- root)
    let mantissa = unsafeBitCast(
      (bits & Bits(repeating: 0x000f_ffff_ffff_ffff)) &+ root, to: Numbers.self)
    // The exponent becomes a number as the last bits of 2^52.
    let exponent = unsafeBitCast(
      unsafeBitCast(unsafeBitCast(bits, to: SIMD8<UInt64>.self) &>> 52, to: Bits.self)
        | Bits(repeating: 0x4330_0000_0000_0000), to: Numbers.self)
    let fraction = mantissa - 1
    return (exponent - (0x1p52 + 1023)) * 0x1.62e42fefa39efp-1
      + logarithmOfRatio(fraction / (fraction + 2))
  }

  /// `log(1 + x)` to 3e-12 for `x` from 0 to 1.
  @inline(__always)
  static func logarithmOfOnePlus(_ x: Numbers) -> Numbers { logarithmOfRatio(x / (x + 2)) }

  /// `sin(x + quarters pi/2)` to 1e-9 for `|x|` at most 2^20.
  @inline(__always)
  static func sine(_ x: Numbers, quarters: Int64) -> Numbers {
    let (k, bits) = rounded(x * 0x1.45f306dc9c883p-1)
    // The first part of pi/2 has 33 bits: its products with k are exact.
    let r = (x - k * 0x1.921fb544p0) - k * 0x1.0b4611a626331p-34
    let square = r * r
    let sine =
      r + r * square
      * polynomial(
        square,
        [
          -0.16666666663853044, 0.008333331873837089, -0.00019840086263755443,
          2.7249864655139585e-06,
        ])
    let cosine =
      1 + square
      * polynomial(
        square,
        [
          -0.49999999999963857, 0.041666666637372694, -0.0013888885089126252,
          2.479986150250612e-05, -2.7237076731325097e-07,
        ])
    let quadrant = bits &+ quarters
    let isOdd = 0 &- (quadrant & 1)
    let value =
      unsafeBitCast(sine, to: Bits.self) & ~isOdd | unsafeBitCast(cosine, to: Bits.self) & isOdd
    // The second half of a turn is negative.
    return unsafeBitCast(value ^ (quadrant & 2) &<< 62, to: Numbers.self)
  }
}
