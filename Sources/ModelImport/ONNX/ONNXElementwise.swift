internal import ComputationGraph
internal import Foundation
internal import NeuralNetworks

/// Rules of ONNX' operators on single elements.
enum ONNXElementwise {
  static let rules: [String: Rule] = [
    "Add": binary { try $0.add($1, $2) },
    "Sub": binary { try $0.subtract($1, $2) },
    "Mul": binary { try $0.multiply($1, $2) },
    "Div": binary { b, x, y in
      if x.element == .real || y.element == .real { return try b.divide(x, y) }
      return try ATenArithmetic.known(&b, x, y, "division of whole numbers") {
        ($0 / $1).rounded(.towardZero)
      }
    },
    "Pow": binary { b, x, p in b.with(try b.power(x, p), element: x.element) },
    "Mod": one { b, a in
      let byTruncation = try a.flag("fmod", nil)
      return try ATenArithmetic.known(&b, a.operand(0), a.operand(1), "Mod") {
        byTruncation
          ? $0.truncatingRemainder(dividingBy: $1) : $0 - $1 * ($0 / $1).rounded(.down)
      }
    },
    "Neg": one { try $0.negate($1.operand(0)) },
    "Abs": one { try ATenArithmetic.rules["abs"].result(&$0, $1) },
    "Sqrt": one { try $0.power($1.operand(0), 0.5) },
    "Reciprocal": one { try $0.power($1.operand(0), -1) },
    "Exp": one { try $0.unary(.exponential, $1.operand(0)) },
    "Log": one { try $0.unary(.logarithm, $1.operand(0)) },
    "Sin": one { try $0.unary(.sine, $1.operand(0)) },
    "Cos": one { try $0.unary(.cosine, $1.operand(0)) },
    "Tan": one { b, a in
      let x = try a.operand(0)
      return try b.divide(b.unary(.sine, x), b.unary(.cosine, x))
    },
    "Sinh": one { b, a in
      let x = try a.operand(0)
      let both = try b.subtract(b.unary(.exponential, x), b.unary(.exponential, b.negate(x)))
      return try b.affine(both, scale: 0.5, shift: 0)
    },
    "Cosh": one { b, a in
      let x = try a.operand(0)
      let both = try b.add(b.unary(.exponential, x), b.unary(.exponential, b.negate(x)))
      return try b.affine(both, scale: 0.5, shift: 0)
    },
    "Tanh": one { try $0.unary(.tanh, $1.operand(0)) },
    "Sigmoid": one { try $0.unary(.sigmoid, $1.operand(0)) },
    "Erf": one { try $0.unary(.errorFunction, $1.operand(0)) },
    "Floor": one { try ATenArithmetic.rounded(&$0, $1.operand(0), "Floor") { $0.rounded(.down) } },
    "Ceil": one { try ATenArithmetic.rounded(&$0, $1.operand(0), "Ceil") { $0.rounded(.up) } },
    "Round": one { b, a in
      try ATenArithmetic.rounded(&b, a.operand(0), "Round") { $0.rounded(.toNearestOrEven) }
    },
    "Sign": one { try ATenArithmetic.rules["sign"].result(&$0, $1) },
    "Max": folded { try $0.maximum($1, $2) },
    "Min": folded { try $0.minimum($1, $2) },
    "Sum": folded { try $0.add($1, $2) },
    "Mean": one { b, a in
      let parts = try a.operands()
      guard let first = parts.first else { throw Refusal("the mean of nothing") }
      let total = try parts.dropFirst().reduce(first) { try b.add($0, $1) }
      return try b.affine(total, scale: 1 / Double(parts.count), shift: 0)
    },
    "Clip": one { b, a in
      try b.clamp(
        a.operand(0), from: a.real(operand: 1, orAttribute: "min"),
        to: a.real(operand: 2, orAttribute: "max"))
    },

    // Comparison and selection.
    "Equal": binary { try $0.isEqual($1, $2) },
    "Greater": binary { try $0.isGreater($1, $2) },
    "Less": binary { try $0.isGreater($2, $1) },
    "GreaterOrEqual": binary { try $0.not($0.isGreater($2, $1)) },
    "LessOrEqual": binary { try $0.not($0.isGreater($1, $2)) },
    "Not": one { try $0.not($1.operand(0)) },
    "And": binary { try ATenArithmetic.both(&$0, $1, $2) },
    "Or": binary { try ATenArithmetic.either(&$0, $1, $2) },
    "Xor": binary { try ATenArithmetic.different(&$0, $1, $2) },
    "Where": one { b, a in
      try b.select(
        a.operand(0), ATenArithmetic.finite(a.operand(1)), ATenArithmetic.finite(a.operand(2)))
    },
    "IsNaN": one { try ATenArithmetic.rules["isnan"].result(&$0, $1) },
    "Cast": one { b, a in
      guard let element = try a.element("to") else { throw Refusal("numbers of an unknown kind") }
      return try ATenCreation.cast(&b, a.operand(0), to: element)
    },
    "CastLike": one { try ATenCreation.cast(&$0, $1.operand(0), to: $1.operand(1).element) },
    "Identity": one { try $1.operand(0) },

    // Activations.
    "Relu": one { try $0.unary(.relu, $1.operand(0)) },
    "Softplus": one { try $0.unary(.softplus, $1.operand(0)) },
    "Softsign": activation { (graph, x) throws(ShapeError) in try graph.softSign(x) },
    "Mish": activation { (graph, x) throws(ShapeError) in try graph.mish(x) },
    "HardSwish": activation { (graph, x) throws(ShapeError) in try graph.hardSwish(x) },
    "LeakyRelu": one { b, a in
      let slope = try a.real("alpha", nil) ?? 0.01
      return try b.activation(a.operand(0)) { (graph, x) throws(ShapeError) in
        try graph.leakyReLU(x, slope: slope)
      }
    },
    "Elu": one { b, a in
      let alpha = try a.real("alpha", nil) ?? 1
      return try b.activation(a.operand(0)) { (graph, x) throws(ShapeError) in
        try graph.elu(x, alpha: alpha)
      }
    },
    "Selu": one { b, a in
      let (alpha, gamma) = (
        try a.real("alpha", nil) ?? 1.67326319217681884765625,
        try a.real("gamma", nil) ?? 1.05070102214813232421875
      )
      return try b.activation(a.operand(0)) { (graph, x) throws(ShapeError) in
        try graph.scale(graph.elu(x, alpha: alpha), by: gamma)
      }
    },
    "Celu": one { b, a in
      let alpha = try a.real("alpha", nil) ?? 1
      return try b.activation(a.operand(0)) { (graph, x) throws(ShapeError) in
        try graph.scale(graph.elu(graph.scale(x, by: 1 / alpha)), by: alpha)
      }
    },
    "HardSigmoid": one { b, a in
      let (alpha, beta) = (try a.real("alpha", nil) ?? 0.2, try a.real("beta", nil) ?? 0.5)
      return try b.activation(a.operand(0)) { (graph, x) throws(ShapeError) in
        try graph.hardTanh(graph.affine(x, scale: alpha, shift: beta), from: 0, to: 1)
      }
    },
    "Gelu": one { b, a in
      let byTanh = a.text("approximate") == "tanh"
      return try b.activation(a.operand(0)) { (graph, x) throws(ShapeError) in
        byTanh ? try graph.geluByTanh(x) : try graph.gelu(x)
      }
    },
    "Swish": one { b, a in
      let (x, alpha) = (try a.operand(0), try a.real("alpha", nil) ?? 1)
      return try b.multiply(x, b.unary(.sigmoid, b.affine(x, scale: alpha, shift: 0)))
    },
    "ThresholdedRelu": one { b, a in
      let (x, limit) = (try a.operand(0), try a.real("alpha", nil) ?? 1)
      return try b.select(b.isGreater(x, b.number(limit)), x, b.number(0))
    },
    "Shrink": one { b, a in
      let x = try a.operand(0)
      let (limit, bias) = (try a.real("lambd", nil) ?? 0.5, try a.real("bias", nil) ?? 0)
      let above = try b.affine(x, scale: 1, shift: -bias)
      let below = try b.affine(x, scale: 1, shift: bias)
      return try b.select(
        b.isGreater(x, b.number(limit)), above,
        b.select(b.isGreater(b.number(-limit), x), below, b.number(0)))
    },
    "PRelu": one { b, a in
      let x = try a.operand(0)
      var slope = try a.operand(1)
      b.note(slope, .slope)
      if a.opset ?? 7 < 7, slope.rank == 1, slope.count > 1, x.rank >= 2 {
        // Until version 7 there was one slope for each channel.
        slope = try b.reshape(
          slope, to: [slope.count] + [Int](repeating: 1, count: x.rank - 2))
      }
      let isPositive = try b.isGreater(x, b.number(0))
      return try b.select(isPositive, x, b.multiply(x, slope))
    },
    "Dropout": { b, a in
      let x = try a.operand(0)
      let rate = try a.real(operand: 1, orAttribute: "ratio") ?? 0.5
      let result = try b.dropout(x, rate: rate)
      guard a.usesOutput(1) else { return [result] }
      let one = b.with(b.number(1), element: .boolean)
      return [result, try b.expand(one, to: x.shape)]
    },
  ]

