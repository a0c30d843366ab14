/// Mean and standard deviation of each channel over all pixels of a data set, on the scale 0 to 1.
package struct ChannelStatistics: Sendable, Hashable {
  package let mean: [Double]
  /// With the divisor n, as `numpy.std`.
  package let std: [Double]

  /// The normalisation that gives mean 0 and deviation 1.
  ///
  /// - Throws: `DatasetError` if a channel is constant.
  func normalization(of dataset: Dataset) throws(DatasetError) -> ChannelNormalization {
    if let channel = std.firstIndex(where: { !($0 > 0) }) {
      throw DatasetError(
        .setting, dataset.source,
        "channel \(channel) is the same in all pixels, so it cannot be divided by its standard "
          + "deviation; use the normalization none or give values")
    }
    return try ChannelNormalization(mean: mean, std: std)
  }
}

extension Dataset {
  /// Mean and deviation of each channel, in double precision.
  ///
  /// Bytes are counted first, so their sums are exact; floats take two passes.
  ///
  /// - Throws: `DatasetError` when a file cannot be read any more.
  package func channelStatistics() throws(DatasetError) -> ChannelStatistics {
    let total = Double(count * shape.planeCount)
    guard let white = pixels.white else {
      let means = try channelSums { _, value in value }.map { $0 / total }
      let variances = try channelSums { ($1 - means[$0]) * ($1 - means[$0]) }
      return ChannelStatistics(mean: means, std: variances.map { ($0 / total).squareRoot() })
    }
    var means: [Double] = []
    var deviations: [Double] = []
    for histogram in try byteHistograms() {
      let mean = histogram.indices.reduce(0) { $0 + Double($1 * histogram[$1]) } / total
      let variance = histogram.indices.reduce(0) { sum, value in
        let deviation = Double(value) - mean
        return sum + deviation * deviation * Double(histogram[value])
      }
      means.append(mean / Double(white))
      deviations.append((variance / total).squareRoot() / Double(white))
    }
    return ChannelStatistics(mean: means, std: deviations)
  }

  /// Smallest and largest pixel, on the scale 0 to 1.
  ///
  /// - Throws: `DatasetError` when a file cannot be read any more.
  package func pixelRange() throws(DatasetError) -> ClosedRange<Double> {
    if let white = pixels.white {
      let present = try byteHistograms().flatMap { histogram in
        histogram.indices.filter { histogram[$0] > 0 }
      }
      return Double(present.min() ?? 0) / Double(white)...Double(present.max() ?? 0)
        / Double(white)
    }
    var (least, most) = (Float.infinity, -Float.infinity)
    try unsafe pixels.forEachImage(0..<count, shape) { _, raw in
      let values = unsafe raw.bindMemory(to: Float.self)
      least = min(least, unsafe values.min() ?? least)
      most = max(most, unsafe values.max() ?? most)
    }
    return Double(least)...Double(most)
  }

  /// Evenly spaced images where they are files and many: to decode all may take hours.
  func sparse() -> Dataset {
    let most = 2_000
    return pixels.isDecoded ? sample(most) : self
  }

  /// How often each byte occurs in each channel.
  private func byteHistograms() throws(DatasetError) -> [[Int]] {
    let plane = shape.planeCount
    var histograms = [[Int]](repeating: [Int](repeating: 0, count: 256), count: shape.channels)
    try unsafe pixels.forEachImage(0..<count, shape) { _, raw in
      for channel in histograms.indices {
        for place in channel * plane..<(channel + 1) * plane {
          histograms[channel][unsafe Int(raw[place])] &+= 1
        }
      }
    }
    return histograms
  }

  /// Sum over the pixels of each channel, one image after the other.
  private func channelSums(
    _ transform: (_ channel: Int, _ value: Double) -> Double
  ) throws(DatasetError) -> [Double] {
    let plane = shape.planeCount
    var sums = [Double](repeating: 0, count: shape.channels)
    try unsafe pixels.forEachImage(0..<count, shape) { _, raw in
      let values = unsafe raw.bindMemory(to: Float.self)
      for channel in sums.indices {
        for place in channel * plane..<(channel + 1) * plane {
          sums[channel] += transform(channel, unsafe Double(values[place]))
        }
      }
    }
    return sums
  }
}
