internal import ComputationGraph

extension Kernel {
  /// Positions `base + sum_k i_k strides_k` for all indices `i` of `extents` in row-major order.
  private func positions(_ extents: [Int], strides: [Int], base: Int = 0) -> [Int] {
    var result = [base]
    for (extent, stride) in zip(extents, strides) {
      var longer: [Int] = []
      longer.reserveCapacity(result.count * extent)
      for position in result {
        for i in 0..<extent { longer.append(position + i * stride) }
      }
      result = longer
    }
    return result
  }

  /// Strides of `small` for indices of `large`: 0 along the axes that `small` has only once.
  private func repeatingStrides(_ small: Shape, in large: Shape) -> [Int] {
    (0..<small.rank).map { small[$0] == large[$0] ? small.strides[$0] : 0 }
  }

  func broadcast() -> [Scalar] {
    positions(shape.dimensions, strides: repeatingStrides(shapes[0], in: shape))
      .map { inputs[0][$0] }
  }

  func reduceSum() -> [Scalar] {
    let targets = positions(
      shapes[0].dimensions, strides: repeatingStrides(shape, in: shapes[0]))
    var y = [Scalar](repeating: 0, count: shape.count)
    for (x, target) in zip(inputs[0], targets) { y[target] += x }
    return y
  }

  func transpose(_ transpose: Transpose) -> [Scalar] {
    positions(
      shape.dimensions, strides: transpose.permutation.map { shapes[0].strides[$0] }
    ).map { inputs[0][$0] }
  }

  func slice(_ slice: Slice) -> [Scalar] {
    let strides = shapes[0].strides
    return positions(
      shape.dimensions, strides: zip(strides, slice.strides).map { $0 * $1 },
      base: zip(strides, slice.starts).map { $0 * $1 }.reduce(0, +)
    ).map { inputs[0][$0] }
  }

  func pad(_ pad: Pad) -> [Scalar] {
    var y = [Scalar](repeating: 0, count: shape.count)
    let targets = positions(
      shapes[0].dimensions, strides: zip(shape.strides, pad.interior).map { $0 * ($1 + 1) },
      base: zip(shape.strides, pad.low).map { $0 * $1 }.reduce(0, +))
    for (x, target) in zip(inputs[0], targets) { y[target] = x }
    return y
  }

  func concatenate(_ concatenate: Concatenate) -> [Scalar] {
    var y = [Scalar](repeating: 0, count: shape.count)
    var start = 0
    for (part, partShape) in zip(inputs, shapes) {
      let targets = positions(
        partShape.dimensions, strides: shape.strides,
        base: start * shape.strides[concatenate.axis])
      for (x, target) in zip(part, targets) { y[target] = x }
      start += partShape[concatenate.axis]
    }
    return y
  }
}
