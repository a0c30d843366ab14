internal import ComputationGraph

/// Activations of built-in networks.
enum ActivationFunction: Hashable, Sendable {
  case identity
  case relu
  case relu6
  case silu
  case hardSwish
  case sigmoid
  case hardSigmoid

  /// Applies the function to every element.
  func apply(_ x: Value, in graph: inout Graph) throws(ShapeError) -> Value {
    switch self {
    case .identity: x
    case .relu: try graph.relu(x)
    case .relu6: try graph.relu6(x)
    case .silu: try graph.silu(x)
    case .hardSwish: try graph.hardSwish(x)
    case .sigmoid: try graph.unary(.sigmoid, x)
    case .hardSigmoid: try graph.hardSigmoid(x)
    }
  }
}
