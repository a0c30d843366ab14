/// Register-blocked matrix products of the Winograd domain.
///
/// Every kernel computes `c[r][0..<16] (+)= Σₖ a[r, k] b[k][0..<16]` for a few rows `r`, holding the
/// whole of `c` in registers: six rows of sixteen columns are twelve 256-bit accumulators, which
/// with two vectors of `b` and one broadcast of `a` fill the sixteen registers of AVX2 and hide the
/// latency of its two FMA units.
///
/// An element's sum runs over `k` in one chain whatever the row count of the kernel that computes
/// it, so a result does not depend on how the rows are split.
enum MatrixProducts {
  typealias Lanes = SIMD16<Float>

  /// Computes `c[r] (+)= Σₖ a[r * rowStride + k * depthStride] b[k]` for `rows` rows.
  ///
  /// `b` holds `depth` contiguous vectors, `c` holds `rows`; `a` is read one scalar at a time.
  @inline(__always)
  static func multiply(
    rows: Int, depth: Int, _ a: UnsafePointer<Float>, rowStride: Int, depthStride: Int,
    _ b: UnsafePointer<Lanes>, into c: UnsafeMutablePointer<Lanes>, accumulates: Bool
  ) {
    var row = 0
    // Seven and eight remaining rows are cheaper as four and the rest: a single row has too few
    // independent sums to keep the units busy.
    while rows &- row >= 9 || rows &- row == 6 {
      sixRows(
        depth, a + row &* rowStride, rowStride, depthStride, b, c + row, accumulates)
      row &+= 6
    }
    while row &+ 4 <= rows {
      fourRows(
        depth, a + row &* rowStride, rowStride, depthStride, b, c + row, accumulates)
      row &+= 4
    }
    while row < rows {
      oneRow(depth, a + row &* rowStride, depthStride, b, c + row, accumulates)
      row &+= 1
    }
  }

  @inline(__always)
  private static func sixRows(
    _ depth: Int, _ a: UnsafePointer<Float>, _ rowStride: Int, _ depthStride: Int,
    _ b: UnsafePointer<Lanes>, _ c: UnsafeMutablePointer<Lanes>, _ accumulates: Bool
  ) {
    let a1 = a + rowStride
    let a2 = a1 + rowStride
    let a3 = a2 + rowStride
    let a4 = a3 + rowStride
    let a5 = a4 + rowStride
    var s0 = Lanes.zero
    var s1 = Lanes.zero
    var s2 = Lanes.zero
    var s3 = Lanes.zero
    var s4 = Lanes.zero
    var s5 = Lanes.zero
    var k = 0
    var offset = 0
    while k < depth {
      let right = b[k]
      s0.addProduct(Lanes(repeating: a[offset]), right)
      s1.addProduct(Lanes(repeating: a1[offset]), right)
      s2.addProduct(Lanes(repeating: a2[offset]), right)
      s3.addProduct(Lanes(repeating: a3[offset]), right)
      s4.addProduct(Lanes(repeating: a4[offset]), right)
      s5.addProduct(Lanes(repeating: a5[offset]), right)
      k &+= 1
      offset &+= depthStride
    }
    if accumulates {
      c[0] += s0
      c[1] += s1
      c[2] += s2
      c[3] += s3
      c[4] += s4
      c[5] += s5
    } else {
      c[0] = s0
      c[1] = s1
      c[2] = s2
      c[3] = s3
      c[4] = s4
      c[5] = s5
    }
  }

  @inline(__always)
  private static func fourRows(
    _ depth: Int, _ a: UnsafePointer<Float>, _ rowStride: Int, _ depthStride: Int,
    _ b: UnsafePointer<Lanes>, _ c: UnsafeMutablePointer<Lanes>, _ accumulates: Bool
  ) {
    let a1 = a + rowStride
    let a2 = a1 + rowStride
    let a3 = a2 + rowStride
    var s0 = Lanes.zero
    var s1 = Lanes.zero
    var s2 = Lanes.zero
    var s3 = Lanes.zero
    var k = 0
    var offset = 0
    while k < depth {
      let right = b[k]
      s0.addProduct(Lanes(repeating: a[offset]), right)
      s1.addProduct(Lanes(repeating: a1[offset]), right)
      s2.addProduct(Lanes(repeating: a2[offset]), right)
      s3.addProduct(Lanes(repeating: a3[offset]), right)
      k &+= 1
      offset &+= depthStride
    }
    if accumulates {
      c[0] += s0
      c[1] += s1
      c[2] += s2
      c[3] += s3
    } else {
      c[0] = s0
      c[1] = s1
      c[2] = s2
      c[3] = s3
    }
  }

  @inline(__always)
  private static func oneRow(
    _ depth: Int, _ a: UnsafePointer<Float>, _ depthStride: Int, _ b: UnsafePointer<Lanes>,
    _ c: UnsafeMutablePointer<Lanes>, _ accumulates: Bool
  ) {
    var sum = Lanes.zero
    var k = 0
    var offset = 0
    while k < depth {
      sum.addProduct(Lanes(repeating: a[offset]), b[k])
      k &+= 1
      offset &+= depthStride
    }
    c[0] = accumulates ? c[0] + sum : sum
  }
}
