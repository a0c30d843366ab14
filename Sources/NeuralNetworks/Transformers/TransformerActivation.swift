internal import ComputationGraph

/// Activation functions by the names that transformers gives them.
package enum TransformerActivation: String, Hashable, Sendable, Codable, CaseIterable {
  case gelu
  case geluPython = "gelu_python"
  case geluNew = "gelu_new"
  case geluTanh = "gelu_pytorch_tanh"
  case geluFast = "gelu_fast"
  case geluAccurate = "gelu_accurate"
  case quickGELU = "quick_gelu"
  case relu
  case relu6
  case silu
  case swish
  case mish
  case sigmoid
  case tanh
  case linear

  /// Applies the function to every element.
  func apply(_ x: Value, in graph: inout Graph) throws(ShapeError) -> Value {
    switch self {
    case .gelu, .geluPython: try graph.gelu(x)
    // Four spellings of one formula.
    case .geluNew, .geluTanh, .geluFast, .geluAccurate: try graph.geluByTanh(x)
    case .quickGELU: try graph.multiply(x, graph.unary(.sigmoid, graph.scale(x, by: 1.702)))
    case .relu: try graph.relu(x)
    case .relu6: try graph.relu6(x)
    case .silu, .swish: try graph.silu(x)
    case .mish: try graph.mish(x)
    case .sigmoid: try graph.unary(.sigmoid, x)
    case .tanh: try graph.unary(.tanh, x)
    case .linear: x
    }
  }
}
