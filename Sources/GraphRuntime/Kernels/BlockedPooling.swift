/// Pooling of images in blocks of channels, eight channels at a time, and its adjoints.
///
/// The same comparisons and sums in the same order as channel by channel, so the same bits.
struct BlockedPooling {
  /// A named type, not a parameter: comparisons of unknown vectors would go lane by lane.
  private typealias Lanes = SIMD8<Float>

  private let function: PoolingKernel.Function
  /// The pixels of all windows, one window behind the other, each in the order of comparison.
  private let pixels: [Int32]
  /// Where each window begins in `pixels`, and the end.
  private let starts: [Int]
  /// What the sum of each window is divided by.
  private let counts: [Float]

  /// Takes the windows.
  ///
  /// - Parameters:
  ///   - function: What is computed.
  ///   - windows: For every pixel of the result, the pixels of its window in the order of comparison.
  ///   - fullCount: Pixels of a window with its border, for means over that too; nil for the pixels alone.
  init(_ function: PoolingKernel.Function, windows: [[Int]], fullCount: Int? = nil) {
    self.function = function
    counts = windows.map { Float(fullCount ?? $0.count) }
    pixels = windows.flatMap { $0.map { Int32($0) } }
    starts = windows.reduce(into: [0]) { starts, window in
      starts.append(starts[starts.count - 1] + window.count)
    }
  }

  /// Pools one plane of pixels of 8 or 16 channels.
  ///
  /// - Parameters:
  ///   - values: Pixels of the images; for `scatter` and `spread` those of the result.
  ///   - reference: Pixels of the images that decide.
  ///   - output: Pixels of the result; for `scatter` and `spread` of the images, to which is added.
  ///   - block: Channels of a pixel.
  func run(
    _ values: UnsafePointer<Float>, _ reference: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, block: Int
  ) {
    precondition(block == 8 || block == 16, "pixels of 8 or 16 channels")
    pixels.withUnsafeBufferPointer { pixels in
      starts.withUnsafeBufferPointer { starts in
        guard let pixels = pixels.baseAddress else { return }
        let step = block / 8
        for part in 0..<step {
          let v = Self.vectors(values) + part
          let y = UnsafeMutableRawPointer(output).assumingMemoryBound(to: Lanes.self) + part
          switch function {
          case .average: average(pixels, starts, v, y, step: step)
          case .spread: spread(pixels, starts, v, y, step: step)
          case .maximum, .select, .scatter:
            compare(pixels, starts, v, Self.vectors(reference) + part, y, step: step)
          }
        }
      }
    }
  }

  private static func vectors(_ pointer: UnsafePointer<Float>) -> UnsafePointer<Lanes> {
    UnsafeRawPointer(pointer).assumingMemoryBound(to: Lanes.self)
  }

  /// Means of eight channels of all windows; pixels lie `step` vectors apart.
  private func average(
    _ pixels: UnsafePointer<Int32>, _ starts: UnsafeBufferPointer<Int>, _ v: UnsafePointer<Lanes>,
    _ y: UnsafeMutablePointer<Lanes>, step: Int
  ) {
    for place in 0..<starts.count &- 1 {
      var sum = Lanes.zero
      for i in starts[place]..<starts[place &+ 1] { sum += v[Int(pixels[i]) &* step] }
      y[place &* step] = sum / counts[place]
    }
  }

  /// Adds to eight channels of all windows their share of a cotangent; pixels lie `step` vectors apart.
  private func spread(
    _ pixels: UnsafePointer<Int32>, _ starts: UnsafeBufferPointer<Int>, _ v: UnsafePointer<Lanes>,
    _ y: UnsafeMutablePointer<Lanes>, step: Int
  ) {
    for place in 0..<starts.count &- 1 {
      let share = v[place &* step] / counts[place]
      for i in starts[place]..<starts[place &+ 1] { y[Int(pixels[i]) &* step] += share }
    }
  }

  /// Finds the largest of eight channels of all windows; pixels lie `step` vectors apart.
  private func compare(
    _ pixels: UnsafePointer<Int32>, _ starts: UnsafeBufferPointer<Int>, _ v: UnsafePointer<Lanes>,
    _ r: UnsafePointer<Lanes>, _ y: UnsafeMutablePointer<Lanes>, step: Int
  ) {
    for place in 0..<starts.count &- 1 {
      let (first, end) = (starts[place], starts[place &+ 1])
      let place = place &* step
      // Numbers within the window; the library replaces integers lane by lane.
      var best = Lanes.zero
      var largest = r[Int(pixels[first]) &* step]
      var chosen = function == .select ? v[Int(pixels[first]) &* step] : largest
      var i = first &+ 1
      while i < end {
        let pixel = Int(pixels[i]) &* step
        let x = r[pixel]
        // A NaN wins once and stays, as in PyTorch.
        let wins = .!(x .<= largest) .& (largest .== largest)
        largest.replace(with: x, where: wins)
        switch function {
        case .select: chosen.replace(with: v[pixel], where: wins)
        case .scatter: best.replace(with: Lanes(repeating: Float(i &- first)), where: wins)
        default: chosen = largest
        }
        i &+= 1
      }
      if function != .scatter {
        y[place] = chosen
        continue
      }
      i = first
      while i < end {
        let target = Int(pixels[i]) &* step
        let isBest = best .== Lanes(repeating: Float(i &- first))
        y[target] = y[target].replacing(with: y[target] + v[place], where: isBest)
        i &+= 1
      }
    }
  }
}
