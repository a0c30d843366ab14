/// Window of a pooling operation along height and width.
public struct PoolingWindow: Hashable, Sendable {
  /// Extent of the window.
  public let size: [Int]
  /// Step of the window.
  public let stride: [Int]
  /// Border before the first row and column.
  public let paddingLow: [Int]
  /// Border behind the last row and column.
  public let paddingHigh: [Int]
  /// Distance between the taps of the window.
  public let dilation: [Int]

  /// Creates a window from values for height and width.
  public init(
    size: [Int], stride: [Int], paddingLow: [Int] = [0, 0], paddingHigh: [Int] = [0, 0],
    dilation: [Int] = [1, 1]
  ) {
    precondition(
      [size, stride, paddingLow, paddingHigh, dilation].allSatisfy { $0.count == 2 },
      "height and width need a value each")
    self.size = size
    self.stride = stride
    self.paddingLow = paddingLow
    self.paddingHigh = paddingHigh
    self.dilation = dilation
  }

  /// Creates a window; one number counts for height and width and for both sides.
  public init(size: Int, stride: Int, padding: Int = 0) {
    self.init(
      size: [size, size], stride: [stride, stride], paddingLow: [padding, padding],
      paddingHigh: [padding, padding])
  }

  /// Shape of the output for images `[n, c, h, w]`.
  ///
  /// - Throws: `ShapeError` where a window would have no pixel.
  public func outputShape(_ x: Shape) throws(ShapeError) -> Shape {
    guard x.rank == 4, (size + stride + dilation).allSatisfy({ $0 >= 1 }),
      (paddingLow + paddingHigh).allSatisfy({ $0 >= 0 })
    else { throw ShapeError("pooling", "window \(self) does not fit images \(x)") }
    var extents: [Int] = []
    for axis in 0..<2 {
      let room =
        x[axis + 2] + paddingLow[axis] + paddingHigh[axis] - dilation[axis] * (size[axis] - 1) - 1
      let extent = room / stride[axis] + 1
      guard room >= 0,
        (0..<extent).allSatisfy({ taps($0, axis: axis, extent: x[axis + 2]).count > 0 })
      else { throw ShapeError("pooling", "window \(self) does not fit images \(x)") }
      extents.append(extent)
    }
    return [x[0], x[1], extents[0], extents[1]]
  }

  /// Border behind the last element of an axis that lets the last window stick out of the images, but not begin
  /// behind them: PyTorch's `ceil_mode`.
  ///
  /// - Parameters:
  ///   - extent: Extent of the axis.
  ///   - span: Elements from the first to the last one of a window.
  ///   - stride: Step of the window, at least 1.
  ///   - low: Border before the first element.
  ///   - high: Border behind the last one that is there anyway.
  /// - Returns: The border behind the last element, at least `high`.
  public static func paddingRoundingUp(
    _ extent: Int, span: Int, stride: Int, low: Int, high: Int
  ) -> Int {
    let room = extent + low + high - span
    guard room >= 0 else { return high }
    var count = (room + stride - 1) / stride + 1
    if (count - 1) * stride >= extent + low { count -= 1 }
    return max((count - 1) * stride + span - extent - low, high)
  }

  /// Indices of an axis of images (0: height, 1: width) that a window has.
  public struct Taps {
    /// The first index inside the images.
    public let first: Int
    /// Distance between neighbours.
    public let step: Int
    /// Number of indices inside the images.
    public let count: Int

    /// Index number `k`.
    public subscript(k: Int) -> Int { first &+ k &* step }
  }

  /// Indices that the window at one place has along an axis of an extent.
  public func taps(_ place: Int, axis: Int, extent: Int) -> Taps {
    let start = place * stride[axis] - paddingLow[axis]
    let step = dilation[axis]
    let before = start >= 0 ? 0 : (-start + step - 1) / step
    let first = start + before * step
    let fitting = first < extent ? (extent - 1 - first) / step + 1 : 0
    return Taps(first: first, step: step, count: max(0, min(size[axis] - before, fitting)))
  }
}

extension PoolingWindow: CustomStringConvertible {
  /// Text like `3x3, stride 2x2, border 1x1 and 1x1`.
  public var description: String {
    func text(_ pair: [Int]) -> String { "\(pair[0])x\(pair[1])" }
    return "\(text(size)), stride \(text(stride)), border \(text(paddingLow)) and "
      + "\(text(paddingHigh)), dilation \(text(dilation))"
  }
}
