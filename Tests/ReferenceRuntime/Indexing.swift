internal import ComputationGraph

extension Kernel {
  /// For each index the place of its slice in slices `[b.., extent]`, or nil outside the axis.
  private func slices(batchAxes: Int, extent: Int) -> [Int?] {
    let perBlock = shapes[1].dimensions.dropFirst(batchAxes).reduce(1, *)
    return inputs[1].enumerated().map { position, index in
      guard index >= 0, index < Scalar(extent) else { return nil }
      return position / perBlock * extent + Int(index.rounded(.down))
    }
  }

  func take(_ take: Take) -> [Scalar] {
    let extent = shapes[0][take.batchAxes]
    let width = shapes[0].dimensions.dropFirst(take.batchAxes + 1).reduce(1, *)
    let missing: Scalar = take.outside == .zero ? 0 : .nan
    return slices(batchAxes: take.batchAxes, extent: extent).flatMap { slice in
      slice.map { Array(inputs[0][$0 * width..<($0 + 1) * width]) }
        ?? [Scalar](repeating: missing, count: width)
    }
  }

  func scatterAdd(_ scatter: ScatterAdd) -> [Scalar] {
    let width = shapes[0].dimensions.dropFirst(shapes[1].rank).reduce(1, *)
    var y = [Scalar](repeating: 0, count: shape.count)
    let slices = slices(batchAxes: scatter.batchAxes, extent: scatter.extent)
    for (position, slice) in slices.enumerated() {
      guard let slice else { continue }
      for k in 0..<width { y[slice * width + k] += inputs[0][position * width + k] }
    }
    return y
  }
}
