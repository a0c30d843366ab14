/// Weights of one axis of a resized image: the antialiased triangle of PIL's `BILINEAR`.
///
/// A pixel of the result is a weighted mean of those under a triangle whose half width is one pixel of
/// the result or of the source, whichever is wider. Weights are whole numbers of 2^-22, rounded as in
/// Pillow's `Resample.c`, so that the results are Pillow's.
private struct ResampledAxis {
  static let precision: Int32 = 22
  /// First pixel of the source of each pixel of the result.
  private(set) var first: [Int] = []
  /// Weights of the pixels from there on.
  private(set) var weights: [[Int32]] = []

  /// The pixels of the source that count.
  var span: Range<Int> {
    let ends = zip(first, weights).map { $0 + $1.count }
    return (first.first ?? 0)..<(ends.last ?? 0)
  }

  /// - Parameters:
  ///   - input: Pixels of the source.
  ///   - output: Pixels of the whole result.
  ///   - window: Which of these are computed.
  init(input: Int, output: Int, window: Range<Int>) {
    let scale = Double(input) / Double(output)
    let support = max(scale, 1)
    for place in window {
      let center = (Double(place) + 0.5) * scale
      let start = max(0, Int(center - support + 0.5))
      let end = min(input, Int(center + support + 0.5))
      let values = (start..<max(end, start + 1)).map { pixel in
        max(0, 1 - abs((Double(pixel) - center + 0.5) / support))
      }
      let sum = values.reduce(0, +)
      first.append(start)
      weights.append(
        values.map { value in
          Int32(0.5 + (sum == 0 ? value : value / sum) * Double(1 << Self.precision))
        })
    }
  }
}

/// A rectangle of pixels.
struct PixelRectangle: Sendable, Hashable {
  let left: Int
  let top: Int
  let width: Int
  let height: Int

  var columns: Range<Int> { left..<left + width }
  var rows: Range<Int> { top..<top + height }
}

extension DecodedImage {
  /// A part of the image, resized, of which a part is kept.
  ///
  /// The part is cut out first, as torchvision's `resized_crop` does: what lies outside does not count.
  ///
  /// - Parameters:
  ///   - part: Rectangle of the image.
  ///   - width: Columns of the resized part.
  ///   - height: Rows of the resized part.
  ///   - window: What is kept of it.
  /// - Returns: An image of the window's size.
  /// - Precondition: The rectangles lie inside.
  func resized(
    _ part: PixelRectangle, toWidth width: Int, height: Int, keeping window: PixelRectangle
  ) -> DecodedImage {
    precondition(
      part.columns.clamped(to: 0..<self.width) == part.columns
        && part.rows.clamped(to: 0..<self.height) == part.rows, "\(part) is outside")
    let across = ResampledAxis(input: part.width, output: width, window: window.columns)
    let down = ResampledAxis(input: part.height, output: height, window: window.rows)
    let rows = down.span
    let lines = resampledLines(part, rows: rows, across)
    let stride = window.width * channels
    let half: Int32 = 1 << (ResampledAxis.precision - 1)
    var result = [UInt8](repeating: 0, count: window.height * stride)
    var sums = [Int32](repeating: 0, count: stride)
    for row in 0..<window.height {
      for column in 0..<stride { sums[column] = half }
      var start = (down.first[row] - rows.lowerBound) * stride
      for weight in down.weights[row] {
        for column in 0..<stride {
          sums[column] &+= weight &* Int32(lines[start &+ column])
        }
        start += stride
      }
      for column in 0..<stride {
        result[row &* stride &+ column] = UInt8(
          clamping: sums[column] >> ResampledAxis.precision)
      }
    }
    return DecodedImage(
      width: window.width, height: window.height, channels: channels, pixels: result)
  }

  /// Rows of the part, each resampled to the columns of the window.
  private func resampledLines(
    _ part: PixelRectangle, rows: Range<Int>, _ across: ResampledAxis
  ) -> [UInt8] {
    let count = across.first.count
    let half: Int32 = 1 << (ResampledAxis.precision - 1)
    var lines = [UInt8](repeating: 0, count: rows.count * count * channels)
    var target = 0
    for row in rows {
      let line = ((part.top + row) * width + part.left) * channels
      for column in 0..<count {
        let weights = across.weights[column]
        let start = line &+ across.first[column] &* channels
        for channel in 0..<channels {
          var sum = half
          var place = start &+ channel
          for weight in weights {
            sum &+= weight &* Int32(pixels[place])
            place &+= channels
          }
          lines[target] = UInt8(clamping: sum >> ResampledAxis.precision)
          target &+= 1
        }
      }
    }
    return lines
  }
}
