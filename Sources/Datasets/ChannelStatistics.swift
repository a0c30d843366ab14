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
  package var channelStatistics: ChannelStatistics {
    var means: [Double] = []
    var deviations: [Double] = []
    let total = Double(count * shape.planeCount)
    for channel in 0..<shape.channels {
      switch pixels {
      case .bytes(let values, let white):
        let histogram = byteHistogram(values, channel: channel)
        let mean = histogram.indices.reduce(0) { $0 + Double($1 * histogram[$1]) } / total
        let variance = histogram.indices.reduce(0) { sum, value in
          let deviation = Double(value) - mean
          return sum + deviation * deviation * Double(histogram[value])
        }
        means.append(mean / Double(white))
        deviations.append((variance / total).squareRoot() / Double(white))
      case .floats(let values):
        let mean = sum(values, channel: channel) { $0 } / total
        let variance = sum(values, channel: channel) { ($0 - mean) * ($0 - mean) }
        means.append(mean)
        deviations.append((variance / total).squareRoot())
      }
    }
    return ChannelStatistics(mean: means, std: deviations)
  }

  /// Smallest and largest pixel, on the scale 0 to 1.
  package var pixelRange: ClosedRange<Double> {
    switch pixels {
    case .bytes(let values, let white):
      Double(values.min() ?? 0) / Double(white)...Double(values.max() ?? 0) / Double(white)
    case .floats(let values):
      Double(values.min() ?? 0)...Double(values.max() ?? 0)
    }
  }

  private func byteHistogram(_ values: [UInt8], channel: Int) -> [Int] {
    var histogram = [Int](repeating: 0, count: 256)
    for image in 0..<count {
      let start = image * shape.count + channel * shape.planeCount
      for value in values[start..<start + shape.planeCount] { histogram[Int(value)] &+= 1 }
    }
    return histogram
  }

  private func sum(
    _ values: [Float], channel: Int, _ transform: (Double) -> Double
  ) -> Double {
    var sum = 0.0
    for image in 0..<count {
      let start = image * shape.count + channel * shape.planeCount
      for value in values[start..<start + shape.planeCount] { sum += transform(Double(value)) }
    }
    return sum
  }
}
