internal import ComputationGraph

extension Kernel {
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func matrixProduct(_ product: MatrixProduct) -> [Scalar] {
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let inner = product.inner(shapes[0])
    var y = [Scalar](repeating: 0, count: shape.count)
    let stack = Array(shape.dimensions.dropLast(2))
    let matricesA = matrices(shapes[0], of: stack)
    let matricesB = matrices(shapes[1], of: stack)
    for matrix in matricesA.indices {
      for i in 0..<rows {
        for j in 0..<columns {
          for k in 0..<inner {
            let a = product.transposeA ? k * rows + i : i * inner + k
            let b = product.transposeB ? j * inner + k : k * columns + j
            y[(matrix * rows + i) * columns + j] +=
              inputs[0][matricesA[matrix] * rows * inner + a]
              * inputs[1][matricesB[matrix] * inner * columns + b]
          }
        }
      }
    }
    return y
  }

  /// Number of the matrix of an operand for each index of a stack.
  private func matrices(_ operand: Shape, of stack: [Int]) -> [Int] {
    let own = Shape(Array(operand.dimensions.dropLast(2)))
    return (0..<stack.reduce(1, *)).map { index in
      var (rest, number) = (index, 0)
      for axis in stack.indices.reversed() {
        if own[axis] > 1 { number += rest % stack[axis] * own.strides[axis] }
        rest /= stack[axis]
      }
      return number
    }
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func convolution(_ convolution: Convolution) -> [Scalar] {
    let (x, w) = (inputs[0], inputs[1])
    var y = [Scalar](repeating: 0, count: shape.count)
    forEachProduct(convolution.geometry, x: shapes[0], w: shapes[1], y: shape) { i, k, o in
      y[o] += x[i] * w[k]
    }
    return y
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func convolutionInputGradient(_ gradient: ConvolutionInputGradient) -> [Scalar] {
    let (dy, w) = (inputs[0], inputs[1])
    var dx = [Scalar](repeating: 0, count: shape.count)
    forEachProduct(gradient.geometry, x: shape, w: shapes[1], y: shapes[0]) { i, k, o in
      dx[i] += dy[o] * w[k]
    }
    return dx
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func convolutionFilterGradient(_ gradient: ConvolutionFilterGradient) -> [Scalar] {
    let (x, dy) = (inputs[0], inputs[1])
    var dw = [Scalar](repeating: 0, count: shape.count)
    forEachProduct(gradient.geometry, x: shapes[0], w: shape, y: shapes[1]) { i, k, o in
      dw[k] += x[i] * dy[o]
    }
    return dw
  }

  /// Visits every product of a convolution by the positions of pixel, tap and output.
  @inline(__always)
  private func forEachProduct(
    _ geometry: ConvolutionGeometry, x: Shape, w: Shape, y: Shape,
    _ body: (_ pixel: Int, _ tap: Int, _ output: Int) -> Void
  ) {
    let (height, width) = (x[2], x[3])
    let (outputHeight, outputWidth) = (y[2], y[3])
    let (tapHeight, tapWidth) = (w[2], w[3])
    let (xChannels, wChannels, outputs) = (x[1], w[1], w[0])
    let outputsPerGroup = outputs / geometry.groups
    let (strideY, strideX) = (geometry.stride[0], geometry.stride[1])
    let (paddingY, paddingX) = (geometry.paddingLow[0], geometry.paddingLow[1])
    let (dilationY, dilationX) = (geometry.dilation[0], geometry.dilation[1])
    for n in 0..<x[0] {
      for o in 0..<outputs {
        for c in 0..<wChannels {
          let channel = o / outputsPerGroup * wChannels + c
          for p in 0..<outputHeight {
            for q in 0..<outputWidth {
              for r in 0..<tapHeight {
                let row = p * strideY + r * dilationY - paddingY
                guard row >= 0 && row < height else { continue }
                for s in 0..<tapWidth {
                  let column = q * strideX + s * dilationX - paddingX
                  guard column >= 0 && column < width else { continue }
                  body(
                    ((n * xChannels + channel) * height + row) * width + column,
                    ((o * wChannels + c) * tapHeight + r) * tapWidth + s,
                    ((n * outputs + o) * outputHeight + p) * outputWidth + q)
                }
              }
            }
          }
        }
      }
    }
  }
}
