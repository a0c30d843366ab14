internal import ComputationGraph
internal import Foundation

/// Arithmetic element by element, with the broadcasting rules of NumPy.
extension TensorBuilder {
  /// The shape that two shapes have in common when axes of extent 1 are repeated.
  ///
  /// - Throws: `Refusal` where extents differ.
  func broadcastShape(_ a: [Int], _ b: [Int]) throws -> [Int] {
    let rank = max(a.count, b.count)
    if rank > 0, a.isEmpty || b.isEmpty { return a.isEmpty ? b : a }
    func extent(_ shape: [Int], _ axis: Int) -> Int {
      axis < rank - shape.count ? 1 : shape[axis - rank + shape.count]
    }
    let shape = try (0..<rank).map { axis in
      let (first, second) = (extent(a, axis), extent(b, axis))
      guard first == second || first == 1 || second == 1 else {
        throw Refusal("shapes \(a) and \(b) do not fit")
      }
      return first == 1 ? second : first
    }
    try Extents.count(shape)
    return shape
  }

  /// `f(a, b)` by known numbers, or by the graph.
  mutating func binary(
    _ a: LogicalTensor, _ b: LogicalTensor, element: ProgramElement? = nil,
    host: (Double, Double) -> Double,
    graph body: (inout Graph, Value, Value) throws(ShapeError) -> Value
  ) throws -> LogicalTensor {
    let shape = try broadcastShape(a.shape, b.shape)
    let element = element ?? Self.joined(a.element, b.element)
    if let first = a.host, let second = b.host {
      try Extents.count(shape, known: true)
      let (x, y) = (first.broadcast(to: shape).elements, second.broadcast(to: shape).elements)
      return LogicalTensor(HostArray(zip(x, y).map(host), shape: shape, element: element))
    }
    let isSampled = a.isSampled || b.isSampled
    let x = try operand(a, for: shape, isSampled: isSampled)
    let y = try operand(b, for: shape, isSampled: isSampled)
    let value = try body(&graph, x, y)
    return LogicalTensor(value, isSampled: isSampled, shape: shape, element: element)
  }

  /// `f(x)` by known numbers, or by the graph.
  mutating func map(
    _ x: LogicalTensor, element: ProgramElement = .real, host: (Double) -> Double,
    graph body: (inout Graph, Value) throws(ShapeError) -> Value
  ) throws -> LogicalTensor {
    switch x.content {
    case .host(let array):
      return LogicalTensor(
        HostArray(array.elements.map(host), shape: array.shape, element: element))
    case .graph(let value, let isSampled):
      return LogicalTensor(
        try body(&graph, value), isSampled: isSampled, shape: x.shape, element: element)
    }
  }

  /// What arithmetic of two kinds of numbers gives.
  static func joined(_ a: ProgramElement, _ b: ProgramElement) -> ProgramElement {
    if a == .real || b == .real { return .real }
    return a == .integer || b == .integer ? .integer : .boolean
  }

  /// The number of a tensor that is one known number and does not add axes to another tensor.
  private func factor(_ x: LogicalTensor, beside other: LogicalTensor) -> Double? {
    x.rank <= other.rank ? x.scalar : nil
  }

  // MARK: - Sums and products

  /// `a + scale b`.
  mutating func add(
    _ a: LogicalTensor, _ b: LogicalTensor, scale: Double = 1
  ) throws -> LogicalTensor {
    let element = Self.joined(Self.joined(a.element, b.element), .integer)
    if a.host == nil, let number = factor(b, beside: a) {
      return try affine(a, scale: 1, shift: scale * number, element: element)
    }
    if b.host == nil, let number = factor(a, beside: b) {
      return try affine(b, scale: scale, shift: number, element: element)
    }
    return try binary(
      a, b, element: element, host: { $0 + scale * $1 },
      graph: { (graph, x, y) throws(ShapeError) in try graph.add(x, graph.scale(y, by: scale)) })
  }

  /// `a - b`.
  mutating func subtract(_ a: LogicalTensor, _ b: LogicalTensor) throws -> LogicalTensor {
    try add(a, b, scale: -1)
  }

  /// `a b`.
  mutating func multiply(_ a: LogicalTensor, _ b: LogicalTensor) throws -> LogicalTensor {
    let element = Self.joined(a.element, b.element)
    if a.host == nil, let number = factor(b, beside: a) {
      return try affine(a, scale: number, shift: 0, element: element)
    }
    if b.host == nil, let number = factor(a, beside: b) {
      return try affine(b, scale: number, shift: 0, element: element)
    }
    return try binary(
      a, b, host: { $0 * $1 },
      graph: { (graph, x, y) throws(ShapeError) in try graph.multiply(x, y) })
  }

