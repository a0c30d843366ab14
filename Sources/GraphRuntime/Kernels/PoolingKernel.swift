internal import ComputationGraph

/// Pooling of images and the adjoints, in either layout.
struct PoolingKernel: Kernel {
  enum Function {
    /// Largest element.
    case maximum
    /// Element of `values` where `reference` is largest.
    case select
    /// Adds `values` to the place where `reference` is largest.
    case scatter
    /// Mean.
    case average
    /// Spreads evenly.
    case spread
  }

  let division = KernelDivision.perChunk
  let function: Function
  let window: PoolingWindow
  /// Images, or their cotangent for `scatter` and `spread`.
  let values: Buffer
  /// The tensor that decides where the largest element is.
  let reference: Buffer
  let output: Buffer
  /// Planes (blocks of channels) per sample.
  let planes: Int
  let block: Int
  let height: Int
  let width: Int
  let outputHeight: Int
  let outputWidth: Int

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let large = height * width * block
    let small = outputHeight * outputWidth * block
    let toImages = function == .scatter || function == .spread
    let maxima = maximumPooling
    for plane in chunk.start * planes..<(chunk.start + chunk.count) * planes {
      let v = UnsafePointer(memory[values]) + plane * (toImages ? small : large)
      let r = UnsafePointer(memory[reference]) + plane * large
      let y = memory[output] + plane * (toImages ? large : small)
      if toImages { y.update(repeating: 0, count: large) }
      if let maxima {
        maxima.run(v, r, y, block: block)
        continue
      }
      for p in 0..<outputHeight {
        let rows = range(p, axis: 0, extent: height)
        for q in 0..<outputWidth {
          let columns = range(q, axis: 1, extent: width)
          let place = (p * outputWidth + q) * block
          for lane in 0..<block {
            pool(v, r, y, rows, columns, place: place &+ lane, lane: lane)
          }
        }
      }
    }
  }

  /// What pools blocks of channels by their maxima; nil for other functions and layouts.
  private var maximumPooling: MaximumPooling? {
    guard block == 8 || block == 16 else { return nil }
    let maxima: MaximumPooling.Function
    switch function {
    case .maximum: maxima = .maximum
    case .select: maxima = .select
    case .scatter: maxima = .scatter
    case .average, .spread: return nil
    }
    return MaximumPooling(
      function: maxima,
      windows: (0..<outputHeight * outputWidth).map { place in
        range(place / outputWidth, axis: 0, extent: height).flatMap { i in
          range(place % outputWidth, axis: 1, extent: width).map { i * width + $0 }
        }
      })
  }

  private func range(_ index: Int, axis: Int, extent: Int) -> Range<Int> {
    let start = index * window.stride[axis] - window.padding[axis]
    return max(start, 0)..<min(start + window.size[axis], extent)
  }

  @inline(__always)
  private func pool(
    _ v: UnsafePointer<Float>, _ r: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    _ rows: Range<Int>, _ columns: Range<Int>, place: Int, lane: Int
  ) {
    switch function {
    case .average:
      var sum: Float = 0
      for i in rows { for j in columns { sum += v[(i &* width &+ j) &* block &+ lane] } }
      y[place] = sum / Float(window.size[0] * window.size[1])
    case .spread:
      let share = v[place] / Float(window.size[0] * window.size[1])
      for i in rows { for j in columns { y[(i &* width &+ j) &* block &+ lane] += share } }
    case .maximum, .select, .scatter:
      var best = (rows.lowerBound * width + columns.lowerBound) * block + lane
      var largest = r[best]
      for i in rows {
        for j in columns {
          let index = (i &* width &+ j) &* block &+ lane
          // A NaN wins once and stays, as in PyTorch.
          if r[index] > largest || (r[index].isNaN && !largest.isNaN) {
            largest = r[index]
            best = index
          }
        }
      }
      switch function {
      case .maximum: y[place] = largest
      case .select: y[place] = v[best]
      default: y[best] += v[place]
      }
    }
  }
}
