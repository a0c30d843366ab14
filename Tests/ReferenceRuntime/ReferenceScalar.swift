internal import Foundation

/// A number type that the reference runtime computes with.
package protocol ReferenceScalar: BinaryFloatingPoint, Sendable {
  /// `e^x`.
  static func exponential(_ x: Self) -> Self
  /// Natural logarithm.
  static func logarithm(_ x: Self) -> Self
  /// `log(1 + x)`.
  static func logarithmOfOnePlus(_ x: Self) -> Self
  /// Hyperbolic tangent.
  static func hyperbolicTangent(_ x: Self) -> Self
  /// Error function.
  static func errorFunction(_ x: Self) -> Self
  /// Sine.
  static func sine(_ x: Self) -> Self
  /// Cosine.
  static func cosine(_ x: Self) -> Self
  /// `x^p`.
  static func power(_ x: Self, _ p: Double) -> Self
}

extension Double: ReferenceScalar {
  package static func exponential(_ x: Double) -> Double { exp(x) }
  package static func logarithm(_ x: Double) -> Double { log(x) }
  package static func logarithmOfOnePlus(_ x: Double) -> Double { log1p(x) }
  package static func sine(_ x: Double) -> Double { sin(x) }
  package static func cosine(_ x: Double) -> Double { cos(x) }
  package static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
  package static func errorFunction(_ x: Double) -> Double { erf(x) }
  package static func power(_ x: Double, _ p: Double) -> Double { pow(x, p) }
}

extension Float: ReferenceScalar {
  package static func exponential(_ x: Float) -> Float { expf(x) }
  package static func logarithm(_ x: Float) -> Float { logf(x) }
  package static func logarithmOfOnePlus(_ x: Float) -> Float { log1pf(x) }
  package static func sine(_ x: Float) -> Float { sinf(x) }
  package static func cosine(_ x: Float) -> Float { cosf(x) }
  package static func hyperbolicTangent(_ x: Float) -> Float { tanhf(x) }
  package static func errorFunction(_ x: Float) -> Float { erff(x) }
  package static func power(_ x: Float, _ p: Double) -> Float { powf(x, Float(p)) }
}
