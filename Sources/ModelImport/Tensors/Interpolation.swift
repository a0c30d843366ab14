internal import ComputationGraph
internal import Foundation

/// Images in other sizes.
extension TensorBuilder {
  /// Where the pixels of a new axis lie on the old one.
  enum Coordinates {
    /// Corners of the outer pixels meet.
    case halfPixel
    /// As `halfPixel`, but a single pixel lies at 0.
    case pytorchHalfPixel
    /// Centres of the outer pixels meet.
    case alignedCorners
    /// The first pixels begin together.
    case asymmetric
  }

  /// Which pixel counts where only one does.
  enum NearestRule {
    case floor, ceiling, roundHalfDown, roundHalfUp
  }

  /// A place on the old axis of the pixel `index` of the new one.
  static func coordinate(
    _ index: Int, old: Int, new: Int, scale: Double?, _ rule: Coordinates
  ) -> Double {
    // Scale of new to old, as given, or as the extents have it.
    let ratio = scale.map { 1 / $0 } ?? Double(old) / Double(new)
    switch rule {
    case .halfPixel: return (Double(index) + 0.5) * ratio - 0.5
    case .pytorchHalfPixel: return new > 1 ? (Double(index) + 0.5) * ratio - 0.5 : 0
    case .alignedCorners:
      return new > 1 ? Double(index) * Double(old - 1) / Double(new - 1) : 0
    case .asymmetric: return Double(index) * ratio
    }
  }

  /// The nearest pixel of an axis for each of the new one.
  mutating func resizeNearest(
    _ x: LogicalTensor, axis: Int, to new: Int, scale: Double?, _ coordinates: Coordinates,
    _ rule: NearestRule
  ) throws -> LogicalTensor {
    guard x.rank > 0 else { throw Refusal("a number in another size") }
    let old = x.shape[try x.axis(axis)]
    guard old >= 1, (1..<1 << 24).contains(new) else { throw Refusal("an axis resized to \(new)") }
    let indices = (0..<new).map { index in
      let place = Self.coordinate(index, old: old, new: new, scale: scale, coordinates)
      let nearest =
        switch rule {
        case .floor: place.rounded(.down)
        case .ceiling: place.rounded(.up)
        case .roundHalfDown: (place - 0.5).rounded(.up)
        case .roundHalfUp: (place + 0.5).rounded(.down)
        }
      return Int(min(max(nearest, 0), Double(old - 1)))
    }
    return try gather(x, axis: axis, indices: indices)
  }

  /// The mean of the two neighbours on an axis, weighted by distance, for each new pixel.
  mutating func resizeLinear(
    _ x: LogicalTensor, axis: Int, to new: Int, scale: Double?, _ coordinates: Coordinates
  ) throws -> LogicalTensor {
    guard x.rank > 0 else { throw Refusal("a number in another size") }
    let old = x.shape[try x.axis(axis)]
    return try resize(x, axis: axis, to: new) { index in
      let place = Self.coordinate(index, old: old, new: new, scale: scale, coordinates)
      let below = place.rounded(.down)
      return [(below, 1 - (place - below)), (below + 1, place - below)]
    }
  }

  /// The cubic convolution of the four neighbours, with the parameter `a` of Keys 1981.
  mutating func resizeCubic(
    _ x: LogicalTensor, axis: Int, to new: Int, scale: Double?, _ coordinates: Coordinates,
    a: Double
  ) throws -> LogicalTensor {
    guard x.rank > 0 else { throw Refusal("a number in another size") }
    let old = x.shape[try x.axis(axis)]
    return try resize(x, axis: axis, to: new) { index in
      let place = Self.coordinate(index, old: old, new: new, scale: scale, coordinates)
      let below = place.rounded(.down)
      return (-1...2).map { offset in
        let distance = abs(place - below - Double(offset))
        let weight =
          distance <= 1
          ? ((a + 2) * distance - (a + 3)) * distance * distance + 1
          : ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
        return (below + Double(offset), weight)
      }
    }
  }

