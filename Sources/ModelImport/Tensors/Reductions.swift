internal import ComputationGraph
internal import Foundation

/// Sums, means, extrema, softmax.
extension TensorBuilder {
  /// Axes as numbers from 0; nil or none stand for all.
  func axes(_ axes: [Int]?, of x: LogicalTensor) throws -> [Int] {
    guard let axes, !axes.isEmpty else { return Array(0..<x.rank) }
    let result = x.rank == 0 ? [] : try axes.map { try x.axis($0) }
    guard Set(result).count == result.count else { throw Refusal("axes \(axes) repeat") }
    return result
  }

  /// Sum over axes.
  mutating func sum(
    _ x: LogicalTensor, axes chosen: [Int]?, keepsAxes: Bool
  ) throws -> LogicalTensor {
    let axes = try axes(chosen, of: x)
    let element = Self.joined(x.element, .integer)
    let kept = x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] }
    let result: LogicalTensor
    if let array = x.host {
      result = LogicalTensor(
        Self.fold(array, axes: axes, from: 0, element: element) { $0 + $1 })
    } else {
      let (value, isSampled) = try lift(x)
      let places = axes.compactMap { place($0, of: x) }
      let total = try graph.reduceSum(value, axes: places)
      result = try tensor(total, isSampled: isSampled, shape: kept, element: element)
    }
    return keepsAxes ? result : try dropping(axes, of: result)
  }

  /// Mean over axes.
  mutating func mean(
    _ x: LogicalTensor, axes chosen: [Int]?, keepsAxes: Bool
  ) throws -> LogicalTensor {
    let count = try axes(chosen, of: x).map { x.shape[$0] }.reduce(1, *)
    let total = try sum(x, axes: chosen, keepsAxes: keepsAxes)
    return try affine(total, scale: 1 / Double(count), shift: 0)
  }

  /// Variance over axes, the sum of squares divided by the count less `correction`.
  mutating func variance(
    _ x: LogicalTensor, axes chosen: [Int]?, correction: Double, keepsAxes: Bool
  ) throws -> LogicalTensor {
    let count = try axes(chosen, of: x).map { x.shape[$0] }.reduce(1, *)
    let centred = try subtract(x, mean(x, axes: chosen, keepsAxes: true))
    let total = try sum(power(centred, 2), axes: chosen, keepsAxes: keepsAxes)
    return try affine(total, scale: 1 / (Double(count) - correction), shift: 0)
  }

  /// Largest element over axes; the first of equal ones has the derivative.
  mutating func maximum(
    _ x: LogicalTensor, axes chosen: [Int]?, keepsAxes: Bool
  ) throws -> LogicalTensor {
    let axes = try axes(chosen, of: x)
    let kept = x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] }
    let result: LogicalTensor
    if let array = x.host {
      guard array.count > 0 else { throw Refusal("the largest of no elements") }
      result = LogicalTensor(
        Self.fold(array, axes: axes, from: -.infinity, element: x.element) { max($0, $1) })
    } else {
      // A window over columns of images that hold the axes behind one another.
      let others = (0..<x.rank).filter { !axes.contains($0) }
      let extent = axes.map { x.shape[$0] }.reduce(1, *)
      let ordered = try permute(x, others + axes)
      let rows = others.map { x.shape[$0] }.reduce(1, *)
      guard extent > 0, rows > 0 else { throw Refusal("the largest of no elements") }
      let isSampled = ordered.isSampled
      let images = try reshape(
        lift(ordered).value, to: [(isSampled ? batch : 1) * rows, 1, extent, 1])
      let window = PoolingWindow(size: [extent, 1], stride: [1, 1])
      result = try tensor(
        graph.maxPool(images, window), isSampled: isSampled, shape: kept, element: x.element)
    }
    return keepsAxes ? result : try dropping(axes, of: result)
  }

  /// Product of known numbers over axes.
  mutating func product(
    _ x: LogicalTensor, axes chosen: [Int]?, keepsAxes: Bool
  ) throws -> LogicalTensor {
    let axes = try axes(chosen, of: x)
    if let array = x.host {
      let result = LogicalTensor(
        Self.fold(array, axes: axes, from: 1, element: Self.joined(x.element, .integer)) { $0 * $1 }
      )
      return keepsAxes ? result : try dropping(axes, of: result)
    }
    var result = x
    for axis in axes {
      try Extents.parts(x.shape[axis])
      let parts = try (0..<x.shape[axis]).map {
        try slice(result, axis: axis, start: $0, count: 1)
      }
      guard let first = parts.first else { throw Refusal("the product of no elements") }
      result = try parts.dropFirst().reduce(first) { try multiply($0, $1) }
    }
    return keepsAxes ? result : try dropping(axes, of: result)
  }

  /// `log sum e^x` over axes.
  mutating func logSumExp(
    _ x: LogicalTensor, axes chosen: [Int]?, keepsAxes: Bool
  ) throws -> LogicalTensor {
    let axes = try axes(chosen, of: x)
    let others = (0..<x.rank).filter { !axes.contains($0) }
    let ordered = try permute(x, others + axes)
    let extent = axes.map { x.shape[$0] }.reduce(1, *)
    let joined = try reshape(ordered, to: others.map { x.shape[$0] } + [extent])
    let value = try whole(joined)
    let result = try tensor(
      graph.logSumExp(value), isSampled: joined.isSampled,
      shape: x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] })
    return keepsAxes ? result : try dropping(axes, of: result)
  }

  /// Running sum along an axis.
  mutating func cumulativeSum(_ x: LogicalTensor, axis: Int) throws -> LogicalTensor {
    let axis = try x.axis(axis)
    let extent = x.rank == 0 ? 1 : x.shape[axis]
    try Extents.known(extent, extent)
    // A product with a triangle of ones.
    let triangle = HostArray(
      (0..<extent).flatMap { row in (0..<extent).map { row <= $0 ? 1 : 0 } },
      shape: [extent, extent], element: x.element)
    return try along(x, axis) { builder, x in
      let product = try builder.matrixProduct(x, LogicalTensor(triangle))
      return builder.with(product, element: Self.joined(x.element, .integer))
    }
  }

  /// Softmax along an axis.
  mutating func softmax(_ x: LogicalTensor, axis: Int) throws -> LogicalTensor {
    let result = try along(x, axis) { builder, x in
      try builder.lastAxis(x) { (graph, value) throws(ShapeError) in try graph.softmax(value) }
    }
    if case .graph(let value, _) = result.content, try x.axis(axis) == x.rank - 1 {
      softmaxScores[value] = x
    }
    return result
  }

  /// Logarithm of the softmax along an axis.
  mutating func logSoftmax(_ x: LogicalTensor, axis: Int) throws -> LogicalTensor {
    try along(x, axis) { builder, x in
      try builder.lastAxis(x) { (graph, value) throws(ShapeError) in
        try graph.logSoftmax(value)
      }
    }
  }

  /// An operation along the last axis, applied along another one.
  mutating func along(
    _ x: LogicalTensor, _ axis: Int,
    _ body: (inout TensorBuilder, LogicalTensor) throws -> LogicalTensor
  ) throws -> LogicalTensor {
    let axis = try x.axis(axis)
    if axis == x.rank - 1 { return try body(&self, x) }
    guard x.rank > 0 else {
      return try reshape(body(&self, reshape(x, to: [1])), to: [])
    }
    let order = (0..<x.rank).filter { $0 != axis } + [axis]
    let result = try body(&self, permute(x, order))
    return try permute(result, (0..<x.rank).map { order.firstIndex(of: $0) ?? 0 })
  }

  /// A node that works along the last axis of its value and keeps the shape.
  mutating func lastAxis(
    _ x: LogicalTensor, _ body: (inout Graph, Value) throws(ShapeError) -> Value
  ) throws -> LogicalTensor {
    let (held, isSampled) = try lift(x)
    let isLast = place(x.rank - 1, of: x) == graph.shape(of: held).rank - 1
    let value = isLast ? held : try whole(x)
    return try tensor(body(&graph, value), isSampled: isSampled, shape: x.shape)
  }

  /// A tensor without axes of extent 1.
  private mutating func dropping(_ axes: [Int], of x: LogicalTensor) throws -> LogicalTensor {
    try reshape(x, to: x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] })
  }

  private static func fold(
    _ array: HostArray, axes: [Int], from start: Double, element: ProgramElement,
    _ body: (Double, Double) -> Double
  ) -> HostArray {
    let others = array.shape.indices.filter { !axes.contains($0) }
    let rows = others.map { array.shape[$0] }.reduce(1, *)
    let elements = array.transposed(others + axes).elements
    let length = rows == 0 ? 0 : elements.count / rows
    let result = (0..<rows).map { row in
      elements[row * length..<(row + 1) * length].reduce(start, body)
    }
    return HostArray(
      result, shape: array.shape.indices.map { axes.contains($0) ? 1 : array.shape[$0] },
      element: element)
  }
}
