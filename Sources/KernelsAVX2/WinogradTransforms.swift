/// One-dimensional transforms of the Winograd algorithms with six points, eight channels at a time.
///
/// `F(4, 3)` (four outputs of a filter of three taps) and `F(3, 4)` (three outputs of a filter of
/// four taps) both evaluate polynomials of degree five at the points `0, ±p, ±q, ∞`, so both use
/// the same input transform `Bᵀ`. With `p² = a`, `q² = b`:
///
///     Bᵀ = [ ab    0   -(a+b)   0     1   0 ]      Aᵀ = [ 1  1   1   1   1   0 ]
///          [ 0  ∓pb    -b      ±p     1   0 ]           [ 0  p  -p   q  -q   0 ]
///          [ 0  ∓qa    -a      ±q     1   0 ]           [ 0  p²  p²  q²  q²  0 ]
///          [ 0   ab     0   -(a+b)    0   1 ]           [ 0  p³ -p³  q³ -q³  1 ]
///
///     G  = rows (1, 0, 0) / ab,  (1, ±p, p²) / 2a(a-b),  (1, ±q, q²) / 2b(b-a),  (0, 0, 1)
///
/// The points are `p = 5/8`, `q = 3/2`: all constants of `Bᵀ` and `Aᵀ` are exact in binary, and the
/// rounding error is about half of that of the customary `p = 1`, `q = 2`.
///
/// Source: A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks",
/// arXiv:1509.09308, section 4.3; choice of points after B. Barabasz et al., "Error Analysis and
/// Improving the Accuracy of Winograd Convolution for Deep Neural Networks", arXiv:1803.10986.
enum WinogradTransforms {
  typealias Lanes = ChannelBlock

  /// Six vectors: one row or column of a tile in the transformed domain.
  typealias Six = (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes)

  /// The first pair of points, `±p`.
  static let nearPoint = 0.625
  /// The second pair of points, `±q`.
  static let farPoint = 1.5

  /// Returns `Bᵀ d`.
  @inline(__always)
  static func input(
    _ d0: Lanes, _ d1: Lanes, _ d2: Lanes, _ d3: Lanes, _ d4: Lanes, _ d5: Lanes
  ) -> Six {
    let nearSquare = Lanes(repeating: 0.390625)
    let farSquare = Lanes(repeating: 2.25)
    let product = Lanes(repeating: 0.87890625)
    let sum = Lanes(repeating: 2.640625)
    // Products are shared between a sum and a difference: additions have units of their own.
    let even1 = d4.subtractingProduct(farSquare, d2)
    let odd1 = d3.subtractingProduct(farSquare, d1) * 0.625
    let even2 = d4.subtractingProduct(nearSquare, d2)
    let odd2 = d3.subtractingProduct(nearSquare, d1) * 1.5
    return (
      d4.subtractingProduct(sum, d2).addingProduct(product, d0),
      even1 + odd1, even1 - odd1, even2 + odd2, even2 - odd2,
      d5.subtractingProduct(sum, d3).addingProduct(product, d1)
    )
  }

  /// Returns `Aᵀ m` of `F(4, 3)`.
  @inline(__always)
  static func output(
    _ m0: Lanes, _ m1: Lanes, _ m2: Lanes, _ m3: Lanes, _ m4: Lanes, _ m5: Lanes
  ) -> (Lanes, Lanes, Lanes, Lanes) {
    let evenNear = m1 + m2
    let oddNear = m1 - m2
    let evenFar = m3 + m4
    let oddFar = m3 - m4
    return (
      m0 + evenNear + evenFar,
      (oddNear * 0.625).addingProduct(Lanes(repeating: 1.5), oddFar),
      (evenNear * 0.390625).addingProduct(Lanes(repeating: 2.25), evenFar),
      m5.addingProduct(Lanes(repeating: 0.244140625), oddNear)
        .addingProduct(Lanes(repeating: 3.375), oddFar)
    )
  }

  /// Returns `S⁻¹ G₄ g` of `F(3, 4)`: the filter transform without its row scales.
  ///
  /// `G₄` has rows `(1, ±p, p², ±p³)`; the scales `S` (``filterScales``) are applied once, by
  /// ``WinogradTransforms/filterGradient(_:_:_:_:_:_:)``'s caller, instead of once per tile.
  @inline(__always)
  static func outputGradient(_ g0: Lanes, _ g1: Lanes, _ g2: Lanes, _ g3: Lanes) -> Six {
    let nearSquare = Lanes(repeating: 0.390625)
    let farSquare = Lanes(repeating: 2.25)
    let evenNear = g0.addingProduct(nearSquare, g2)
    let oddNear = g1.addingProduct(nearSquare, g3) * 0.625
    let evenFar = g0.addingProduct(farSquare, g2)
    let oddFar = g1.addingProduct(farSquare, g3) * 1.5
    return (
      g0, evenNear + oddNear, evenNear - oddNear, evenFar + oddFar, evenFar - oddFar, g3
    )
  }

  /// The row scales `S` of `G`: `1 / ab`, `1 / 2a(a-b)` twice, `1 / 2b(b-a)` twice, 1.
  static let filterScales: (Float, Float, Float) = {
    let a = nearPoint * nearPoint
    let b = farPoint * farPoint
    return (Float(1 / (a * b)), Float(1 / (2 * a * (a - b))), Float(1 / (2 * b * (b - a))))
  }()
}

extension SIMD where Scalar == Float {
  /// Returns `self - lhs * rhs`, rounded once.
  @inline(__always)
  func subtractingProduct(_ lhs: Self, _ rhs: Self) -> Self {
    addingProduct(-lhs, rhs)
  }
}
