/// Function of one number, applied to every element.
public enum UnaryFunction: Primitive {
  /// `e^x`.
  case exponential
  /// Natural logarithm.
  case logarithm
  /// Hyperbolic tangent.
  case tanh
  /// `1 / (1 + e^-x)`.
  case sigmoid
  /// Error function `2/sqrt(pi) int_0^x e^(-t^2) dt`.
  case errorFunction
  /// `x^p`.
  case power(Double)
  /// `max(x, 0)`.
  case relu
  /// `log(1 + e^x)`.
  case softplus
  /// Sine of an angle in radians.
  case sine
  /// Cosine of an angle in radians.
  case cosine

  package func outputShape(of shapes: [Shape]) throws(ShapeError) -> Shape { shapes[0] }

  package func tangent(
    of output: Value, inputs: [Value], tangents: [Value?], in graph: inout Graph
  ) throws(ShapeError) -> Value? {
    guard let t = tangents[0] else { return nil }
    return try product(t, derivativeAt: inputs[0], output: output, in: &graph)
  }

  package func pullback(
    of output: Value, inputs: [Value], cotangent: Value, wanted: [Bool], in graph: inout Graph
  ) throws(ShapeError) -> [Value?] {
    [try product(cotangent, derivativeAt: inputs[0], output: output, in: &graph)]
  }

  /// `f'(x) v`; the Jacobian is diagonal, so both rules are this one.
  private func product(
    _ v: Value, derivativeAt x: Value, output y: Value, in graph: inout Graph
  ) throws(ShapeError) -> Value {
    switch self {
    case .exponential:
      return try graph.multiply(v, y)
    case .logarithm:
      return try graph.multiply(v, graph.power(x, -1))
    case .tanh:  // 1 - y^2
      let slope = try graph.affine(graph.multiply(y, y), scale: -1, shift: 1)
      return try graph.multiply(v, slope)
    case .sigmoid:  // y (1 - y)
      let slope = try graph.multiply(y, graph.affine(y, scale: -1, shift: 1))
      return try graph.multiply(v, slope)
    case .errorFunction:  // 2/sqrt(pi) e^(-x^2)
      let square = try graph.multiply(x, x)
      let bell = try graph.unary(.exponential, graph.scale(square, by: -1))
      return try graph.multiply(v, graph.scale(bell, by: 2 / Double.pi.squareRoot()))
    case .power(let p):
      if p == 0 { return try graph.scale(v, by: 0) }
      return try graph.multiply(v, graph.scale(graph.power(x, p - 1), by: p))
    case .relu:
      // By the output, which is positive where the input is: the input need not be kept.
      return try graph.gate(v, by: y)
    case .softplus:
      return try graph.multiply(v, graph.unary(.sigmoid, x))
    case .sine:
      return try graph.multiply(v, graph.unary(.cosine, x))
    case .cosine:
      return try graph.multiply(v, graph.scale(graph.unary(.sine, x), by: -1))
    }
  }
}

extension Graph {
  /// `f(x)` for every element.
  public mutating func unary(_ f: UnaryFunction, _ x: Value) throws(ShapeError) -> Value {
    try append(.unary(f), [x])
  }

  /// `max(x, 0)`.
  public mutating func relu(_ x: Value) throws(ShapeError) -> Value { try unary(.relu, x) }

  /// `x^p`.
  public mutating func power(_ x: Value, _ p: Double) throws(ShapeError) -> Value {
    if p == 1 { return x }
    return try unary(.power(p), x)
  }
}
