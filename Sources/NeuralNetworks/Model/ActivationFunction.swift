internal import ComputationGraph

/// A function of every element, of whatever network.
package enum ActivationFunction: Hashable, Sendable {
  case identity
  case relu
  case relu6
  /// `x` or `slope x`.
  case leakyReLU(Double)
  /// Leaky ReLU with a slope per channel, or one for all, that is learned.
  case parametricReLU(count: Int)
  case elu(Double)
  case selu
  case gelu
  case geluByTanh
  /// `x sigmoid(1.702 x)`.
  case quickGELU
  case silu
  case mish
  case tanh
  case sigmoid
  case softplus
  case hardSwish
  case hardSigmoid
  case hardTanh

  /// Number of slopes that are learned; nil where there are none.
  var parameterCount: Int? {
    if case .parametricReLU(let count) = self { count } else { nil }
  }

  /// Whether it never decreases: the largest element of a window may be taken before or after it.
  package var isMonotone: Bool {
    switch self {
    case .gelu, .geluByTanh, .quickGELU, .silu, .mish, .hardSwish, .parametricReLU: false
    case .leakyReLU(let slope): slope >= 0
    default: true
    }
  }

  /// Applies the function to every element.
  ///
  /// - Parameters:
  ///   - x: The elements.
  ///   - slopes: Learned slopes, where it has some.
  ///   - graph: Receives the nodes.
  /// - Returns: The results, of the shape of `x`.
  /// - Throws: `ShapeError` for slopes of another number than channels.
  func apply(
    _ x: Value, slopes: Value? = nil, in graph: inout Graph
  ) throws(ShapeError) -> Value {
    switch self {
    case .identity: return x
    case .relu: return try graph.relu(x)
    case .relu6: return try graph.relu6(x)
    case .leakyReLU(let slope): return try graph.leakyReLU(x, slope: slope)
    case .parametricReLU:
      guard let slopes else { preconditionFailure("learned slopes are parameters") }
      return try graph.parametricReLU(x, slopes: slopes)
    case .elu(let alpha): return try graph.elu(x, alpha: alpha)
    case .selu: return try graph.selu(x)
    case .gelu: return try graph.gelu(x)
    case .geluByTanh: return try graph.geluByTanh(x)
    case .quickGELU:
      return try graph.multiply(x, graph.unary(.sigmoid, graph.scale(x, by: 1.702)))
    case .silu: return try graph.silu(x)
    case .mish: return try graph.mish(x)
    case .tanh: return try graph.unary(.tanh, x)
    case .sigmoid: return try graph.unary(.sigmoid, x)
    case .softplus: return try graph.softplus(x)
    case .hardSwish: return try graph.hardSwish(x)
    case .hardSigmoid: return try graph.hardSigmoid(x)
    case .hardTanh: return try graph.hardTanh(x)
    }
  }
}
