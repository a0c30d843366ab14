/// Activations whose values and derivatives, at kinks too, are those of PyTorch.
extension Graph {
  /// `|x|`, with derivative 0 at 0.
  public mutating func absoluteValue(_ x: Value) throws(ShapeError) -> Value {
    try add(relu(x), relu(scale(x, by: -1)))
  }

  /// `x` where it is positive, elsewhere `slope x`.
  public mutating func leakyReLU(_ x: Value, slope: Double) throws(ShapeError) -> Value {
    try select(isPositive(x), x, scale(x, by: slope))
  }

  /// `x` where it is positive, elsewhere `slope x`, with a slope for every channel of `[n, c, ...]`, or one
  /// for all: `[c]` or `[1]`.
  ///
  /// He and others 2015.
  public mutating func parametricReLU(_ x: Value, slopes: Value) throws(ShapeError) -> Value {
    guard self.shape(of: slopes) == [1] else {
      return try select(isPositive(x), x, multiplyPerChannel(x, slopes))
    }
    let shape = shape(of: x)
    let one = try reshape(slopes, to: Shape([Int](repeating: 1, count: shape.rank)))
    return try select(isPositive(x), x, multiply(x, broadcast(one, to: shape)))
  }

  /// `x` where it is positive, elsewhere `alpha (e^x - 1)`.
  ///
  /// Clevert and others 2015.
  public mutating func elu(_ x: Value, alpha: Double = 1) throws(ShapeError) -> Value {
    let isPositive = try isPositive(x)
    // Zero where it is not wanted, so that nothing overflows there.
    let negative = try gate(x, by: not(isPositive))
    // e^x - 1 = tanh(x / 2) (e^x + 1) keeps its digits near zero.
    let exponential = try multiply(
      unary(.tanh, scale(negative, by: 0.5)),
      affine(unary(.exponential, negative), scale: 1, shift: 1))
    return try select(isPositive, x, scale(exponential, by: alpha))
  }

  /// ELU with the scale and alpha that keep mean and variance.
  ///
  /// Klambauer and others 2017.
  public mutating func selu(_ x: Value) throws(ShapeError) -> Value {
    try scale(elu(x, alpha: 1.6732632423543772), by: 1.0507009873554805)
  }

  /// SiLU or swish, `x sigmoid(x)`.
  ///
  /// Elfwing and others 2017.
  public mutating func silu(_ x: Value) throws(ShapeError) -> Value {
    try multiply(x, unary(.sigmoid, x))
  }

  /// Mish, `x tanh(log(1 + e^x))`.
  ///
  /// Misra 2019.
  public mutating func mish(_ x: Value) throws(ShapeError) -> Value {
    try multiply(x, unary(.tanh, unary(.softplus, x)))
  }

  /// GELU `x Phi(x) = x (1 + erf(x / sqrt 2)) / 2`.
  ///
  /// Hendrycks and Gimpel 2016.
  public mutating func gelu(_ x: Value) throws(ShapeError) -> Value {
    let inner = try unary(.errorFunction, scale(x, by: 0.5.squareRoot()))
    return try multiply(x, affine(inner, scale: 0.5, shift: 0.5))
  }

  /// GELU approximated by `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`.
  public mutating func geluByTanh(_ x: Value) throws(ShapeError) -> Value {
    let factor = try affine(multiply(x, x), scale: 0.044715, shift: 1)
    let inner = try scale(multiply(x, factor), by: (2 / Double.pi).squareRoot())
    return try multiply(x, affine(unary(.tanh, inner), scale: 0.5, shift: 0.5))
  }

  /// The nearest number in `low ... high`; the derivative is 1 strictly inside alone.
  public mutating func hardTanh(
    _ x: Value, from low: Double = -1, to high: Double = 1
  ) throws(ShapeError) -> Value {
    let inside = try gate(
      gate(x, by: affine(x, scale: 1, shift: -low)), by: affine(x, scale: -1, shift: high))
    // What is left is constant; NaN is in it.
    let rest = try subtract(clamp(x, from: low, to: high), inside)
    return try add(inside, detach(rest))
  }

  /// `min(max(x, 0), 6)`.
  public mutating func relu6(_ x: Value) throws(ShapeError) -> Value {
    try hardTanh(x, from: 0, to: 6)
  }

  /// `min(max(x + 3, 0), 6) / 6`.
  public mutating func hardSigmoid(_ x: Value) throws(ShapeError) -> Value {
    try scale(relu6(affine(x, scale: 1, shift: 3)), by: 1.0 / 6)
  }

  /// `x hardSigmoid(x)`.
  ///
  /// Howard and others 2019.
  public mutating func hardSwish(_ x: Value) throws(ShapeError) -> Value {
    try multiply(x, hardSigmoid(x))
  }

  /// `log sigmoid(x) = -log(1 + e^-x)`.
  public mutating func logSigmoid(_ x: Value) throws(ShapeError) -> Value {
    try scale(unary(.softplus, scale(x, by: -1)), by: -1)
  }

  /// `log(1 + e^(beta x)) / beta`.
  public mutating func softplus(_ x: Value, beta: Double = 1) throws(ShapeError) -> Value {
    try scale(unary(.softplus, scale(x, by: beta)), by: 1 / beta)
  }

  /// `x / (1 + |x|)`.
  public mutating func softSign(_ x: Value) throws(ShapeError) -> Value {
    try multiply(x, power(affine(absoluteValue(x), scale: 1, shift: 1), -1))
  }
}
