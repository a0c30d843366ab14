internal import ComputationGraph

/// Rules of ONNX' sums, extrema and softmax.
enum ONNXReductions {
  static let rules: [String: Rule] = [
    "ReduceSum": reduction { try $0.sum($1, axes: $2, keepsAxes: $3) },
    "ReduceMean": reduction { try $0.mean($1, axes: $2, keepsAxes: $3) },
    "ReduceMax": reduction { try $0.maximum($1, axes: $2, keepsAxes: $3) },
    "ReduceMin": reduction { try $0.negate($0.maximum($0.negate($1), axes: $2, keepsAxes: $3)) },
    "ReduceProd": reduction { try $0.product($1, axes: $2, keepsAxes: $3) },
    "ReduceL1": reduction { b, x, axes, keeps in
      let size = try b.activation(x) { (graph, x) throws(ShapeError) in try graph.absoluteValue(x) }
      return try b.sum(size, axes: axes, keepsAxes: keeps)
    },
    "ReduceL2": reduction { b, x, axes, keeps in
      try b.power(b.sum(b.power(x, 2), axes: axes, keepsAxes: keeps), 0.5)
    },
    "ReduceSumSquare": reduction { try $0.sum($0.power($1, 2), axes: $2, keepsAxes: $3) },
    "ReduceLogSum": reduction { b, x, axes, keeps in
      try b.unary(.logarithm, b.sum(x, axes: axes, keepsAxes: keeps))
    },
    "ReduceLogSumExp": reduction { b, x, axes, keeps in
      if x.count == 0 {
        return try b.unary(
          .logarithm, b.sum(b.unary(.exponential, x), axes: axes, keepsAxes: keeps))
      }
      return try b.logSumExp(x, axes: axes, keepsAxes: keeps)
    },
    "CumSum": one { b, a in
      var x = try a.operand(0)
      guard let axis = try a.operand(1).host?.integers?.first else {
        throw Refusal("a running sum along an axis that depends on data")
      }
      let isReversed = try a.flag("reverse", nil)
      if isReversed { x = try b.flip(x, axes: [axis]) }
      var sums = try b.cumulativeSum(x, axis: axis)
      if try a.flag("exclusive", nil) { sums = try b.subtract(sums, x) }
      return isReversed ? try b.flip(sums, axes: [axis]) : sums
    },
    "Softmax": softmax { try $0.softmax($1, axis: $2) },
    "LogSoftmax": softmax { try $0.logSoftmax($1, axis: $2) },
    "ArgMax": one { try place(&$0, $1, sign: 1) },
    "ArgMin": one { try place(&$0, $1, sign: -1) },
    "LpNormalization": one { b, a in
      let x = try a.operand(0)
      let axis = try a.integer("axis", nil) ?? -1
      let order = try a.integer("p", nil) ?? 2
      let norm: LogicalTensor
      if order == 1 {
        let size = try b.activation(x) { (graph, x) throws(ShapeError) in
          try graph.absoluteValue(x)
        }
        norm = try b.sum(size, axes: [axis], keepsAxes: true)
      } else {
        norm = try b.power(b.sum(b.power(x, 2), axes: [axis], keepsAxes: true), 0.5)
      }
      // Zeros stay zeros.
      return try b.divide(x, b.select(b.isEqual(norm, b.number(0)), b.number(1), norm))
    },
    "MeanVarianceNormalization": one { b, a in
      let x = try a.operand(0)
      let axes = try a.integers("axes", nil) ?? [0, 2, 3]
      let centred = try b.subtract(x, b.mean(x, axes: axes, keepsAxes: true))
      let variance = try b.mean(b.power(centred, 2), axes: axes, keepsAxes: true)
      return try b.divide(centred, b.affine(b.power(variance, 0.5), scale: 1, shift: 1e-9))
    },
  ]

  private static func reduction(
    _ body:
      @escaping @Sendable (inout TensorBuilder, LogicalTensor, [Int]?, Bool) throws ->
      LogicalTensor
  ) -> Rule {
    one { b, a in
      let x = try a.operand(0)
      let axes = try a.integers(operand: 1, orAttribute: "axes")
      if axes?.isEmpty ?? true, try a.flag("noop_with_empty_axes", nil) {
        // Each element is summed alone.
        return try body(&b, b.unsqueeze(x, axis: 0), [0], false)
      }
      return try body(&b, x, axes, a.flag("keepdims", nil, default: true))
    }
  }

  /// Softmax along an axis; before version 13 along all axes from one on.
  private static func softmax(
    _ body: @escaping @Sendable (inout TensorBuilder, LogicalTensor, Int) throws -> LogicalTensor
  ) -> Rule {
    one { b, a in
      let x = try a.operand(0)
      guard let opset = a.opset, opset < 13 else {
        return try body(&b, x, a.integer("axis", nil) ?? -1)
      }
      let axis = try x.axis(a.integer("axis", nil) ?? 1)
      let flat = try b.reshape(
        x, to: [x.shape[..<axis].reduce(1, *), x.shape[axis...].reduce(1, *)])
      return try b.reshape(body(&b, flat, 1), to: x.shape)
    }
  }

  private static func place(
    _ b: inout TensorBuilder, _ a: Arguments, sign: Double
  ) throws -> LogicalTensor {
    let x = try a.operand(0)
    guard let array = x.host else { throw Refusal("the place of the largest of data") }
    guard x.rank > 0 else { throw Refusal("the place of a number") }
    let axis = try x.axis(a.integer("axis", nil) ?? 0)
    let order = (0..<x.rank).filter { $0 != axis } + [axis]
    let elements = array.transposed(order).elements
    let extent = x.shape[axis]
    guard extent > 0 else { throw Refusal("the largest of no elements") }
    let takesLast = try a.flag("select_last_index", nil)
    let places = stride(from: 0, to: elements.count, by: extent).map { start in
      var best = 0
      for index in 1..<max(extent, 1) {
        let difference = sign * (elements[start + index] - elements[start + best])
        if difference > 0 || (takesLast && difference == 0) { best = index }
      }
      return Double(best)
    }
    var shape = order.dropLast().map { x.shape[$0] }
    if try a.flag("keepdims", nil, default: true) { shape.insert(1, at: axis) }
    return LogicalTensor(HostArray(places, shape: shape, element: .integer))
  }
}
