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
  /// Whether means are over the border too.
  let countsBorder: Bool
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
  /// What pools blocks of channels; nil for other layouts.
  private let blocked: BlockedPooling?

  /// Prepares the windows.
  ///
  /// - Parameters:
  ///   - function: What is computed.
  ///   - window: The window.
  ///   - countsBorder: Whether means are over the border too.
  ///   - values: Images, or their cotangent for `scatter` and `spread`.
  ///   - reference: The tensor that decides where the largest element is.
  ///   - output: The result.
  ///   - image: `[n, c, h, w]` of the larger image.
  ///   - pooled: `[n, c, h', w']` of the smaller one.
  ///   - block: Channels that lie side by side.
  init(
    _ function: Function, _ window: PoolingWindow, countsBorder: Bool, values: Buffer,
    reference: Buffer, output: Buffer, image: Shape, pooled: Shape, block: Int
  ) {
    self.function = function
    self.window = window
    self.countsBorder = countsBorder
    self.values = values
    self.reference = reference
    self.output = output
    self.block = block
    planes = image[1] / block
    (height, width) = (image[2], image[3])
    (outputHeight, outputWidth) = (pooled[2], pooled[3])
    guard block == 8 || block == 16 else {
      blocked = nil
      return
    }
    let windows = (0..<pooled[2] * pooled[3]).map { place in
      let rows = window.taps(place / pooled[3], axis: 0, extent: image[2])
      let columns = window.taps(place % pooled[3], axis: 1, extent: image[3])
      return (0..<rows.count).flatMap { i in
        (0..<columns.count).map { rows[i] * image[3] + columns[$0] }
      }
    }
    blocked = BlockedPooling(
      function, windows: windows, fullCount: countsBorder ? window.size[0] * window.size[1] : nil)
  }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let large = height * width * block
    let small = outputHeight * outputWidth * block
    let toImages = function == .scatter || function == .spread
    for plane in chunk.start * planes..<(chunk.start + chunk.count) * planes {
      let v = UnsafePointer(memory[values]) + plane * (toImages ? small : large)
      let r = UnsafePointer(memory[reference]) + plane * large
      let y = memory[output] + plane * (toImages ? large : small)
      if toImages { y.update(repeating: 0, count: large) }
      if let blocked {
        blocked.run(v, r, y, block: block)
        continue
      }
      if isPlain {
        runPlain(v, y)
        continue
      }
      for p in 0..<outputHeight {
        let rows = window.taps(p, axis: 0, extent: height)
        for q in 0..<outputWidth {
          let columns = window.taps(q, axis: 1, extent: width)
          let place = (p * outputWidth + q) * block
          let count =
            countsBorder
            ? window.size[0] * window.size[1]
            : rows.count * columns.count
          for lane in 0..<block {
            pool(v, r, y, rows, columns, place: place &+ lane, lane: lane, count: Float(count))
          }
        }
      }
    }
  }

  /// Whether every window lies inside the image, channels lie apart, and one number comes of a window.
  private var isPlain: Bool {
    block == 1 && (function == .maximum || function == .average)
      && (window.paddingLow + window.paddingHigh).allSatisfy { $0 == 0 }
      && window.dilation == [1, 1]
  }

  /// Pools one plane without looking for the borders of each window.
  private func runPlain(_ v: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    let (rows, columns) = (window.size[0], window.size[1])
    let (down, right) = (window.stride[0] * width, window.stride[1])
    let count = Float(rows * columns)
    for p in 0..<outputHeight {
      for q in 0..<outputWidth {
        let first = v + (p &* down &+ q &* right)
        let place = p &* outputWidth &+ q
        if function == .average {
          var sum: Float = 0
          for i in 0..<rows {
            for j in 0..<columns { sum += first[i &* width &+ j] }
          }
          y[place] = sum / count
          continue
        }
        var largest = first[0]
        for i in 0..<rows {
          for j in 0..<columns {
            let value = first[i &* width &+ j]
            // A NaN wins once and stays, as in PyTorch.
            if value > largest || (value.isNaN && !largest.isNaN) { largest = value }
          }
        }
        y[place] = largest
      }
    }
  }

  @inline(__always)
  private func pool(
    _ v: UnsafePointer<Float>, _ r: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    _ rows: PoolingWindow.Taps, _ columns: PoolingWindow.Taps, place: Int, lane: Int, count: Float
  ) {
    switch function {
    case .average:
      var sum: Float = 0
      for i in 0..<rows.count {
        for j in 0..<columns.count {
          sum += v[(rows[i] &* width &+ columns[j]) &* block &+ lane]
        }
      }
      y[place] = sum / count
    case .spread:
      let share = v[place] / count
      for i in 0..<rows.count {
        for j in 0..<columns.count {
          y[(rows[i] &* width &+ columns[j]) &* block &+ lane] += share
        }
      }
    case .maximum, .select, .scatter:
      var best = (rows[0] &* width &+ columns[0]) &* block &+ lane
      var largest = r[best]
      for i in 0..<rows.count {
        for j in 0..<columns.count {
          let index = (rows[i] &* width &+ columns[j]) &* block &+ lane
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
