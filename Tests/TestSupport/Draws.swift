private import Foundation

/// A small generator of reproducible normal and integer draws.
package struct Draws {
  private var state: UInt64

  package init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

  package mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  package mutating func below(_ bound: Int) -> Int { Int(bits() >> 33) % bound }

  package mutating func normal() -> Float {
    let u = Double(bits() >> 11) * 0x1p-53
    let v = Double(bits() >> 11) * 0x1p-53
    return Float((-2 * log(1 - u)).squareRoot() * cos(2 * Double.pi * v))
  }
}
