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

  func gather(_ gather: Gather) -> [Scalar] {
    let strides = shapes[0].strides
    // Positions of the elements with index 0 on the axis, then each shifted along it.
    let rest = positions(shape.dimensions, strides: zeroing(strides, gather.axis))
    let steps = positions(shape.dimensions, strides: only(gather.axis, shape.rank))
    return zip(rest, steps).map { inputs[0][$0 + gather.indices[$1] * strides[gather.axis]] }
  }

  func scatter(_ scatter: Scatter) -> [Scalar] {
    var y = [Scalar](repeating: 0, count: shape.count)
    let strides = shape.strides
    let rest = positions(shapes[0].dimensions, strides: zeroing(strides, scatter.axis))
    let steps = positions(shapes[0].dimensions, strides: only(scatter.axis, shape.rank))
    for ((x, base), step) in zip(zip(inputs[0], rest), steps) {
      y[base + scatter.indices[step] * strides[scatter.axis]] += x
    }
    return y
  }

  private func zeroing(_ strides: [Int], _ axis: Int) -> [Int] {
    var strides = strides
    strides[axis] = 0
    return strides
  }

  /// Strides that count along one axis alone.
  private func only(_ axis: Int, _ rank: Int) -> [Int] {
    (0..<rank).map { $0 == axis ? 1 : 0 }
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
