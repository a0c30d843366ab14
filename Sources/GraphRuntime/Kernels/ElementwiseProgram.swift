internal import ComputationGraph
internal import Foundation

/// Where an instruction of an elementwise program reads from.
enum ElementwiseSource: Hashable {
  /// Operand of the kernel.
  case operand(Int)
  /// Result of an earlier instruction, in a register tile.
  case register(Int)
}

/// One elementwise operation on tiles.
struct ElementwiseInstruction: Hashable {
  enum Function: Hashable {
    case add
    case multiply
    case gate
    case affine(Float, Float)
    case unary(UnaryFunction)
  }

  var function: Function
  var first: ElementwiseSource
  var second: ElementwiseSource?
  /// Register tile of the result.
  var register: Int
}

/// Loops over one tile; all pointers may be equal.
enum TileLoops {
  typealias Input = UnsafePointer<Float>
  typealias Output = UnsafeMutablePointer<Float>

  static func run(
    _ function: ElementwiseInstruction.Function, _ a: Input, _ b: Input, _ y: Output, _ count: Int
  ) {
    switch function {
    case .add: binary(a, b, y, count) { $0 + $1 }
    case .multiply: binary(a, b, y, count) { $0 * $1 }
    case .gate:
      binary(a, b, y, count) { x, reference in
        let bits = unsafeBitCast(reference, to: SIMD8<Int32>.self)
        let positive = (0 &- bits) &>> 31 & ~(bits &>> 31) & ~FloatFunctions.nanMask(bits)
        return unsafeBitCast(unsafeBitCast(x, to: SIMD8<Int32>.self) & positive, to: SIMD8.self)
      }
    case .affine(let scale, let shift):
      let s = SIMD8<Float>(repeating: scale)
      let t = SIMD8<Float>(repeating: shift)
      if shift == 0 {
        binary(a, a, y, count) { x, _ in x * s }
      } else {
        binary(a, a, y, count) { x, _ in x * s + t }
      }
    case .unary(let f): unary(f, a, y, count)
    }
  }

  @inline(__always)
  private static func binary(
    _ a: Input, _ b: Input, _ y: Output, _ count: Int,
    _ f: (SIMD8<Float>, SIMD8<Float>) -> SIMD8<Float>
  ) {
    let p = UnsafeRawPointer(a)
    let q = UnsafeRawPointer(b)
    let r = UnsafeMutableRawPointer(y)
    let whole = count & ~7
    var i = 0
    while i < whole {
      let byte = i &* 4
      let value = f(
        p.loadUnaligned(fromByteOffset: byte, as: SIMD8<Float>.self),
        q.loadUnaligned(fromByteOffset: byte, as: SIMD8<Float>.self))
      r.storeBytes(of: value, toByteOffset: byte, as: SIMD8<Float>.self)
      i &+= 8
    }
    guard i < count else { return }
    var (x, z) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
    for lane in 0..<count &- i { (x[lane], z[lane]) = (a[i &+ lane], b[i &+ lane]) }
    let value = f(x, z)
    for lane in 0..<count &- i { y[i &+ lane] = value[lane] }
  }

  private static func unary(_ f: UnaryFunction, _ a: Input, _ y: Output, _ count: Int) {
    switch f {
    case .relu:
      // NaN compares false and stays, as in PyTorch.
      binary(a, a, y, count) { x, _ in
        let bits = unsafeBitCast(x, to: SIMD8<Int32>.self)
        return unsafeBitCast(bits & (~(bits &>> 31) | FloatFunctions.nanMask(bits)), to: SIMD8.self)
      }
    case .power(-0.5): binary(a, a, y, count) { x, _ in 1 / x.squareRoot() }
    case .power(0.5): binary(a, a, y, count) { x, _ in x.squareRoot() }
    case .power(-1): binary(a, a, y, count) { x, _ in 1 / x }
    case .power(2): binary(a, a, y, count) { x, _ in x * x }
    case .power(let p):
      // In Double: Float's pow loses digits for large exponents.
      scalar(a, y, count) { Float(Foundation.pow(Double($0), p)) }
    case .exponential: binary(a, a, y, count) { x, _ in FloatFunctions.exponential(x) }
    case .logarithm: binary(a, a, y, count) { x, _ in FloatFunctions.logarithm(x) }
    case .tanh: binary(a, a, y, count) { x, _ in FloatFunctions.tanh(x) }
    case .sigmoid: binary(a, a, y, count) { x, _ in FloatFunctions.sigmoid(x) }
    case .errorFunction: binary(a, a, y, count) { x, _ in FloatFunctions.errorFunction(x) }
    case .softplus: binary(a, a, y, count) { x, _ in FloatFunctions.softplus(x) }
    case .sine: binary(a, a, y, count) { x, _ in FloatFunctions.sine(x) }
    case .cosine: binary(a, a, y, count) { x, _ in FloatFunctions.cosine(x) }
    }
  }

  @inline(__always)
  private static func scalar(_ a: Input, _ y: Output, _ count: Int, _ f: (Float) -> Float) {
    for i in 0..<count { y[i] = f(a[i]) }
  }
}
