import NumericKernels
import TestSupport
import Testing

@testable import GraphRuntime

/// A convolution with random operands, and direct sums in Double at single elements.
struct WinogradCase: CustomTestStringConvertible, Sendable {
  var inputs: Int
  var outputs: Int
  var height: Int
  var width: Int
  var images: Int
  var stride = 1
  /// Channels that lie side by side in images.
  var block = 8

  var testDescription: String {
    "\(inputs)->\(outputs) @ \(height)x\(width) / \(stride), batch \(images), blocks of \(block)"
  }

  /// What this CPU computes blocks of so many channels with.
  static func kernels(block: Int) -> (any WinogradKernels)? {
    ConvolutionRule(choice: .automatic, block: block).kernels
  }

  var kernels: any WinogradKernels {
    guard let kernels = Self.kernels(block: block) else {
      preconditionFailure("this CPU has no kernels for blocks of \(block) channels")
    }
    return kernels
  }

  /// The same with blocks of sixteen channels and twice as many of them.
  var wide: Self {
    var copy = self
    copy.block = 16
    copy.inputs *= 2
    copy.outputs *= 2
    return copy
  }

  /// The widths of blocks that this CPU has kernels for.
  static let blocks = [8, 16].filter { kernels(block: $0) != nil }

  var convolution: WinogradConvolution {
    WinogradConvolution(
      block: block, inputChannels: inputs, outputChannels: outputs, height: height, width: width,
      sampling: stride == 1 ? .unit : .strided)
  }
  var inputCount: Int { images * inputs * height * width }
  var outputCount: Int { images * outputs * outputHeight * outputWidth }
  var outputHeight: Int { (height + stride - 1) / stride }
  var outputWidth: Int { (width + stride - 1) / stride }

  /// All heights and widths of the list with every tail, channel and batch combination
  /// that matters, without their full product.
  static let all: [Self] = narrow + (blocks.contains(16) ? narrow.map(\.wide) : [])

  private static let narrow: [Self] =
    [
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
    ] + strided

  /// Every remainder of height and width by the eight input pixels of a tile.
  private static let strided =
    (1...8).map {
      Self(inputs: 16, outputs: 24, height: $0, width: 9 - $0, images: 3, stride: 2)
    } + [
      Self(inputs: 24, outputs: 16, height: 17, width: 15, images: 1, stride: 2),
      Self(inputs: 16, outputs: 32, height: 32, width: 32, images: 3, stride: 2),
      Self(inputs: 8, outputs: 64, height: 9, width: 16, images: 3, stride: 2),
      Self(inputs: 144, outputs: 256, height: 8, width: 8, images: 3, stride: 2),
    ]

  /// Offset of an element of the input.
  func inputOffset(_ image: Int, _ channel: Int, _ y: Int, _ x: Int) -> Int {
    (((image * (inputs / block) + channel / block) * height + y) * width + x) * block
      + channel % block
  }

  /// Offset of an element of the output.
  func outputOffset(_ image: Int, _ channel: Int, _ y: Int, _ x: Int) -> Int {
    (((image * (outputs / block) + channel / block) * outputHeight + y) * outputWidth + x) * block
      + channel % block
  }

  /// Element of an input, zero outside the image.
  private func pixel(_ input: AlignedFloats, _ n: Int, _ c: Int, _ y: Int, _ x: Int) -> Double {
    guard (0..<height).contains(y), (0..<width).contains(x) else { return 0 }
    return Double(input.pointer[inputOffset(n, c, y, x)])
  }

  /// `y[n, o, y, x]` of input `x` and weights `[outputs][inputs][3][3]`.
  func forward(
    _ input: AlignedFloats, _ weights: AlignedFloats, _ n: Int, _ o: Int, _ y: Int, _ x: Int
  ) -> Double {
    var sum = 0.0
    for c in 0..<inputs {
      for tap in 0..<9 {
        sum +=
          pixel(input, n, c, stride * y + tap / 3 - 1, stride * x + tap % 3 - 1)
          * Double(weights.pointer[(o * inputs + c) * 9 + tap])
      }
    }
    return sum
  }

  /// The gradient by `x[n, c, y, x]`.
  func inputGradient(
    _ gradient: AlignedFloats, _ weights: AlignedFloats, _ n: Int, _ c: Int, _ y: Int, _ x: Int
  ) -> Double {
    var sum = 0.0
    for tap in 0..<9 {
      // The output that reads this pixel through the tap.
      let (row, column) = (y + 1 - tap / 3, x + 1 - tap % 3)
      guard row % stride == 0, column % stride == 0,
        (0..<outputHeight * stride).contains(row), (0..<outputWidth * stride).contains(column)
      else { continue }
      for o in 0..<outputs {
        sum +=
          Double(gradient.pointer[outputOffset(n, o, row / stride, column / stride)])
          * Double(weights.pointer[(o * inputs + c) * 9 + tap])
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
      for y in 0..<outputHeight {
        for x in 0..<outputWidth {
          sum +=
            pixel(input, n, c, stride * y + i - 1, stride * x + j - 1)
            * Double(gradient.pointer[outputOffset(n, o, y, x)])
        }
      }
    }
    return sum
  }

  /// Relative L2 error over at most 400 elements of an output, drawn at random if there are more.
  func error(
    ofOutput actual: AlignedFloats,
    expected: (_ n: Int, _ channel: Int, _ y: Int, _ x: Int) -> Double
  ) -> Double {
    error(of: actual, [images, outputs, outputHeight, outputWidth], outputOffset, expected)
  }

  /// The same of a gradient by the input.
  func error(
    ofInput actual: AlignedFloats,
    expected: (_ n: Int, _ channel: Int, _ y: Int, _ x: Int) -> Double
  ) -> Double {
    error(of: actual, [images, inputs, height, width], inputOffset, expected)
  }

  private func error(
    of actual: AlignedFloats, _ shape: [Int], _ offset: (Int, Int, Int, Int) -> Int,
    _ expected: (_ n: Int, _ channel: Int, _ y: Int, _ x: Int) -> Double
  ) -> Double {
    let limit = 400
    var draws = Draws(7)
    let count = shape.reduce(1, *)
    var error = 0.0
    var norm = 0.0
    for index in 0..<min(limit, count) {
      var rest = count <= limit ? index : draws.below(count)
      let x = rest % shape[3]
      rest /= shape[3]
      let y = rest % shape[2]
      rest /= shape[2]
      let (n, channel) = (rest / shape[1], rest % shape[1])
      let value = expected(n, channel, y, x)
      let difference = Double(actual.pointer[offset(n, channel, y, x)]) - value
      error += difference * difference
      norm += value * value
    }
    return (error / norm).squareRoot()
  }

  // MARK: - The kernels, in short

  func prepare(
    _ convolution: WinogradConvolution, _ weights: WinogradConvolution.Weights,
    to destination: UnsafeMutablePointer<Float>
  ) {
    kernels.prepare(weights, for: convolution, to: destination)
  }

  func scratchCount(_ convolution: WinogradConvolution, images: Int, terms: Int = 1) -> Int {
    kernels.forwardScratchCount(convolution, images: images, terms: terms)
  }
}
