extension Graph {
  /// Multiplications with additions in all convolutions and matrix products behind `outputs`.
  package func multiplyAddCount(of outputs: [Value]) -> Int {
    reachable(from: outputs).map { multiplyAddCount(of: self[$0]) }.reduce(0, +)
  }

  private func multiplyAddCount(of node: Node) -> Int {
    switch node.operation {
    case .matrixProduct(let product):
      return node.shape.count * product.inner(shape(of: node.inputs[0]))
    case .convolution:
      return node.shape.count * taps(shape(of: node.inputs[1]))
    case .convolutionInputGradient:
      return shape(of: node.inputs[0]).count * taps(shape(of: node.inputs[1]))
    case .convolutionFilterGradient(let gradient):
      return shape(of: node.inputs[1]).count * taps(gradient.filter)
    default:
      return 0
    }
  }

  /// Products in one output element of a convolution with filters `[o, c / groups, r, s]`.
  private func taps(_ filter: Shape) -> Int { filter[1] * filter[2] * filter[3] }
}
