/// Loops of the products of a `ColumnMatrix`, on one block of rows.
///
/// A block is in `Double`, aligned to 64 bytes and padded with zeros to whole registers; columns
/// are padded likewise, so no loop has a tail. Four columns at a time share each load of the
/// block.
enum ColumnKernels<Scalar: BLASScalar> {
  typealias Columns = [UnsafeMutablePointer<Scalar>]

  /// Widens elements `from ..< from + count` into the block and pads it with zeros.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func load(
    _ source: UnsafeBufferPointer<Scalar>, from start: Int, count: Int,
    into block: UnsafeMutablePointer<Double>
  ) {
    guard let base = source.baseAddress else { return }
    let p = base + start
    var i = 0
    while i < count {
      block[i] = Double(p[i])
      i &+= 1
    }
    while i & 7 != 0 {
      block[i] = 0
      i &+= 1
    }
  }

  /// Rounds the block to the scalar.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func store(
    _ block: UnsafeMutablePointer<Double>, into target: UnsafeMutableBufferPointer<Scalar>,
    from start: Int, count: Int
  ) {
    guard let base = target.baseAddress else { return }
    let p = base + start
    var i = 0
    while i < count {
      p[i] = Scalar(block[i])
      i &+= 1
    }
  }

  /// Rounds the negated block to the scalar.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func storeNegated(
    _ block: UnsafeMutablePointer<Double>, into target: UnsafeMutableBufferPointer<Scalar>,
    from start: Int, count: Int
  ) {
    guard let base = target.baseAddress else { return }
    let p = base + start
    var i = 0
    while i < count {
      p[i] = Scalar(-block[i])
      i &+= 1
    }
  }

  /// `sums_j <- sums_j + column_j . block`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func project(
    _ block: UnsafeMutablePointer<Double>, count: Int, _ columns: Columns, from start: Int,
    into sums: UnsafeMutableBufferPointer<Double>
  ) {
    let register = MemoryLayout<Scalar>.stride &* 8
    let q = UnsafeRawPointer(block)
    var j = 0
    while j < columns.count {
      // Past the last column its own pointer is read again and the sum is dropped.
      let last = columns.count &- 1
      let p0 = UnsafeRawPointer(columns[j] + start)
      let p1 = UnsafeRawPointer(columns[min(j &+ 1, last)] + start)
      let p2 = UnsafeRawPointer(columns[min(j &+ 2, last)] + start)
      let p3 = UnsafeRawPointer(columns[min(j &+ 3, last)] + start)
      var s0 = SIMD8<Double>(repeating: 0)
      var s1 = s0
      var s2 = s0
      var s3 = s0
      var i = 0
      var byte = 0
      while i < count {
        let y = q.load(fromByteOffset: i &* 8, as: SIMD8<Double>.self)
        s0 += widened(p0.load(fromByteOffset: byte, as: SIMD8<Scalar>.self)) * y
        s1 += widened(p1.load(fromByteOffset: byte, as: SIMD8<Scalar>.self)) * y
        s2 += widened(p2.load(fromByteOffset: byte, as: SIMD8<Scalar>.self)) * y
        s3 += widened(p3.load(fromByteOffset: byte, as: SIMD8<Scalar>.self)) * y
        i &+= 8
        byte &+= register
      }
      sums[j] += s0.sum()
      if j &+ 1 < columns.count { sums[j &+ 1] += s1.sum() }
      if j &+ 2 < columns.count { sums[j &+ 2] += s2.sum() }
      if j &+ 3 < columns.count { sums[j &+ 3] += s3.sum() }
      j &+= 4
    }
  }

  /// `block <- block - sum_j c_j column_j`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func subtract(
    _ block: UnsafeMutablePointer<Double>, count: Int, _ columns: Columns, from start: Int,
    _ coefficients: [Double]
  ) {
    let register = MemoryLayout<Scalar>.stride &* 8
    let q = UnsafeMutableRawPointer(block)
    var j = 0
    while j < columns.count {
      let last = columns.count &- 1
      let p0 = UnsafeRawPointer(columns[j] + start)
      let p1 = UnsafeRawPointer(columns[min(j &+ 1, last)] + start)
      let p2 = UnsafeRawPointer(columns[min(j &+ 2, last)] + start)
      let p3 = UnsafeRawPointer(columns[min(j &+ 3, last)] + start)
      let c0 = SIMD8<Double>(repeating: coefficients[j])
      let c1 = SIMD8<Double>(repeating: j &+ 1 < columns.count ? coefficients[j &+ 1] : 0)
      let c2 = SIMD8<Double>(repeating: j &+ 2 < columns.count ? coefficients[j &+ 2] : 0)
      let c3 = SIMD8<Double>(repeating: j &+ 3 < columns.count ? coefficients[j &+ 3] : 0)
      var i = 0
      var byte = 0
      while i < count {
        var y = q.load(fromByteOffset: i &* 8, as: SIMD8<Double>.self)
        y -= c0 * widened(p0.load(fromByteOffset: byte, as: SIMD8<Scalar>.self))
        y -= c1 * widened(p1.load(fromByteOffset: byte, as: SIMD8<Scalar>.self))
        y -= c2 * widened(p2.load(fromByteOffset: byte, as: SIMD8<Scalar>.self))
        y -= c3 * widened(p3.load(fromByteOffset: byte, as: SIMD8<Scalar>.self))
        q.storeBytes(of: y, toByteOffset: i &* 8, as: SIMD8<Double>.self)
        i &+= 8
        byte &+= register
      }
      j &+= 4
    }
  }
}
