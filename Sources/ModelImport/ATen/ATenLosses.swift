internal import ComputationGraph

/// Rules of PyTorch's losses, for models that have theirs inside.
enum ATenLosses {
  static let rules: [String: Rule] = [
    "mse_loss": one { b, a in
      try reduced(
        &b, b.power(b.subtract(a.input(), a.tensor("target", 1)), 2), a.integer("reduction", 2))
    },
    "l1_loss": one { b, a in
      let size = try b.activation(b.subtract(a.input(), a.tensor("target", 1))) {
        (graph, x) throws(ShapeError) in try graph.absoluteValue(x)
      }
      return try reduced(&b, size, a.integer("reduction", 2))
    },
    "smooth_l1_loss": one { b, a in
      let beta = try a.real("beta", 3) ?? 1
      let loss = try huber(&b, a, delta: beta)
      return try reduced(
        &b, b.affine(loss, scale: 1 / beta, shift: 0), a.integer("reduction", 2))
    },
    "huber_loss": one { b, a in
      try reduced(&b, huber(&b, a, delta: a.real("delta", 3) ?? 1), a.integer("reduction", 2))
    },
    "binary_cross_entropy_with_logits": one { b, a in
      let (z, y) = (try a.input(), try a.tensor("target", 1))
      guard !a.has("pos_weight", 3) else { throw Refusal("weights of positive targets") }
      var loss = try b.subtract(b.unary(.softplus, z), b.multiply(z, y))
      if let weight = try a.optionalTensor("weight", 2) { loss = try b.multiply(loss, weight) }
      return try reduced(&b, loss, a.integer("reduction", 4))
    },
    "binary_cross_entropy": one { b, a in
      let (p, y) = (try a.input(), try a.tensor("target", 1))
      guard !a.has("weight", 2) else { throw Refusal("weights of targets") }
      let positive = try b.multiply(y, b.unary(.logarithm, p))
      let negative = try b.multiply(
        b.affine(y, scale: -1, shift: 1), b.unary(.logarithm, b.affine(p, scale: -1, shift: 1)))
      return try reduced(&b, b.negate(b.add(positive, negative)), a.integer("reduction", 3))
    },
    "kl_div": one { b, a in
      let (x, y) = (try a.input(), try a.tensor("target", 1))
      let isLog = try a.flag("log_target", nil)
      let loss =
        isLog
        ? try b.multiply(b.unary(.exponential, y), b.subtract(y, x))
        : try b.subtract(b.multiply(y, b.unary(.logarithm, y)), b.multiply(y, x))
      return try reduced(&b, loss, a.integer("reduction", 2))
    },
    "cross_entropy_loss": one { b, a in
      guard !a.has("weight", 2) else { throw Refusal("weights of classes") }
      let (z, y) = (try a.input(), try a.tensor("target", 1))
      return try negativeLogLikelihood(
        &b, b.logSoftmax(z, axis: z.rank > 1 ? 1 : 0), y, a.integer("reduction", 3),
        ignored: a.integer("ignore_index", 4) ?? -100, smoothing: a.real("label_smoothing", 5) ?? 0)
    },
    "nll_loss_nd": one { b, a in try nll(&b, a) },
    "nll_loss": one { b, a in try nll(&b, a) },
    "nll_loss_forward": { b, a in
      let loss = try nll(&b, a)
      return [loss, loss]
    },
    "nll_loss2d_forward": { b, a in
      let loss = try nll(&b, a)
      return [loss, loss]
    },
  ]

  private static func nll(_ b: inout TensorBuilder, _ a: Arguments) throws -> LogicalTensor {
    guard !a.has("weight", 2) else { throw Refusal("weights of classes") }
    return try negativeLogLikelihood(
      &b, a.input(), a.tensor("target", 1), a.integer("reduction", 3),
      ignored: a.integer("ignore_index", 4) ?? -100, smoothing: 0)
  }

  /// The loss for log-probabilities whose classes lie along the axis 1 (0 without samples).
  static func negativeLogLikelihood(
    _ b: inout TensorBuilder, _ logits: LogicalTensor, _ targets: LogicalTensor,
    _ reduction: Int?, ignored: Int, smoothing: Double
  ) throws -> LogicalTensor {
    guard targets.element != .real else { throw Refusal("targets that are probabilities") }
    let axis = logits.rank > 1 ? 1 : 0
    let order = (0..<logits.rank).filter { $0 != axis } + [axis]
    let rows = try b.permute(logits, order)
    guard Array(rows.shape.dropLast()) == targets.shape else {
      throw Refusal("targets \(targets.shape) for \(logits.shape)")
    }
    let counts = try b.not(
      b.isEqual(targets, b.with(b.number(Double(ignored)), element: .integer)))
    let zero = b.with(b.number(0), element: .integer)
    let classes = try b.select(counts, targets, zero)
    let own = try b.take(rows, classes, batchAxes: targets.rank)
    var loss = try b.affine(own, scale: -(1 - smoothing), shift: 0)
    if smoothing != 0 {
      let all = try b.sum(rows, axes: [-1], keepsAxes: false)
      loss = try b.add(loss, all, scale: -smoothing / Double(logits.shape[axis]))
    }
    loss = try b.select(counts, loss, b.number(0))
    switch reduction ?? 1 {
    case 0: return loss
    case 2: return try b.sum(loss, axes: nil, keepsAxes: false)
    default:
      let total = try b.sum(loss, axes: nil, keepsAxes: false)
      return try b.divide(
        total, b.sum(b.with(counts, element: .integer), axes: nil, keepsAxes: false))
    }
  }

  private static func huber(
    _ b: inout TensorBuilder, _ a: Arguments, delta: Double
  ) throws -> LogicalTensor {
    guard delta > 0 else { throw Refusal("a Huber loss with the width \(delta)") }
    let difference = try b.subtract(a.input(), a.tensor("target", 1))
    let size = try b.activation(difference) { (graph, x) throws(ShapeError) in
      try graph.absoluteValue(x)
    }
    let isLarge = try b.isGreater(size, b.number(delta))
    let linear = try b.affine(size, scale: delta, shift: -delta * delta / 2)
    return try b.select(isLarge, linear, b.affine(b.power(difference, 2), scale: 0.5, shift: 0))
  }

  /// 0: none, 1: mean, 2: sum.
  private static func reduced(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ reduction: Int?
  ) throws -> LogicalTensor {
    switch reduction ?? 1 {
    case 0: x
    case 2: try b.sum(x, axes: nil, keepsAxes: false)
    default: try b.mean(x, axes: nil, keepsAxes: false)
    }
  }
}