  /// `a / b`, of real numbers.
  mutating func divide(_ a: LogicalTensor, _ b: LogicalTensor) throws -> LogicalTensor {
    if a.host != nil, b.host != nil {
      return try binary(
        a, b, element: .real, host: { $0 / $1 },
        graph: { (graph, x, _) throws(ShapeError) in x })
    }
    return try multiply(real(a), power(b, -1))
  }

  /// `scale x + shift`.
  mutating func affine(
    _ x: LogicalTensor, scale: Double, shift: Double, element: ProgramElement = .real
  ) throws -> LogicalTensor {
    try map(
      x, element: element, host: { scale * $0 + shift },
      graph: { (graph, x) throws(ShapeError) in try graph.affine(x, scale: scale, shift: shift) })
  }

  /// `-x`.
  mutating func negate(_ x: LogicalTensor) throws -> LogicalTensor {
    try affine(x, scale: -1, shift: 0, element: x.element)
  }

  /// `x^p` for a known `p`.
  mutating func power(_ x: LogicalTensor, _ p: Double) throws -> LogicalTensor {
    if p == 1 { return x }
    if p == 0 { return try affine(x, scale: 0, shift: 1) }
    let element: ProgramElement =
      p >= 0 && p == p.rounded() && x.element != .real ? .integer : .real
    return try map(
      x, element: element, host: { Foundation.pow($0, p) },
      graph: { (graph, x) throws(ShapeError) in
        p == 2 ? try graph.multiply(x, x) : try graph.power(x, p)
      })
  }

  /// `x^p` for any `p`: where `p` is data, `x` must be positive.
  mutating func power(_ x: LogicalTensor, _ p: LogicalTensor) throws -> LogicalTensor {
    if let number = p.scalar, p.rank <= x.rank || x.host == nil { return try power(x, number) }
    return try binary(
      x, p, host: { Foundation.pow($0, $1) },
      graph: { (graph, x, p) throws(ShapeError) in
        try graph.unary(.exponential, graph.multiply(graph.unary(.logarithm, x), p))
      })
  }

  /// The same numbers, as real ones.
  func real(_ x: LogicalTensor) -> LogicalTensor { with(x, element: .real) }

  /// The same numbers, as others.
  func with(_ x: LogicalTensor, element: ProgramElement) -> LogicalTensor {
    switch x.content {
    case .host(let array): LogicalTensor(array.cast(to: element))
    case .graph(let value, let isSampled):
      LogicalTensor(value, isSampled: isSampled, shape: x.shape, element: element)
    }
  }

  /// A number as a tensor.
  func number(_ value: Double) -> LogicalTensor {
    LogicalTensor(HostArray(value))
  }

  /// The values without derivatives.
  mutating func detach(_ x: LogicalTensor) throws -> LogicalTensor {
    try map(
      x, element: x.element, host: { $0 },
      graph: { (graph, x) throws(ShapeError) in try graph.detach(x) })
  }

  // MARK: - Functions

  /// A function of one number.
  mutating func unary(_ f: UnaryFunction, _ x: LogicalTensor) throws -> LogicalTensor {
    try map(
      x, host: { Self.value(of: f, at: $0) },
      graph: { (graph, x) throws(ShapeError) in try graph.unary(f, x) })
  }

  /// The value of a function of the graph at a known number.
  static func value(of f: UnaryFunction, at x: Double) -> Double {
    switch f {
    case .exponential: exp(x)
    case .logarithm: log(x)
    case .tanh: Foundation.tanh(x)
    case .sigmoid: 1 / (1 + exp(-x))
    case .errorFunction: erf(x)
    case .power(let p): pow(x, p)
    case .relu: max(x, 0)
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    case .sine: sin(x)
    case .cosine: cos(x)
    }
  }

  /// An activation of the graph's composites, of data or of known numbers.
  mutating func activation(
    _ x: LogicalTensor, _ body: (inout Graph, Value) throws(ShapeError) -> Value
  ) throws -> LogicalTensor {
    let (value, isSampled) = try lift(x)
    return LogicalTensor(
      try body(&graph, value), isSampled: isSampled, shape: x.shape, element: .real)
  }
}