  private static func activation(
    _ body: @escaping @Sendable (inout Graph, Value) throws(ShapeError) -> Value
  ) -> Rule {
    one { try $0.activation($1.operand(0), body) }
  }

  /// An operator on two tensors; before version 7 the second one could begin at another axis.
  private static func binary(
    _ body:
      @escaping @Sendable (inout TensorBuilder, LogicalTensor, LogicalTensor) throws ->
      LogicalTensor
  ) -> Rule {
    one { b, a in
      let (x, y) = (try a.operand(0), try a.operand(1))
      guard try a.flag("broadcast", nil), let axis = try a.integer("axis", nil), y.rank > 0 else {
        return try body(&b, x, y)
      }
      let behind = x.rank - (axis < 0 ? axis + x.rank : axis) - y.rank
      guard behind >= 0 else {
        throw Refusal("\(y.shape) does not go to axis \(axis) of \(x.shape)")
      }
      return try body(
        &b, x, b.reshape(y, to: y.shape + [Int](repeating: 1, count: behind)))
    }
  }

  private static func folded(
    _ body:
      @escaping @Sendable (inout TensorBuilder, LogicalTensor, LogicalTensor) throws ->
      LogicalTensor
  ) -> Rule {
    one { b, a in
      let parts = try a.operands()
      guard let first = parts.first else { throw Refusal("no operands") }
      return try parts.dropFirst().reduce(first) { try body(&b, $0, $1) }
    }
  }
}

extension Rule? {
  /// The only result of a rule of another dialect.
  func result(_ builder: inout TensorBuilder, _ arguments: Arguments) throws -> LogicalTensor {
    guard let rule = self, let result = try rule(&builder, arguments).first else {
      throw Refusal("is not supported")
    }
    return result
  }
}
