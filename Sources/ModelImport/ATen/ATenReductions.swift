internal import ComputationGraph

/// Rules of PyTorch's sums, extrema and norms of vectors.
enum ATenReductions {
  /// Operators that join elements along the axes in their argument `dim`.
  static let mixing: Set<String> = [
    "sum", "mean", "amax", "amin", "max", "min", "logsumexp", "var", "std", "var_mean", "std_mean",
    "prod", "any", "all", "softmax", "_softmax", "_safe_softmax", "log_softmax", "_log_softmax",
    "cumsum", "linalg_vector_norm", "norm", "flip", "roll", "argmax", "argmin", "sort", "topk",
    "select", "unbind", "glu", "cat", "stack",
  ]

  static let rules: [String: Rule] = [
    "sum": one { b, a in
      let result = try b.sum(
        a.input(), axes: axes(a), keepsAxes: a.flag("keepdim", 2))
      return a.elementType().flatMap { ProgramElement(elementType: $0) } == .real
        ? b.real(result) : result
    },
    "mean": one { try $0.mean($1.input(), axes: axes($1), keepsAxes: $1.flag("keepdim", 2)) },
    "amax": one { try $0.maximum($1.input(), axes: axes($1), keepsAxes: $1.flag("keepdim", 2)) },
    "amin": one { b, a in
      let x = try a.input()
      return try b.negate(
        b.maximum(b.negate(x), axes: axes(a), keepsAxes: a.flag("keepdim", 2)))
    },
    "max": { try extremum(&$0, $1, sign: 1) },
    "min": { try extremum(&$0, $1, sign: -1) },
    "logsumexp": one {
      try $0.logSumExp($1.input(), axes: axes($1), keepsAxes: $1.flag("keepdim", 2))
    },
    "prod": one { b, a in
      try b.product(
        a.input(), axes: a.has("dim", 1) ? a.integers("dim", 1) : nil,
        keepsAxes: a.flag("keepdim", 2))
    },
    "var": one { b, a in try variance(&b, a) },
    "std": one { b, a in try b.power(variance(&b, a), 0.5) },
    "var_mean": { b, a in
      [try variance(&b, a), try b.mean(a.input(), axes: axes(a), keepsAxes: a.flag("keepdim", 3))]
    },
    "std_mean": { b, a in
      [
        try b.power(variance(&b, a), 0.5),
        try b.mean(a.input(), axes: axes(a), keepsAxes: a.flag("keepdim", 3)),
      ]
    },
    "any": one { b, a in
      let count = try b.sum(
        b.with(b.boolean(a.input()), element: .integer), axes: axes(a),
        keepsAxes: a.flag("keepdim", 2))
      return try b.boolean(count)
    },
    "all": one { b, a in
      let count = try b.sum(
        b.with(b.not(a.input()), element: .integer), axes: axes(a),
        keepsAxes: a.flag("keepdim", 2))
      return try b.not(count)
    },
    "linalg_vector_norm": one { b, a in
      try norm(&b, a.input(), a.real("ord", 1) ?? 2, a.integers("dim", 2), a.flag("keepdim", 3))
    },
    "norm": one { b, a in
      try norm(&b, a.input(), a.real("p", 1) ?? 2, a.integers("dim", 2), a.flag("keepdim", 3))
    },
    "cumsum": one { try $0.cumulativeSum($1.input(), axis: $1.integer("dim", 1) ?? 0) },
    "diff": one { b, a in
      let x = try a.input()
      let axis = try x.axis(a.integer("dim", 2) ?? -1)
      guard try a.integer("n", 1) ?? 1 == 1, x.rank > 0, x.shape[axis] >= 1 else {
        throw Refusal("differences of \(x.shape)")
      }
      let parts = [
        try a.optionalTensor("prepend", 3), x, try a.optionalTensor("append", 4),
      ].compactMap { $0 }
      let whole = try b.concatenate(parts, axis: axis)
      let count = whole.shape[axis] - 1
      let result = try b.subtract(
        b.slice(whole, axis: axis, start: 1, count: count),
        b.slice(whole, axis: axis, start: 0, count: count))
      return result
    },
    "argmax": one { b, a in try place(&b, a, sign: 1) },
    "argmin": one { b, a in try place(&b, a, sign: -1) },
    "cdist": one { b, a in
      let (x, y) = (try a.tensor("x1", 0), try a.tensor("x2", 1))
      guard try a.real("p", 2) ?? 2 == 2 else { throw Refusal("distances of another norm than 2") }
      let difference = try b.subtract(b.unsqueeze(x, axis: -2), b.unsqueeze(y, axis: -3))
      return try b.power(b.sum(b.power(difference, 2), axes: [-1], keepsAxes: false), 0.5)
    },
  ]

