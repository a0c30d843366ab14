internal import ComputationGraph

/// Rules of PyTorch's operators on single elements.
enum ATenArithmetic {
  static let rules: [String: Rule] = [
    "add": one { try $0.add($1.input(), $1.tensor("other", 1), scale: $1.real("alpha", 2) ?? 1) },
    "sub": one { b, a in
      try b.add(a.input(), a.tensor("other", 1), scale: -(a.real("alpha", 2) ?? 1))
    },
    "rsub": one { b, a in
      try b.add(a.tensor("other", 1), a.input(), scale: -(a.real("alpha", 2) ?? 1))
    },
    "mul": one { try $0.multiply($1.input(), $1.tensor("other", 1)) },
    "div": one { b, a in
      let (x, y) = (try a.input(), try a.tensor("other", 1))
      switch a.text("rounding_mode") {
      case "floor"?: return try floorDivide(&b, x, y)
      case "trunc"?: return try known(&b, x, y, "div") { ($0 / $1).rounded(.towardZero) }
      default: return try b.divide(x, y)
      }
    },
    "floor_divide": one { try floorDivide(&$0, $1.input(), $1.tensor("other", 1)) },
    "remainder": one { b, a in
      try known(&b, a.input(), a.tensor("other", 1), "remainder") {
        $0 - $1 * ($0 / $1).rounded(.down)
      }
    },
    "fmod": one { b, a in
      try known(&b, a.input(), a.tensor("other", 1), "fmod") {
        $0.truncatingRemainder(dividingBy: $1)
      }
    },
    "neg": one { try $0.negate($1.input()) },
    "abs": one { b, a in
      let x = try a.input()
      return try b.map(
        x, element: x.element, host: { abs($0) },
        graph: { (graph, x) throws(ShapeError) in try graph.absoluteValue(x) })
    },
    "pow": one { try $0.power($1.input(), $1.tensor("exponent", 1)) },
    "square": one { try $0.power($1.input(), 2) },
    "sqrt": one { try $0.power($0.real($1.input()), 0.5) },
    "rsqrt": one { try $0.power($0.real($1.input()), -0.5) },
    "reciprocal": one { try $0.power($0.real($1.input()), -1) },
    "exp": one { try $0.unary(.exponential, $1.input()) },
    "expm1": one { try $0.affine($0.unary(.exponential, $1.input()), scale: 1, shift: -1) },
    "log": one { try $0.unary(.logarithm, $1.input()) },
    "log2": one { b, a in
      try b.affine(b.unary(.logarithm, a.input()), scale: 1 / 0.6931471805599453, shift: 0)
    },
    "log10": one { b, a in
      try b.affine(b.unary(.logarithm, a.input()), scale: 1 / 2.302585092994046, shift: 0)
    },
    "log1p": one { try $0.unary(.logarithm, $0.affine($1.input(), scale: 1, shift: 1)) },
    "sin": one { try $0.unary(.sine, $1.input()) },
    "cos": one { try $0.unary(.cosine, $1.input()) },
    "erf": one { try $0.unary(.errorFunction, $1.input()) },
    "floor": one { try rounded(&$0, $1.input(), "floor") { $0.rounded(.down) } },
    "ceil": one { try rounded(&$0, $1.input(), "ceil") { $0.rounded(.up) } },
    "round": one { try rounded(&$0, $1.input(), "round") { $0.rounded(.toNearestOrEven) } },
    "trunc": one { try rounded(&$0, $1.input(), "trunc") { $0.rounded(.towardZero) } },
    "sign": one { b, a in
      let x = try a.input()
      let zero = b.with(b.number(0), element: x.element)
      return b.with(
        try b.subtract(b.isGreater(x, zero), b.isGreater(zero, x)), element: x.element)
    },
    "maximum": one { try $0.maximum($1.input(), $1.tensor("other", 1)) },
    "minimum": one { try $0.minimum($1.input(), $1.tensor("other", 1)) },
    "clamp": one { b, a in
      let x = try a.input()
      let (low, high) = (try a.optionalTensor("min", 1), try a.optionalTensor("max", 2))
      if low.map({ $0.scalar != nil }) ?? true, high.map({ $0.scalar != nil }) ?? true {
        return try b.clamp(x, from: low?.scalar, to: high?.scalar)
      }
      var result = x
      if let low { result = try b.maximum(result, low) }
      if let high { result = try b.minimum(result, high) }
      return result
    },
    "clamp_min": one { b, a in
      let low = try a.tensor("min", 1)
      return try low.scalar.map { try b.clamp(a.input(), from: $0, to: nil) }
        ?? b.maximum(a.input(), low)
    },
    "clamp_max": one { b, a in
      let high = try a.tensor("max", 1)
      return try high.scalar.map { try b.clamp(a.input(), from: nil, to: $0) }
        ?? b.minimum(a.input(), high)
    },
    "addcmul": one { b, a in
      try b.add(
        a.input(), b.multiply(a.tensor("tensor1", 1), a.tensor("tensor2", 2)),
        scale: a.real("value", 3) ?? 1)
    },
    "addcdiv": one { b, a in
      try b.add(
        a.input(), b.divide(a.tensor("tensor1", 1), a.tensor("tensor2", 2)),
        scale: a.real("value", 3) ?? 1)
    },
    "lerp": one { b, a in
      let x = try a.input()
      return try b.add(
        x, b.multiply(b.subtract(a.tensor("end", 1), x), a.tensor("weight", 2)))
    },

    // Comparison and selection.
    "eq": one { try $0.isEqual($1.input(), $1.tensor("other", 1)) },
    "ne": one { try $0.not($0.isEqual($1.input(), $1.tensor("other", 1))) },
    "gt": one { try $0.isGreater($1.input(), $1.tensor("other", 1)) },
    "lt": one { try $0.isGreater($1.tensor("other", 1), $1.input()) },
    "ge": one { try $0.not($0.isGreater($1.tensor("other", 1), $1.input())) },
    "le": one { try $0.not($0.isGreater($1.input(), $1.tensor("other", 1))) },
    "logical_not": one { try $0.not($1.input()) },
    "bitwise_not": one { b, a in
      let x = try a.input()
      if x.element == .boolean { return try b.not(x) }
      return try b.affine(x, scale: -1, shift: -1, element: .integer)
    },
    "logical_and": one { try both(&$0, $1.input(), $1.tensor("other", 1)) },
    "bitwise_and": one { try bits(&$0, $1, "bitwise_and") },
    "__and__": one { try bits(&$0, $1, "bitwise_and") },
    "logical_or": one { try either(&$0, $1.input(), $1.tensor("other", 1)) },
    "bitwise_or": one { try bits(&$0, $1, "bitwise_or") },
    "__or__": one { try bits(&$0, $1, "bitwise_or") },
    "logical_xor": one { try different(&$0, $1.input(), $1.tensor("other", 1)) },
    "bitwise_xor": one { try bits(&$0, $1, "bitwise_xor") },
    "__xor__": one { try bits(&$0, $1, "bitwise_xor") },
    "isnan": one { b, a in
      let x = try a.input()
      guard let array = x.host else {
        if let undefined = try b.isUndefined(softmax: x) { return undefined }
        // Each number is above 0 or below 1; what is none compares with nothing.
        return try b.not(
          either(&b, b.isGreater(x, b.number(0)), b.isGreater(b.number(1), x)))
      }
      return LogicalTensor(
        HostArray(array.elements.map { $0.isNaN ? 1 : 0 }, shape: x.shape, element: .boolean))
    },
    "where": one { b, a in
      guard a.has("self", 1) else { throw Refusal("the places where values hold depend on data") }
      return try b.select(a.tensor("condition", 0), a.tensor("self", 1), a.tensor("other", 2))
    },
    "masked_fill": one { b, a in
      let x = try a.input()
      let value = b.with(try finite(a.tensor("value", 2)), element: x.element)
      return try b.select(a.tensor("mask", 1), value, x)
    },
    "masked_scatter": { _, _ in throw Refusal("which elements are replaced depends on data") },
    "detach": one { try $0.detach($1.input()) },
  ]

