internal import ComputationGraph

/// Which pixels of input and output meet under each tap of a filter.
struct PixelPairs: Hashable, Sendable {
  /// Consecutive pairs: output pixel `output + i` meets input pixel `input + i`.
  struct Run: Hashable, Sendable {
    var input: Int
    var output: Int
    var count: Int
  }

  /// For each tap of the filter, row by row, the pairs that lie in both images.
  private(set) var taps: [[Run]] = []
  let inputPixels: Int
  let outputPixels: Int

  /// Finds the pairs.
  ///
  /// - Parameters:
  ///   - geometry: Strides, padding and dilation.
  ///   - input: `[n, c, h, w]`.
  ///   - filter: `[o, c, r, s]`.
  ///   - output: `[n, o, h', w']`.
  init(_ geometry: ConvolutionGeometry, input: Shape, filter: Shape, output: Shape) {
    inputPixels = input[2] * input[3]
    outputPixels = output[2] * output[3]
    for tap in 0..<filter[2] * filter[3] {
      var runs: [Run] = []
      for pixel in 0..<outputPixels {
        let (row, column) = pixel.quotientAndRemainder(dividingBy: output[3])
        let (tapRow, tapColumn) = tap.quotientAndRemainder(dividingBy: filter[3])
        let place = [
          row * geometry.stride[0] + tapRow * geometry.dilation[0] - geometry.paddingLow[0],
          column * geometry.stride[1] + tapColumn * geometry.dilation[1] - geometry.paddingLow[1],
        ]
        guard (0..<input[2]).contains(place[0]), (0..<input[3]).contains(place[1]) else { continue }
        let run = Run(input: place[0] * input[3] + place[1], output: pixel, count: 1)
        if let last = runs.last, last.output + last.count == run.output,
          last.input + last.count == run.input
        {
          runs[runs.count - 1].count += 1
        } else {
          runs.append(run)
        }
      }
      taps.append(runs)
    }
  }

  /// The same with input and output exchanged.
  var transposed: PixelPairs {
    var result = self
    result.taps = taps.map { runs in
      runs.map { Run(input: $0.output, output: $0.input, count: $0.count) }
    }
    return PixelPairs(taps: result.taps, inputPixels: outputPixels, outputPixels: inputPixels)
  }

  private init(taps: [[Run]], inputPixels: Int, outputPixels: Int) {
    self.taps = taps
    self.inputPixels = inputPixels
    self.outputPixels = outputPixels
  }
}

/// Images `[n][channels / block][pixels][block]` and the same sorted by pixels, `[pixels][n][channels]`.
struct PixelOrder {
  let channels: Int
  let pixels: Int
  /// Channels that lie side by side in images.
  let block: Int
  /// Number of images.
  let images: Int

  /// Calls with the offset of each block of channels in the images and among the sorted pixels.
  @inline(__always)
  func forEachBlock(_ body: (_ place: Int, _ sorted: Int) -> Void) {
    for image in 0..<images {
      for part in 0..<channels / block {
        for pixel in 0..<pixels {
          body(
            ((image &* (channels / block) &+ part) &* pixels &+ pixel) &* block,
            (pixel &* images &+ image) &* channels &+ part &* block)
        }
      }
    }
  }

  /// Sorts images by pixels.
  func sort(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>) {
    forEachBlock { place, sorted in
      (target + sorted).update(from: source + place, count: block)
    }
  }
}
