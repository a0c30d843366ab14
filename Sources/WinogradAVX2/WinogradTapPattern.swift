/// The filter transform `G g` of `F(4, 3)` for taps some of which are zero.
protocol TapPattern {
  typealias Lanes = SIMD16<Float>
  typealias Six = (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes)

  /// Returns `G g`; does not read the taps that are zero.
  static func transform(_ g0: Lanes, _ g1: Lanes, _ g2: Lanes) -> Six
}

/// The taps `(g₀, g₁, g₂)`.
enum AllTaps: TapPattern {
  @inline(__always)
  static func transform(_ g0: Lanes, _ g1: Lanes, _ g2: Lanes) -> Six {
    let (centre, near, far) = WinogradTransforms.filterScales
    let evenNear = g0.addingProduct(Lanes(repeating: 0.390625), g2) * near
    let oddNear = g1 * (0.625 * near)
    let evenFar = g0.addingProduct(Lanes(repeating: 2.25), g2) * far
    let oddFar = g1 * (1.5 * far)
    return (
      g0 * centre, evenNear + oddNear, evenNear - oddNear, evenFar + oddFar, evenFar - oddFar, g2
    )
  }
}

/// The taps `(g₀, g₁, 0)`.
enum LeadingTaps: TapPattern {
  @inline(__always)
  static func transform(_ g0: Lanes, _ g1: Lanes, _: Lanes) -> Six {
    let (centre, near, far) = WinogradTransforms.filterScales
    let (evenNear, oddNear) = (g0 * near, g1 * (0.625 * near))
    let (evenFar, oddFar) = (g0 * far, g1 * (1.5 * far))
    return (
      g0 * centre, evenNear + oddNear, evenNear - oddNear, evenFar + oddFar, evenFar - oddFar,
      .zero
    )
  }
}

/// The taps `(0, g₁, g₂)`.
enum TrailingTaps: TapPattern {
  @inline(__always)
  static func transform(_: Lanes, _ g1: Lanes, _ g2: Lanes) -> Six {
    let (_, near, far) = WinogradTransforms.filterScales
    let (evenNear, oddNear) = (g2 * (0.390625 * near), g1 * (0.625 * near))
    let (evenFar, oddFar) = (g2 * (2.25 * far), g1 * (1.5 * far))
    return (
      .zero, evenNear + oddNear, evenNear - oddNear, evenFar + oddFar, evenFar - oddFar, g2
    )
  }
}

/// The taps `(0, g₁, 0)`.
enum MiddleTap: TapPattern {
  @inline(__always)
  static func transform(_: Lanes, _ g1: Lanes, _: Lanes) -> Six {
    let (_, near, far) = WinogradTransforms.filterScales
    let (oddNear, oddFar) = (g1 * (0.625 * near), g1 * (1.5 * far))
    return (.zero, oddNear, -oddNear, oddFar, -oddFar, .zero)
  }
}
