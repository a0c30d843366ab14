internal import ComputationGraph
internal import NeuralNetworks

/// Rules of PyTorch's activations.
enum ATenActivations {
  static let rules: [String: Rule] = [
    "relu": one { try $0.unary(.relu, $1.input()) },
    "tanh": one { try $0.unary(.tanh, $1.input()) },
    "sigmoid": one { try $0.unary(.sigmoid, $1.input()) },
    "relu6": one { b, a in
      try b.activation(a.input()) { (graph, x) throws(ShapeError) in try graph.relu6(x) }
    },
    "hardtanh": one { b, a in
      let (low, high) = (try a.real("min_val", 1) ?? -1, try a.real("max_val", 2) ?? 1)
      return try b.activation(a.input()) { (graph, x) throws(ShapeError) in
        try graph.hardTanh(x, from: low, to: high)
      }
    },
    "hardsigmoid": one { b, a in
      try b.activation(a.input()) { (graph, x) throws(ShapeError) in try graph.hardSigmoid(x) }
    },
    "hardswish": one { b, a in
      try b.activation(a.input()) { (graph, x) throws(ShapeError) in try graph.hardSwish(x) }
    },
    "silu": one { b, a in
      try b.activation(a.input()) { (graph, x) throws(ShapeError) in try graph.silu(x) }
    },
    "mish": one { b, a in
      try b.activation(a.input()) { (graph, x) throws(ShapeError) in try graph.mish(x) }
    },
    "gelu": one { b, a in
      let byTanh = a.text("approximate", 1) == "tanh"
      return try b.activation(a.input()) { (graph, x) throws(ShapeError) in
        byTanh ? try graph.geluByTanh(x) : try graph.gelu(x)
      }
    },
    "elu": one { b, a in
      let alpha = try a.real("alpha", 1) ?? 1
      let (scale, inner) = (try a.real("scale", 2) ?? 1, try a.real("input_scale", 3) ?? 1)
      // scale (max(x, 0) + min(alpha (e^(inner x) - 1), 0)); `inner` acts on the negative part alone.
      return try b.activation(a.input()) { (graph, x) throws(ShapeError) in
        if inner == 1 { return try graph.scale(graph.elu(x, alpha: alpha), by: scale) }
        let isPositive = try graph.isPositive(x)
        let negative = try graph.elu(graph.scale(x, by: inner), alpha: alpha)
        return try graph.scale(graph.select(isPositive, x, negative), by: scale)
      }
    },
    "selu": one { b, a in
      try b.activation(a.input()) { (graph, x) throws(ShapeError) in try graph.selu(x) }
    },
    "celu": one { b, a in
      let alpha = try a.real("alpha", 1) ?? 1
      return try b.activation(a.input()) { (graph, x) throws(ShapeError) in
        try graph.scale(graph.elu(graph.scale(x, by: 1 / alpha)), by: alpha)
      }
    },
    "softplus": one { b, a in
      let (beta, threshold) = (try a.real("beta", 1) ?? 1, try a.real("threshold", 2) ?? 20)
      guard threshold >= 15 else { throw Refusal("softplus with the threshold \(threshold)") }
      return try b.activation(a.input()) { (graph, x) throws(ShapeError) in
        try graph.softplus(x, beta: beta)
      }
    },
    "softsign": one { b, a in
      try b.activation(a.input()) { (graph, x) throws(ShapeError) in try graph.softSign(x) }
    },
    "log_sigmoid": one { b, a in
      try b.activation(a.input()) { (graph, x) throws(ShapeError) in try graph.logSigmoid(x) }
    },
    "log_sigmoid_forward": { b, a in
      let result = try b.activation(a.input()) { (graph, x) throws(ShapeError) in
        try graph.logSigmoid(x)
      }
      return [result, result]
    },
    "leaky_relu": one { b, a in
      let slope = try a.real("negative_slope", 1) ?? 0.01
      return try b.activation(a.input()) { (graph, x) throws(ShapeError) in
        try graph.leakyReLU(x, slope: slope)
      }
    },
    "threshold": one { b, a in
      let (limit, value) = (try a.real("threshold", 1) ?? 0, try a.real("value", 2) ?? 0)
      let x = try a.input()
      return try b.select(b.isGreater(x, b.number(limit)), x, b.number(value))
    },
    "hardshrink": one { b, a in
      let (x, limit) = (try a.input(), try a.real("lambd", 1) ?? 0.5)
      let outside = try b.add(
        b.isGreater(x, b.number(limit)), b.isGreater(b.number(-limit), x))
      return try b.select(b.with(outside, element: .boolean), x, b.number(0))
    },
    "softshrink": one { b, a in
      let (x, limit) = (try a.input(), try a.real("lambd", 1) ?? 0.5)
      let above = try b.unary(.relu, b.affine(x, scale: 1, shift: -limit))
      let below = try b.unary(.relu, b.affine(x, scale: -1, shift: -limit))
      return try b.subtract(above, below)
    },
    "prelu": one { b, a in
      let (x, slope) = (try a.input(), try a.tensor("weight", 1))
      b.note(slope, .slope)
      let shaped =
        slope.count == 1
        ? try b.reshape(slope, to: [])
        : try b.reshape(slope, to: [slope.count] + [Int](repeating: 1, count: max(x.rank - 2, 0)))
      let isPositive = try b.isGreater(x, b.number(0))
      return try b.select(isPositive, x, b.multiply(x, shaped))
    },
    "_prelu_kernel": one { b, a in
      let (x, slope) = (try a.input(), try a.tensor("weight", 1))
      let isPositive = try b.isGreater(x, b.number(0))
      return try b.select(isPositive, x, b.multiply(x, slope))
    },
    "glu": one { b, a in
      let x = try a.input()
      let axis = try x.axis(a.integer("dim", 1) ?? -1)
      guard x.rank > 0, x.shape[axis] % 2 == 0 else { throw Refusal("halves of \(x.shape)") }
      let halves = try b.split(x, size: x.shape[axis] / 2, axis: axis)
      return try b.multiply(halves[0], b.unary(.sigmoid, halves[1]))
    },
    "softmax": one { try $0.softmax($1.input(), axis: $1.integer("dim", 1) ?? -1) },
    "_softmax": one { try $0.softmax($1.input(), axis: $1.integer("dim", 1) ?? -1) },
    "_safe_softmax": one { try $0.safeSoftmax($1.input(), axis: $1.integer("dim", 1) ?? -1) },
    "log_softmax": one { try $0.logSoftmax($1.input(), axis: $1.integer("dim", 1) ?? -1) },
    "_log_softmax": one { try $0.logSoftmax($1.input(), axis: $1.integer("dim", 1) ?? -1) },
    "softmin": one { try $0.softmax($0.negate($1.input()), axis: $1.integer("dim", 1) ?? -1) },
    "dropout": one { try $0.dropout($1.input(), rate: $1.real("p", 1) ?? 0.5) },
    "feature_dropout": one { b, a in
      try b.channelDropout(a.input(), rate: a.real("p", 1) ?? 0.5)
    },
    "alpha_dropout": one { b, a in
      guard try !a.flag("train", 2) else { throw Refusal("alpha dropout in training") }
      return try a.input()
    },
    "native_dropout": { b, a in [try b.dropout(a.input(), rate: a.real("p", 1) ?? 0.5)] },
    "rrelu": one { b, a in
      guard try !a.flag("training", 3) else { throw Refusal("randomised ReLU in training") }
      let slope = ((try a.real("lower", 1) ?? 1.0 / 8) + (try a.real("upper", 2) ?? 1.0 / 3)) / 2
      return try b.activation(a.input()) { (graph, x) throws(ShapeError) in
        try graph.leakyReLU(x, slope: slope)
      }
    },
  ]
}
