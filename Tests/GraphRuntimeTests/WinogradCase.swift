import Foundation
import Testing

@testable import GraphRuntime

/// Floats aligned to 64 bytes, followed by guard values that no kernel may touch.
final class AlignedFloats {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int
  private static let guards = 64
  private static let guardValue: Float = -12345.5

  init(_ count: Int, fill: Float = 0) {
    self.count = count
    let total = count + Self.guards
    pointer = UnsafeMutableRawPointer.allocate(byteCount: 4 * total, alignment: 64)
      .bindMemory(to: Float.self, capacity: total)
    pointer.initialize(repeating: fill, count: count)
    (pointer + count).initialize(repeating: Self.guardValue, count: Self.guards)
  }

  deinit { pointer.deallocate() }

  var isIntact: Bool { (0..<Self.guards).allSatisfy { pointer[count + $0] == Self.guardValue } }
  var array: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}

/// A small generator of reproducible normal and integer draws.
struct Draws {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(bits() >> 33) % bound }

  mutating func normal() -> Float {
    let u = Double(bits() >> 11) * 0x1p-53
    let v = Double(bits() >> 11) * 0x1p-53
    return Float((-2 * log(1 - u)).squareRoot() * cos(2 * Double.pi * v))
  }

  mutating func normals(_ count: Int) -> AlignedFloats {
    let values = AlignedFloats(count)
    for index in 0..<count { values.pointer[index] = normal() }
    return values
  }
}

/// A convolution with random operands, and direct sums in Double at single elements.
struct WinogradCase: CustomTestStringConvertible, Sendable {
  var inputs: Int
  var outputs: Int
  var height: Int
  var width: Int
  var images: Int

  var testDescription: String { "\(inputs)->\(outputs) @ \(height)x\(width), batch \(images)" }

  var convolution: WinogradConvolution {
    WinogradConvolution(
      inputChannels: inputs, outputChannels: outputs, height: height, width: width)
  }
  var inputCount: Int { images * inputs * height * width }
  var outputCount: Int { images * outputs * height * width }

  /// All heights and widths of the list with every tail, channel and batch combination
  /// that matters, without their full product.
  static let all: [Self] = [
    Self(inputs: 8, outputs: 8, height: 1, width: 1, images: 1),
    Self(inputs: 8, outputs: 16, height: 4, width: 4, images: 3),
    Self(inputs: 16, outputs: 8, height: 5, width: 4, images: 3),
    Self(inputs: 16, outputs: 16, height: 1, width: 7, images: 1),
    Self(inputs: 24, outputs: 16, height: 7, width: 5, images: 3),
    Self(inputs: 16, outputs: 24, height: 8, width: 8, images: 1),
    Self(inputs: 24, outputs: 24, height: 9, width: 8, images: 3),
    Self(inputs: 64, outputs: 64, height: 8, width: 8, images: 3),
    Self(inputs: 64, outputs: 24, height: 15, width: 16, images: 1),
    Self(inputs: 8, outputs: 64, height: 17, width: 15, images: 3),
    Self(inputs: 16, outputs: 16, height: 32, width: 32, images: 3),
    Self(inputs: 64, outputs: 64, height: 32, width: 17, images: 1),
    Self(inputs: 256, outputs: 144, height: 4, width: 4, images: 3),
    Self(inputs: 16, outputs: 8, height: 2, width: 3, images: 3),
  ]

  /// Offset of an element of a tensor with channels in blocks of eight.
  func offset(_ image: Int, _ channel: Int, _ y: Int, _ x: Int, channels: Int) -> Int {
    (((image * (channels / 8) + channel / 8) * height + y) * width + x) * 8 + channel % 8
  }

  /// `y[n, o, y, x]` of input `x` and weights `[outputs][inputs][3][3]`.
  func forward(
    _ input: AlignedFloats, _ weights: AlignedFloats, _ n: Int, _ o: Int, _ y: Int, _ x: Int
  ) -> Double {
    var sum = 0.0
    for c in 0..<inputs {
      for i in max(0, 1 - y)..<min(3, height + 1 - y) {
        for j in max(0, 1 - x)..<min(3, width + 1 - x) {
          sum +=
            Double(input.pointer[offset(n, c, y + i - 1, x + j - 1, channels: inputs)])
            * Double(weights.pointer[(o * inputs + c) * 9 + 3 * i + j])
        }
      }
    }
    return sum
  }

  /// The gradient by `x[n, c, y, x]`.
  func inputGradient(
    _ gradient: AlignedFloats, _ weights: AlignedFloats, _ n: Int, _ c: Int, _ y: Int, _ x: Int
  ) -> Double {
    var sum = 0.0
    for o in 0..<outputs {
      for i in max(0, y + 2 - height)..<min(3, y + 2) {
        for j in max(0, x + 2 - width)..<min(3, x + 2) {
          sum +=
            Double(gradient.pointer[offset(n, o, y + 1 - i, x + 1 - j, channels: outputs)])
            * Double(weights.pointer[(o * inputs + c) * 9 + 3 * i + j])
        }
      }
    }
    return sum
  }

  /// The gradient by `w[o, c, i, j]`.
  func filterGradient(
    _ input: AlignedFloats, _ gradient: AlignedFloats, _ o: Int, _ c: Int, _ i: Int, _ j: Int
  ) -> Double {
    var sum = 0.0
    for n in 0..<images {
      for y in max(0, 1 - i)..<max(max(0, 1 - i), min(height, height + 1 - i)) {
        for x in max(0, 1 - j)..<max(max(0, 1 - j), min(width, width + 1 - j)) {
          sum +=
            Double(input.pointer[offset(n, c, y + i - 1, x + j - 1, channels: inputs)])
            * Double(gradient.pointer[offset(n, o, y, x, channels: outputs)])
        }
      }
    }
    return sum
  }

  /// Relative L2 error over at most `limit` elements of a tensor, drawn at random if there are more.
  func error(
    of actual: AlignedFloats, channels: Int, limit: Int = 400,
    expected: (_ n: Int, _ channel: Int, _ y: Int, _ x: Int) -> Double
  ) -> Double {
    var draws = Draws(7)
    let count = images * channels * height * width
    var error = 0.0
    var norm = 0.0
    for index in 0..<min(limit, count) {
      var rest = count <= limit ? index : draws.below(count)
      let x = rest % width
      rest /= width
      let y = rest % height
      rest /= height
      let channel = rest % channels
      let n = rest / channels
      let value = expected(n, channel, y, x)
      let difference = Double(actual.pointer[offset(n, channel, y, x, channels: channels)]) - value
      error += difference * difference
      norm += value * value
    }
    return (error / norm).squareRoot()
  }
}