  /// An axis as sums of old pixels; places outside count as the nearest pixel.
  private mutating func resize(
    _ x: LogicalTensor, axis: Int, to new: Int,
    _ taps: (Int) -> [(place: Double, weight: Double)]
  ) throws -> LogicalTensor {
    let old = x.shape[try x.axis(axis)]
    guard old >= 1, new >= 1 else { throw Refusal("an axis resized to \(new)") }
    try Extents.known(old, new)
    var table = [Double](repeating: 0, count: old * new)
    for index in 0..<new {
      for tap in taps(index) {
        let place = Int(min(max(tap.place, 0), Double(old - 1)))
        table[place * new + index] += tap.weight
      }
    }
    return try product(x, axis: axis, HostArray(table, shape: [old, new], element: .real))
  }

  /// Elements repeated around the borders.
  mutating func pad(
    _ x: LogicalTensor, low: [Int], high: [Int], mode: String
  ) throws -> LogicalTensor {
    var result = x
    for axis in 0..<x.rank where low[axis] != 0 || high[axis] != 0 {
      let extent = x.shape[axis]
      let (first, last) = (-low[axis], extent + high[axis])
      guard extent >= 1, last > first, low[axis] < 1 << 24, high[axis] < 1 << 24,
        mode != "reflect" || (low[axis] < extent && high[axis] < extent)
      else { throw Refusal("padding of \(x.shape) by \(low) and \(high)") }
      try Extents.known(last - first)
      let indices = (first..<last).map { index in
        switch mode {
        case "reflect": index < 0 ? -index : index < extent ? index : 2 * (extent - 1) - index
        case "circular", "wrap": ((index % extent) + extent) % extent
        default: min(max(index, 0), extent - 1)
        }
      }
      result = try gather(result, axis: axis, indices: indices)
    }
    return result
  }

  /// Channels as pixels: `[.., c r^2, h, w]` to `[.., c, h r, w r]`.
  ///
  /// Shi and others 2016; `depthFirst` has the pixels of a channel as outer part of its channels.
  mutating func pixelShuffle(
    _ x: LogicalTensor, factor r: Int, depthFirst: Bool = false
  ) throws -> LogicalTensor {
    guard x.rank >= 3, (1..<1 << 12).contains(r), x.shape[x.rank - 3] % (r * r) == 0 else {
      throw Refusal("pixels of \(x.shape) by \(r)")
    }
    let lead = Array(x.shape.dropLast(3))
    let (c, h, w) = (x.shape[x.rank - 3] / (r * r), x.shape[x.rank - 2], x.shape[x.rank - 1])
    let parts = depthFirst ? [r, r, c, h, w] : [c, r, r, h, w]
    let order = depthFirst ? [2, 3, 0, 4, 1] : [0, 3, 1, 4, 2]
    let split = try reshape(x, to: lead + parts)
    let moved = try permute(
      split, Array(0..<lead.count) + order.map { $0 + lead.count })
    return try reshape(moved, to: lead + [c, h * r, w * r])
  }

  /// Pixels as channels: `[.., c, h r, w r]` to `[.., c r^2, h, w]`.
  mutating func pixelUnshuffle(
    _ x: LogicalTensor, factor r: Int, depthFirst: Bool = false
  ) throws -> LogicalTensor {
    guard x.rank >= 3, (1..<1 << 12).contains(r), x.shape[x.rank - 2] % r == 0,
      x.shape[x.rank - 1] % r == 0
    else { throw Refusal("pixels of \(x.shape) by \(r)") }
    let lead = Array(x.shape.dropLast(3))
    let (c, h, w) = (x.shape[x.rank - 3], x.shape[x.rank - 2] / r, x.shape[x.rank - 1] / r)
    let split = try reshape(x, to: lead + [c, h, r, w, r])
    let order = depthFirst ? [2, 4, 0, 1, 3] : [0, 2, 4, 1, 3]
    let moved = try permute(
      split, Array(0..<lead.count) + order.map { $0 + lead.count })
    return try reshape(moved, to: lead + [c * r * r, h, w])
  }
}
