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
        let positive = (0 &- bits) &>> 31 & ~(bits &>> 31) & ~nanMask(bits)
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

  /// All ones where the bits are those of a NaN.
  ///
  /// Integer arithmetic, because masks of comparisons are moved bit by bit in Swift 6.3.
  @inline(__always)
  private static func nanMask(_ bits: SIMD8<Int32>) -> SIMD8<Int32> {
    (SIMD8(repeating: 0x7f80_0000) &- (bits & SIMD8(repeating: 0x7fff_ffff))) &>> 31
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
    while i < count {
      y[i] = f(SIMD8(repeating: a[i]), SIMD8(repeating: b[i]))[0]
      i &+= 1
    }
  }

  private static func unary(_ f: UnaryFunction, _ a: Input, _ y: Output, _ count: Int) {
    switch f {
    case .relu:
      // NaN compares false and stays, as in PyTorch.
      binary(a, a, y, count) { x, _ in
        let bits = unsafeBitCast(x, to: SIMD8<Int32>.self)
        return unsafeBitCast(bits & (~(bits &>> 31) | nanMask(bits)), to: SIMD8.self)
      }
    case .power(-0.5): scalar(a, y, count) { 1 / $0.squareRoot() }
    case .power(0.5): scalar(a, y, count) { $0.squareRoot() }
    case .power(-1): binary(a, a, y, count) { x, _ in 1 / x }
    case .power(2): binary(a, a, y, count) { x, _ in x * x }
    case .power(let p):
      // In Double: Float's pow loses digits for large exponents.
      scalar(a, y, count) { Float(Foundation.pow(Double($0), p)) }
    case .exponential: scalar(a, y, count) { Foundation.exp($0) }
    case .logarithm: scalar(a, y, count) { Foundation.log($0) }
    case .tanh: scalar(a, y, count) { Foundation.tanh($0) }
    case .sigmoid: scalar(a, y, count) { 1 / (1 + Foundation.exp(-$0)) }
    case .errorFunction: scalar(a, y, count) { Foundation.erf($0) }
    case .softplus:
      scalar(a, y, count) { ($0 > 0 ? $0 : 0) + Foundation.log1p(Foundation.exp(-abs($0))) }
    case .sine: scalar(a, y, count) { Foundation.sin($0) }
    case .cosine: scalar(a, y, count) { Foundation.cos($0) }
    }
  }

  @inline(__always)
  private static func scalar(_ a: Input, _ y: Output, _ count: Int, _ f: (Float) -> Float) {
    for i in 0..<count { y[i] = f(a[i]) }
  }
}
