internal import ComputationGraph

/// What shapes leave open of where pixels go: borders, steps, pooling and the end of the images.
struct Geometry: Hashable {
  /// How images become features.
  enum End: Hashable {
    case flatten
    case globalAverage
    case globalMax
    /// Means over so many parts along each axis.
    case average(Int)
  }

  /// Step and border of a convolution, and the distance between its taps.
  struct Step: Hashable {
    var stride: [Int]
    var padding: [Int]
    var dilation = 1
  }

  /// A window; largest element or mean is another matter.
  struct Window: Hashable {
    let size: Int
    let stride: Int
    let padding: Int
    let roundsUp: Bool

    init(_ size: Int, stride: Int? = nil, padding: Int = 0, roundsUp: Bool = false) {
      self.size = size
      self.stride = stride ?? size
      self.padding = padding
      self.roundsUp = roundsUp
    }

    /// Extent of the pooled images, or nil where it does not fit.
    func extent(_ input: Int) -> Int? {
      let high =
        roundsUp
        ? PoolingWindow.paddingRoundingUp(
          input, span: size, stride: stride, low: padding, high: padding) : padding
      let room = input + padding + high - size
      return room < 0 ? nil : room / stride + 1
    }
  }

  /// A border of zeros around the image.
  var border: Int
  /// Steps of the convolutions in the order of the skeleton, without shortcuts.
  var steps: [Step]
  /// The window behind each item of the skeleton.
  var windows: [Window?]
  /// How images become features.
  var end: End

  /// Multiplications for one sample; nil where something does not fit.
  func work(_ skeleton: Skeleton, height: Int, width: Int) -> Int? {
    ImagePath(skeleton).measure(self, height: height, width: width)?.work
  }

  /// In how many decisions it differs from another one of the same skeleton.
  func distance(to other: Geometry) -> Int {
    zip(steps, other.steps).count { $0 != $1 } + zip(windows, other.windows).count { $0 != $1 }
      + (end == other.end ? 0 : 1) + (border == other.border ? 0 : 1)
  }

  /// The ways to make `inputs` features of images, the usual ones first.
  static func ends(
    inputs: Int?, channels: Int, extents: [Int]
  ) -> [(end: End, cost: Double)] {
    let pixels = extents[0] * extents[1]
    // Without a matrix the last convolution gives the classes.
    guard let inputs else {
      return pixels == 1 ? [(.flatten, 0)] : [(.globalAverage, 0), (.globalMax, 2)]
    }
    var ends: [(End, Double)] = []
    if inputs == channels * pixels { ends.append((.flatten, 0)) }
    guard pixels > 1 else { return ends }
    if inputs == channels { ends += [(.globalAverage, 0), (.globalMax, 0.5)] }
    for parts in 2...8 where extents[0] == extents[1] && inputs == channels * parts * parts {
      guard extents[0] > parts else { continue }
      ends.append((.average(parts), extents[0].isMultiple(of: parts) ? 2.5 : 2.8))
    }
    return ends
  }
}