  /// Minus infinity as a number far below all others, so that sums of it stay numbers.
  static func finite(_ x: LogicalTensor) -> LogicalTensor {
    guard let array = x.host, array.element == .real else { return x }
    return LogicalTensor(
      HostArray(
        array.elements.map { $0 == -.infinity ? -TensorBuilder.farBelow : $0 }, shape: array.shape,
        element: array.element))
  }

  /// A function of two numbers that must be known.
  static func known(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ y: LogicalTensor, _ name: String,
    _ body: (Double, Double) -> Double
  ) throws -> LogicalTensor {
    guard x.host != nil, y.host != nil else { throw Refusal("\(name) of data has no derivative") }
    return try b.binary(x, y, host: body, graph: { (_, x, _) throws(ShapeError) in x })
  }

  /// `x / y` rounded down.
  static func floorDivide(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ y: LogicalTensor
  ) throws -> LogicalTensor {
    try known(&b, x, y, "floor division") { ($0 / $1).rounded(.down) }
  }

  /// A rounding of a number that must be known, or is whole anyway.
  static func rounded(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ name: String, _ body: (Double) -> Double
  ) throws -> LogicalTensor {
    if x.element != .real { return x }
    guard x.host != nil else { throw Refusal("\(name) of data has no derivative") }
    return try b.map(x, host: body, graph: { (_, x) throws(ShapeError) in x })
  }

  static func both(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ y: LogicalTensor
  ) throws -> LogicalTensor {
    b.with(try b.multiply(b.boolean(x), b.boolean(y)), element: .boolean)
  }

  static func either(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ y: LogicalTensor
  ) throws -> LogicalTensor {
    try b.not(both(&b, b.not(x), b.not(y)))
  }

  static func different(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ y: LogicalTensor
  ) throws -> LogicalTensor {
    try b.not(b.isEqual(b.boolean(x), b.boolean(y)))
  }

  private static func bits(
    _ b: inout TensorBuilder, _ a: Arguments, _ name: String
  ) throws -> LogicalTensor {
    let (x, y) = (try a.input(), try a.tensor("other", 1))
    if x.element == .boolean, y.element == .boolean {
      switch name {
      case "bitwise_and": return try both(&b, x, y)
      case "bitwise_or": return try either(&b, x, y)
      default: return try different(&b, x, y)
      }
    }
    func isWhole(_ x: LogicalTensor) -> Bool {
      x.host?.elements.allSatisfy { Int(exactly: $0) != nil } ?? false
    }
    guard isWhole(x), isWhole(y) else {
      throw Refusal("\(name) of whole numbers that are data")
    }
    return try known(&b, x, y, name) { first, second in
      let (i, j) = (Int(first), Int(second))
      return Double(name == "bitwise_and" ? i & j : name == "bitwise_or" ? i | j : i ^ j)
    }
  }
}
