internal import ComputationGraph
internal import NeuralNetworks

extension Graph {
  /// What the numbers of a value are, by the last operation that does more than move them.
  ///
  /// - Complexity: Linear in the number of moves.
  func scale(of value: Value) -> OutputScale {
    var value = value
    while true {
      switch self[value].operation {
      case .reshape, .transpose: value = self[value].inputs[0]
      case .softmax: return .probabilities
      case .logSoftmax: return .logProbabilities
      case .unary(.sigmoid): return .eventProbabilities
      default: return .numbers
      }
    }
  }
}
