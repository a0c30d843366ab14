internal import ComputationGraph

/// A function of every element, by the name that layer lists give it.
package enum LayerActivation: Hashable, Sendable {
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
    case .gelu, .geluByTanh, .silu, .mish, .hardSwish, .parametricReLU: false
    case .leakyReLU(let slope): slope >= 0
    default: true
    }
  }

  /// Applies the function; a learned slope is `slope`.
  func apply(_ x: Value, slope: Value?, in graph: inout Graph) throws(ShapeError) -> Value {
    switch self {
    case .relu: try graph.relu(x)
    case .relu6: try graph.relu6(x)
    case .leakyReLU(let slope): try graph.leakyReLU(x, slope: slope)
    case .parametricReLU:
      if let slope { try graph.parametricReLU(x, slope: slope) } else { x }
    case .elu(let alpha): try graph.elu(x, alpha: alpha)
    case .selu: try graph.selu(x)
    case .gelu: try graph.gelu(x)
    case .geluByTanh: try graph.geluByTanh(x)
    case .silu: try graph.silu(x)
    case .mish: try graph.mish(x)
    case .tanh: try graph.unary(.tanh, x)
    case .sigmoid: try graph.unary(.sigmoid, x)
    case .softplus: try graph.softplus(x)
    case .hardSwish: try graph.hardSwish(x)
    case .hardSigmoid: try graph.hardSigmoid(x)
    case .hardTanh: try graph.hardTanh(x)
    }
  }
}
