internal import Foundation
internal import LinearAlgebra

/// A random part of an image, to be resized to the size of the images: torchvision's `RandomResizedCrop`.
///
/// Up to ten times an area is drawn, uniformly between a share of the image's and the whole, and a ratio
/// of width to height, its logarithm uniformly between those of 3/4 and 4/3; the first rectangle that
/// fits lies at a uniform place. If none fits, it is the largest in the middle with an allowed ratio.
/// Source: Szegedy et al., "Going Deeper with Convolutions", CVPR 2015; torchvision's `get_params`.
struct ResizedCrop: Sendable, Hashable {
  /// Smallest share of the area.
  let smallestArea: Double
  /// Where the numbers come from: at most 40 of them.
  let stream: RandomStream

  static let ratios = 3.0 / 4...4.0 / 3

  /// The part of an image of a size.
  func part(width: Int, height: Int) -> PixelRectangle {
    var stream = stream
    let area = Double(width) * Double(height)
    let (least, most) = (log(Self.ratios.lowerBound), log(Self.ratios.upperBound))
    for _ in 0..<10 {
      let drawn = area * (smallestArea + (1 - smallestArea) * stream.uniform())
      let ratio = exp(least + (most - least) * stream.uniform())
      let (across, down) = (stream.uniform(), stream.uniform())
      let columns = Int((drawn * ratio).squareRoot().rounded(.toNearestOrEven))
      let rows = Int((drawn / ratio).squareRoot().rounded(.toNearestOrEven))
      if (1...width).contains(columns), (1...height).contains(rows) {
        return PixelRectangle(
          left: Int(across * Double(width - columns + 1)),
          top: Int(down * Double(height - rows + 1)), width: columns, height: rows)
      }
    }
    var (columns, rows) = (width, height)
    let ratio = Double(width) / Double(height)
    if ratio < Self.ratios.lowerBound {
      rows = Int((Double(width) / Self.ratios.lowerBound).rounded(.toNearestOrEven))
    } else if ratio > Self.ratios.upperBound {
      columns = Int((Double(height) * Self.ratios.upperBound).rounded(.toNearestOrEven))
    }
    return PixelRectangle(
      left: (width - columns) / 2, top: (height - rows) / 2, width: columns, height: rows)
  }
}

extension ResizedCrop {
  /// The part of an image of bytes, resized to the image's size: [C, H, W] both.
  func applied(to values: UnsafeRawBufferPointer, _ shape: ImageShape) -> [UInt8] {
    let part = part(width: shape.width, height: shape.height)
    let whole = PixelRectangle(left: 0, top: 0, width: shape.width, height: shape.height)
    var result: [UInt8] = []
    result.reserveCapacity(shape.count)
    for channel in 0..<shape.channels {
      let plane = channel * shape.planeCount..<(channel + 1) * shape.planeCount
      let image = DecodedImage(
        width: shape.width, height: shape.height, channels: 1,
        pixels: unsafe Array(values[plane]))
      result +=
        image.resized(part, toWidth: shape.width, height: shape.height, keeping: whole).pixels
    }
    return result
  }
}
