/// `Float` or `Double`.
public protocol BLASScalar: BinaryFloatingPoint, Sendable, SIMDScalar, Codable {
  /// Dot product of two arrays, accumulated in `Double` in a fixed order.
  static func dot(_ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, count: Int) -> Double
}

/// Eight numbers as `Double`.
///
/// Element by element, which the compiler makes one instruction for each register; the initializer of the
/// standard library is a call of a function.
@inline(__always)
func widened<Scalar: BLASScalar>(_ x: SIMD8<Scalar>) -> SIMD8<Double> {
  SIMD8(
    Double(x[0]), Double(x[1]), Double(x[2]), Double(x[3]), Double(x[4]), Double(x[5]),
    Double(x[6]), Double(x[7]))
}

extension Float: BLASScalar {
  /// Dot product with 16 partial sums in `Double`, added in a fixed order.
  public static func dot(
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
      low += widened(a) * widened(b)
      high += widened(c) * widened(d)
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
  /// Dot product with 8 partial sums, added in a fixed order.
  public static func dot(
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
