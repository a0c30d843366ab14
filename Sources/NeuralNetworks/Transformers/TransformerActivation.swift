/// The names that transformers gives to activation functions.
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

  /// The function that the name means.
  var function: ActivationFunction {
    switch self {
    case .gelu, .geluPython: .gelu
    // Four spellings of one formula.
    case .geluNew, .geluTanh, .geluFast, .geluAccurate: .geluByTanh
    case .quickGELU: .quickGELU
    case .relu: .relu
    case .relu6: .relu6
    case .silu, .swish: .silu
    case .mish: .mish
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    case .linear: .identity
    }
  }
}
