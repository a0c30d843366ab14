/// The transforms of 3x3 filters, and of their gradients back.
enum WinogradFilter {
  typealias Lanes = SIMD16<Float>

  /// Writes `scale * G g Gᵀ`, position `p` at `p * stride`.
  @inline(__always)
  static func transform(
    _ taps: UnsafePointer<Float>, laneStride: Int, used: Int, flips: Bool, scale: Lanes,
    to destination: UnsafeMutablePointer<Lanes>, stride: Int
  ) {
    let taps = Taps(values: taps, laneStride: laneStride, used: used, flips: flips, scale: scale)
    let t0 = row(taps[0], taps[3], taps[6])
    let t1 = row(taps[1], taps[4], taps[7])
    let t2 = row(taps[2], taps[5], taps[8])
    store(row(t0.0, t1.0, t2.0), to: destination, stride)
    store(row(t0.1, t1.1, t2.1), to: destination + 6 &* stride, stride)
    store(row(t0.2, t1.2, t2.2), to: destination + 12 &* stride, stride)
    store(row(t0.3, t1.3, t2.3), to: destination + 18 &* stride, stride)
    store(row(t0.4, t1.4, t2.4), to: destination + 24 &* stride, stride)
    store(row(t0.5, t1.5, t2.5), to: destination + 30 &* stride, stride)
  }

  /// Returns `G g` of three taps.
  @inline(__always)
  private static func row(
    _ g0: Lanes, _ g1: Lanes, _ g2: Lanes
  ) -> (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes) {
    let (centre, near, far) = WinogradTransforms.filterScales
    let evenNear = g0.addingProduct(Lanes(repeating: 0.390625), g2) * near
    let oddNear = g1 * (0.625 * near)
    let evenFar = g0.addingProduct(Lanes(repeating: 2.25), g2) * far
    let oddFar = g1 * (1.5 * far)
    return (
      g0 * centre, evenNear + oddNear, evenNear - oddNear, evenFar + oddFar, evenFar - oddFar, g2
    )
  }

  /// Reads one tap of sixteen filters.
  private struct Taps {
    let values: UnsafePointer<Float>
    let laneStride: Int
    let used: Int
    let flips: Bool
    let scale: Lanes

    @inline(__always)
    subscript(index: Int) -> Lanes {
      var lanes = Lanes.zero
      let source = values + (flips ? 8 &- index : index)
      if used == 16 {
        for lane in 0..<16 { lanes[lane] = source[lane &* laneStride] }
      } else {
        for lane in 0..<used { lanes[lane] = source[lane &* laneStride] }
      }
      return lanes * scale
    }
  }

  @inline(__always)
  private static func store(
    _ six: (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes), to destination: UnsafeMutablePointer<Lanes>,
    _ stride: Int
  ) {
    destination[0] = six.0
    destination[stride] = six.1
    destination[2 &* stride] = six.2
    destination[3 &* stride] = six.3
    destination[4 &* stride] = six.4
    destination[5 &* stride] = six.5
  }

  /// Adds `A₃ᵀ S m S A₃` to nine taps of eight filters, or replaces them.
  ///
  /// `A₃ᵀ` is the output transform of `F(3, 4)`, `S` the row scales that
  /// ``WinogradTransforms/outputGradient(_:_:_:_:)`` left out.
  ///
  /// Position `p` is read from `source + p * stride`.
  @inline(__always)
  static func inverse(
    _ source: UnsafePointer<SIMD8<Float>>, stride: Int,
    to taps: UnsafeMutablePointer<SIMD8<Float>>, accumulates: Bool
  ) {
    let t0 = column(source, stride)
    let t1 = column(source + stride, stride)
    let t2 = column(source + 2 &* stride, stride)
    let t3 = column(source + 3 &* stride, stride)
    let t4 = column(source + 4 &* stride, stride)
    let t5 = column(source + 5 &* stride, stride)
    let r0 = three(t0.0, t1.0, t2.0, t3.0, t4.0, t5.0)
    let r1 = three(t0.1, t1.1, t2.1, t3.1, t4.1, t5.1)
    let r2 = three(t0.2, t1.2, t2.2, t3.2, t4.2, t5.2)
    if accumulates {
      taps[0] += r0.0
      taps[1] += r0.1
      taps[2] += r0.2
      taps[3] += r1.0
      taps[4] += r1.1
      taps[5] += r1.2
      taps[6] += r2.0
      taps[7] += r2.1
      taps[8] += r2.2
    } else {
      taps[0] = r0.0
      taps[1] = r0.1
      taps[2] = r0.2
      taps[3] = r1.0
      taps[4] = r1.1
      taps[5] = r1.2
      taps[6] = r2.0
      taps[7] = r2.1
      taps[8] = r2.2
    }
  }

  @inline(__always)
  private static func column(
    _ source: UnsafePointer<SIMD8<Float>>, _ stride: Int
  ) -> (SIMD8<Float>, SIMD8<Float>, SIMD8<Float>) {
    three(
      source[0], source[6 &* stride], source[12 &* stride], source[18 &* stride],
      source[24 &* stride], source[30 &* stride])
  }

  /// Returns `A₃ᵀ S m`.
  @inline(__always)
  private static func three(
    _ m0: SIMD8<Float>, _ m1: SIMD8<Float>, _ m2: SIMD8<Float>, _ m3: SIMD8<Float>,
    _ m4: SIMD8<Float>, _ m5: SIMD8<Float>
  ) -> (SIMD8<Float>, SIMD8<Float>, SIMD8<Float>) {
    let (centre, near, far) = WinogradTransforms.filterScales
    let evenNear = (m1 + m2) * near
    let oddNear = (m1 - m2) * near
    let evenFar = (m3 + m4) * far
    let oddFar = (m3 - m4) * far
    return (
      m0 * centre + evenNear + evenFar,
      (oddNear * 0.625).addingProduct(SIMD8(repeating: 1.5), oddFar),
      m5.addingProduct(SIMD8(repeating: 0.390625), evenNear)
        .addingProduct(SIMD8(repeating: 2.25), evenFar)
    )
  }
}
