internal import ComputationGraph

/// Elements around a tensor.
extension TensorBuilder {
  /// Zeros, or another number, before and behind the elements; negative counts take elements away.
  mutating func pad(
    _ x: LogicalTensor, low: [Int], high: [Int], value: Double = 0
  ) throws -> LogicalTensor {
    var x = x
    for axis in 0..<x.rank where low[axis] < 0 || high[axis] < 0 {
      let (cutLow, cutHigh) = (max(-low[axis], 0), max(-high[axis], 0))
      x = try slice(
        x, axis: axis, start: cutLow, count: max(x.shape[axis] - cutLow - cutHigh, 0))
    }
    let (low, high) = (low.map { max($0, 0) }, high.map { max($0, 0) })
    let isKnown = x.host != nil
    try Extents.count(
      zip(x.shape, zip(low, high)).map { extent, pads in
        guard pads.0 <= Extents.maximumKnown, pads.1 <= Extents.maximumKnown else { return -1 }
        return extent + pads.0 + pads.1
      }, known: isKnown)
    guard (low + high).contains(where: { $0 > 0 }) else { return x }
    if value != 0, value.isFinite, x.host == nil {
      // Plus the number around zeros: nothing is added to the elements, which would round them.
      let border = try pad(
        expand(with(number(0), element: x.element), to: x.shape), low: low, high: high,
        value: value)
      return with(try add(pad(x, low: low, high: high), border), element: x.element)
    }
    guard value == 0 || x.host != nil else { throw Refusal("padding with \(value)") }
    var result = x
    for axis in 0..<x.rank where low[axis] > 0 || high[axis] > 0 {
      func filler(_ extent: Int) -> [LogicalTensor] {
        var shape = result.shape
        shape[axis] = extent
        let elements = [Double](repeating: value, count: shape.reduce(1, *))
        return extent == 0
          ? [] : [LogicalTensor(HostArray(elements, shape: shape, element: x.element))]
      }
      if result.host != nil {
        let parts = filler(low[axis]) + [result] + filler(high[axis])
        result = try concatenate(parts, axis: axis)
        continue
      }
      let (_, isSampled) = try lift(result)
      let value = try whole(result)
      let place = isSampled ? axis + 1 : axis
      var (before, behind) = (
        [Int](repeating: 0, count: graph.shape(of: value).rank),
        [Int](repeating: 0, count: graph.shape(of: value).rank)
      )
      before[place] = low[axis]
      behind[place] = high[axis]
      var shape = result.shape
      shape[axis] += low[axis] + high[axis]
      result = try tensor(
        graph.pad(value, low: before, high: behind), isSampled: isSampled, shape: shape,
        element: x.element)
    }
    return result
  }
}