  /// The axes of the argument `dim`; nil for all.
  private static func axes(_ a: Arguments) throws -> [Int]? {
    // `x.sum(dtype=...)` has no axes; a flag in their place is `var`'s `unbiased`.
    guard a.has("dim", 1) else { return nil }
    return try a.integers("dim", 1)
  }

  private static func variance(_ b: inout TensorBuilder, _ a: Arguments) throws -> LogicalTensor {
    let correction =
      try a.real("correction", nil) ?? (a.flag("unbiased", nil, default: true) ? 1 : 0)
    return try b.variance(
      a.input(), axes: a.has("dim") ? a.integers("dim", nil) : nil, correction: correction,
      keepsAxes: a.flag("keepdim", nil))
  }

  /// `max` and `min`: of all elements, along an axis with places, or of two tensors.
  private static func extremum(
    _ b: inout TensorBuilder, _ a: Arguments, sign: Double
  ) throws -> [LogicalTensor] {
    let x = try a.input()
    if a.has("other") {
      let y = try a.tensor("other", 1)
      return [sign > 0 ? try b.maximum(x, y) : try b.minimum(x, y)]
    }
    let signed = sign > 0 ? x : try b.negate(x)
    guard a.has("dim", 1) else {
      let result = try b.maximum(signed, axes: nil, keepsAxes: false)
      return [sign > 0 ? result : try b.negate(result)]
    }
    let result = try b.maximum(
      signed, axes: a.integers("dim", 1), keepsAxes: a.flag("keepdim", 2))
    let largest = sign > 0 ? result : try b.negate(result)
    // The places are only known where the numbers are.
    return a.outputCount > 1 && x.host != nil
      ? [largest, try place(&b, a, sign: sign)] : [largest]
  }

  /// Places of largest elements along an axis, of known numbers.
  private static func place(
    _ b: inout TensorBuilder, _ a: Arguments, sign: Double
  ) throws -> LogicalTensor {
    let x = try a.input()
    guard let array = x.host else { throw Refusal("the place of the largest of data") }
    guard x.rank > 0 else { throw Refusal("the place of a number") }
    let chosen = try a.integer("dim", 1)
    let axis = try chosen.map { try x.axis($0) }
    let moved =
      axis.map { axis in array.transposed((0..<x.rank).filter { $0 != axis } + [axis]) }
      ?? array.reshaped([x.count])
    let extent = moved.shape.last ?? 1
    guard extent > 0 else { throw Refusal("the largest of no elements") }
    let elements = moved.elements
    let places = stride(from: 0, to: elements.count, by: extent).map { start in
      var best = 0
      for index in 1..<max(extent, 1)
      where sign * elements[start + index] > sign * elements[start + best] {
        best = index
      }
      return Double(best)
    }
    var shape = Array(moved.shape.dropLast())
    if try a.flag("keepdim", 2) { shape.insert(1, at: axis ?? 0) }
    return LogicalTensor(HostArray(places, shape: shape, element: .integer))
  }

  private static func norm(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ order: Double, _ axes: [Int]?, _ keeps: Bool
  ) throws -> LogicalTensor {
    switch order {
    case 2: return try b.power(b.sum(b.power(x, 2), axes: axes, keepsAxes: keeps), 0.5)
    case 1:
      let size = try b.activation(x) { (graph, x) throws(ShapeError) in try graph.absoluteValue(x) }
      return try b.sum(size, axes: axes, keepsAxes: keeps)
    case .infinity:
      let size = try b.activation(x) { (graph, x) throws(ShapeError) in try graph.absoluteValue(x) }
      return try b.maximum(size, axes: axes, keepsAxes: keeps)
    default: throw Refusal("a norm of order \(order)")
    }
  }
}
