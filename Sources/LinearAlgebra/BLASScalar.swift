internal import COpenBLAS

/// `Float` or `Double`: the scalars that BLAS has routines for.
package protocol BLASScalar: BinaryFloatingPoint, Sendable, SIMDScalar, Codable {
  /// `C <- alpha A B + beta C`, all matrices row-major.
  static func matrixProduct(
    transposeA: Bool, transposeB: Bool, rows: Int, columns: Int, inner: Int,
    alpha: Self, a: UnsafePointer<Self>, strideA: Int, b: UnsafePointer<Self>, strideB: Int,
    beta: Self, c: UnsafeMutablePointer<Self>, strideC: Int)

  /// Dot product of two arrays, accumulated in `Double` in a fixed order.
  static func dot(_ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, count: Int) -> Double
}

extension Float: BLASScalar {
  /// `C <- alpha A B + beta C` through `cblas_sgemm`.
  package static func matrixProduct(
    transposeA: Bool, transposeB: Bool, rows: Int, columns: Int, inner: Int,
    alpha: Float, a: UnsafePointer<Float>, strideA: Int, b: UnsafePointer<Float>, strideB: Int,
    beta: Float, c: UnsafeMutablePointer<Float>, strideC: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans,
      transposeB ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns), blasint(inner),
      alpha, a, blasint(strideA), b, blasint(strideB), beta, c, blasint(strideC))
  }

  /// Dot product with 16 partial sums in `Double`, added in a fixed order.
  package static func dot(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int
  ) -> Double {
    var low = SIMD8<Double>(repeating: 0)
    var high = SIMD8<Double>(repeating: 0)
    let p = UnsafeRawPointer(x)
    let q = UnsafeRawPointer(y)
    let whole = count & ~15
    var i = 0
    while i < whole {
      let byte = i &* 4
      let a = p.loadUnaligned(fromByteOffset: byte, as: SIMD8<Float>.self)
      let b = q.loadUnaligned(fromByteOffset: byte, as: SIMD8<Float>.self)
      let c = p.loadUnaligned(fromByteOffset: byte &+ 32, as: SIMD8<Float>.self)
      let d = q.loadUnaligned(fromByteOffset: byte &+ 32, as: SIMD8<Float>.self)
      low += SIMD8<Double>(a) * SIMD8<Double>(b)
      high += SIMD8<Double>(c) * SIMD8<Double>(d)
      i &+= 16
    }
    var sum = (low + high).sum()
    while i < count {
      sum += Double(x[i]) * Double(y[i])
      i &+= 1
    }
    return sum
  }
}

extension Double: BLASScalar {
  /// `C <- alpha A B + beta C` through `cblas_dgemm`.
  package static func matrixProduct(
    transposeA: Bool, transposeB: Bool, rows: Int, columns: Int, inner: Int,
    alpha: Double, a: UnsafePointer<Double>, strideA: Int, b: UnsafePointer<Double>, strideB: Int,
    beta: Double, c: UnsafeMutablePointer<Double>, strideC: Int
  ) {
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans,
      transposeB ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns), blasint(inner),
      alpha, a, blasint(strideA), b, blasint(strideB), beta, c, blasint(strideC))
  }

  /// Dot product with 8 partial sums, added in a fixed order.
  package static func dot(
    _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, count: Int
  ) -> Double {
    var partial = SIMD8<Double>(repeating: 0)
    let p = UnsafeRawPointer(x)
    let q = UnsafeRawPointer(y)
    let whole = count & ~7
    var i = 0
    while i < whole {
      let a = p.loadUnaligned(fromByteOffset: i &* 8, as: SIMD8<Double>.self)
      let b = q.loadUnaligned(fromByteOffset: i &* 8, as: SIMD8<Double>.self)
      partial += a * b
      i &+= 8
    }
    var sum = partial.sum()
    while i < count {
      sum += x[i] * y[i]
      i &+= 1
    }
    return sum
  }
}
