/// Max-pooling of images in blocks of channels, a vector for each block, and its adjoints.
///
/// The same comparisons in the same order as channel by channel, so the same bits.
struct MaximumPooling {
  /// What is done with the place of the largest element.
  enum Function {
    /// Its element is the result.
    case maximum
    /// The element of other values there is the result.
    case select
    /// Values are added there.
    case scatter
  }

  let function: Function
  /// For every pixel of the result, the pixels of its window in the order of comparison.
  let windows: [[Int]]

  /// Pools one plane of pixels of 8 or 16 channels.
  ///
  /// - Parameters:
  ///   - values: Pixels of the images; for `scatter` those of the result.
  ///   - reference: Pixels of the images that decide.
  ///   - output: Pixels of the result; for `scatter` of the images, to which is added.
  ///   - block: Channels of a pixel.
  func run(
    _ values: UnsafePointer<Float>, _ reference: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, block: Int
  ) {
    if block == 16 {
      run(SIMD16<Float>.self, SIMD16<Int32>.self, values, reference, output)
    } else {
      precondition(block == 8, "pixels of 8 or 16 channels")
      run(SIMD8<Float>.self, SIMD8<Int32>.self, values, reference, output)
    }
  }

  @inline(__always)
  private func run<Lanes: SIMD, Indices: SIMD>(
    _: Lanes.Type, _: Indices.Type, _ values: UnsafePointer<Float>,
    _ reference: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
  )
  where
    Lanes.Scalar == Float, Indices.Scalar == Int32, Lanes.MaskStorage == Indices.MaskStorage
  {
    let v = UnsafeRawPointer(values).assumingMemoryBound(to: Lanes.self)
    let r = UnsafeRawPointer(reference).assumingMemoryBound(to: Lanes.self)
    let y = UnsafeMutableRawPointer(output).assumingMemoryBound(to: Lanes.self)
    for (place, window) in windows.enumerated() {
      let first = window[0]
      var largest = r[first]
      var best = Indices(repeating: Int32(truncatingIfNeeded: first))
      var chosen = function == .select ? v[first] : largest
      for pixel in window.dropFirst() {
        let x = r[pixel]
        // A NaN wins once and stays, as in PyTorch.
        let wins = (x .> largest) .| ((x .!= x) .& (largest .== largest))
        largest.replace(with: x, where: wins)
        switch function {
        case .maximum: chosen = largest
        case .select: chosen.replace(with: v[pixel], where: wins)
        case .scatter:
          best.replace(with: Int32(truncatingIfNeeded: pixel), where: wins)
        }
      }
      if function != .scatter {
        y[place] = chosen
        continue
      }
      for pixel in window {
        let isBest = best .== Int32(truncatingIfNeeded: pixel)
        var sum = y[pixel]
        sum.replace(with: sum + v[place], where: isBest)
        y[pixel] = sum
      }
    }
  }
}
