internal import ComputationGraph

extension Kernel {
  /// For each window in row-major order, the positions of its pixels inside the images.
  private func windows(_ window: PoolingWindow, images: Shape) -> [[Int]] {
    let (height, width) = (images[2], images[3])
    let outputs = (0..<2).map {
      (images[$0 + 2] + window.paddingLow[$0] + window.paddingHigh[$0]
        - window.dilation[$0] * (window.size[$0] - 1) - 1) / window.stride[$0] + 1
    }
    var result: [[Int]] = []
    for plane in 0..<images[0] * images[1] {
      for p in 0..<outputs[0] {
        for q in 0..<outputs[1] {
          var pixels: [Int] = []
          for r in 0..<window.size[0] {
            for s in 0..<window.size[1] {
              let row = p * window.stride[0] + r * window.dilation[0] - window.paddingLow[0]
              let column = q * window.stride[1] + s * window.dilation[1] - window.paddingLow[1]
              if (0..<height).contains(row) && (0..<width).contains(column) {
                pixels.append((plane * height + row) * width + column)
              }
            }
          }
          result.append(pixels)
        }
      }
    }
    return result
  }

  /// Position of the first largest pixel of each window; NaN counts as larger than any number.
  func largest(_ window: PoolingWindow, images index: Int) -> [Int] {
    let x = inputs[index]
    return windows(window, images: shapes[index]).map { pixels in
      var best = pixels[0]
      for pixel in pixels where x[pixel] > x[best] || (x[pixel].isNaN && !x[best].isNaN) {
        best = pixel
      }
      return best
    }
  }

  func maxPoolScatter(_ pool: MaxPoolScatter) -> [Scalar] {
    var y = [Scalar](repeating: 0, count: shape.count)
    for (c, position) in zip(inputs[0], largest(pool.window, images: 1)) { y[position] += c }
    return y
  }

  /// What a mean over some pixels of a window is divided by.
  private func count(_ window: PoolingWindow, _ pixels: [Int], countsBorder: Bool) -> Scalar {
    Scalar(countsBorder ? window.size[0] * window.size[1] : pixels.count)
  }

  func averagePool(_ pool: AveragePool) -> [Scalar] {
    windows(pool.window, images: shapes[0]).map { pixels in
      pixels.reduce(0) { $0 + inputs[0][$1] }
        / count(pool.window, pixels, countsBorder: pool.countsBorder)
    }
  }

  func averagePoolGradient(_ pool: AveragePoolGradient) -> [Scalar] {
    var y = [Scalar](repeating: 0, count: shape.count)
    for (c, pixels) in zip(inputs[0], windows(pool.window, images: shape)) {
      let share = c / count(pool.window, pixels, countsBorder: pool.countsBorder)
      for pixel in pixels { y[pixel] += share }
    }
    return y
  }
}
