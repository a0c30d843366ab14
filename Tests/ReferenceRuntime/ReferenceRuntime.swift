package import ComputationGraph

/// Executes graphs with plain loops over row-major arrays: the specification of every operation.
///
/// Derivative rules are checked on it in `Double`, and faster runtimes are compared with it.
package enum ReferenceRuntime {
  /// Values of `outputs` in `Double`.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - outputs: The values that are wanted.
  ///   - inputs: Elements of every input that the outputs depend on, by name.
  /// - Returns: The elements of each output.
  /// - Precondition: The inputs are there and have as many elements as their shapes ask for.
  package static func evaluate(
    _ graph: Graph, outputs: [Value], inputs: [String: [Double]]
  ) -> [[Double]] {
    run(graph, outputs, inputs)
  }

  /// Values of `outputs` in `Float`, every intermediate result rounded to it.
  package static func evaluateInFloat(
    _ graph: Graph, outputs: [Value], inputs: [String: [Float]]
  ) -> [[Float]] {
    run(graph, outputs, inputs)
  }

  private static func run<Scalar: ReferenceScalar>(
    _ graph: Graph, _ outputs: [Value], _ inputs: [String: [Scalar]]
  ) -> [[Scalar]] {
    var results = [[Scalar]?](repeating: nil, count: graph.nodes.count)
    func result(_ value: Value) -> [Scalar] {
      guard let elements = results[value.index] else { preconditionFailure("not yet computed") }
      return elements
    }
    for value in graph.reachable(from: outputs) {
      let node = graph[value]
      let elements: [Scalar]
      if case .input(let input) = node.operation {
        guard let given = inputs[input.name] else {
          preconditionFailure("input \(input.name) is missing")
        }
        elements = given
      } else {
        elements = Kernel(
          inputs: node.inputs.map(result), shapes: node.inputs.map { graph.shape(of: $0) },
          shape: node.shape
        ).run(node.operation)
      }
      precondition(
        elements.count == node.shape.count,
        "\(node.operation): \(elements.count) elements for the shape \(node.shape)")
      results[value.index] = elements
    }
    return outputs.map(result)
  }
}

/// One operation on given elements.
struct Kernel<Scalar: ReferenceScalar> {
  /// Elements of the inputs.
  let inputs: [[Scalar]]
  /// Shapes of the inputs.
  let shapes: [Shape]
  /// Shape of the result.
  let shape: Shape

  func run(_ operation: Operation) -> [Scalar] {
    switch operation {
    case .input: preconditionFailure("inputs are given, not computed")
    case .constant(let constant):
      [Scalar](repeating: Scalar(constant.value), count: shape.count)
    case .tensor(let constant): constant.elements.map { Scalar($0) }
    case .add: zip(inputs[0], inputs[1]).map { $0 + $1 }
    case .multiply: zip(inputs[0], inputs[1]).map { $0 * $1 }
    case .affine(let affine):
      inputs[0].map { Scalar(affine.scale) * $0 + Scalar(affine.shift) }
    case .unary(let function): inputs[0].map { unary(function, $0) }
    case .gate: zip(inputs[0], inputs[1]).map { $1 > 0 ? $0 : 0 }
    case .detach: inputs[0]
    case .broadcast: broadcast()
    case .reduceSum: reduceSum()
    case .reshape: inputs[0]
    case .transpose(let transpose): self.transpose(transpose)
    case .slice(let slice): self.slice(slice)
    case .pad(let pad): self.pad(pad)
    case .concatenate(let concatenate): self.concatenate(concatenate)
    case .gather(let gather): self.gather(gather)
    case .scatter(let scatter): self.scatter(scatter)
    case .take(let take): self.take(take)
    case .scatterAdd(let scatter): scatterAdd(scatter)
    case .matrixProduct(let product): matrixProduct(product)
    case .convolution(let convolution): self.convolution(convolution)
    case .convolutionInputGradient(let gradient): convolutionInputGradient(gradient)
    case .convolutionFilterGradient(let gradient): convolutionFilterGradient(gradient)
    case .softmax:
      rows { logits, largest, sum in logits.map { Scalar.exponential($0 - largest) / sum } }
    case .logSoftmax:
      rows { logits, largest, sum in
        let total = largest + .logarithm(sum)
        return logits.map { $0 - total }
      }
    case .logSumExp: rows { _, largest, sum in [largest + .logarithm(sum)] }
    case .maxPool(let pool): largest(pool.window, images: 0).map { inputs[0][$0] }
    case .maxPoolSelect(let pool): largest(pool.window, images: 1).map { inputs[0][$0] }
    case .maxPoolScatter(let pool): maxPoolScatter(pool)
    case .averagePool(let pool): averagePool(pool)
    case .averagePoolGradient(let pool): averagePoolGradient(pool)
    }
  }

  private func unary(_ function: UnaryFunction, _ x: Scalar) -> Scalar {
    switch function {
    case .exponential: .exponential(x)
    case .logarithm: .logarithm(x)
    case .tanh: .hyperbolicTangent(x)
    case .sigmoid: 1 / (1 + .exponential(-x))
    case .errorFunction: .errorFunction(x)
    case .power(let p): .power(x, p)
    case .relu: x < 0 ? 0 : x  // keeps NaN
    case .softplus: (x > 0 ? x : 0) + .logarithmOfOnePlus(.exponential(-abs(x)))
    case .sine: .sine(x)
    case .cosine: .cosine(x)
    }
  }

  /// Maps each row along the last axis, given with its largest element and the sum of exponentials
  /// relative to it.
  private func rows(
    _ transform: (_ logits: [Scalar], _ largest: Scalar, _ sum: Scalar) -> [Scalar]
  ) -> [Scalar] {
    let width = shapes[0][shapes[0].rank - 1]
    return stride(from: 0, to: inputs[0].count, by: width).flatMap { start in
      let logits = Array(inputs[0][start..<start + width])
      // The largest is taken out so that no exponential overflows.
      let largest = logits.reduce(-.infinity) { $1 > $0 || $1.isNaN ? $1 : $0 }
      let sum = logits.reduce(0) { $0 + Scalar.exponential($1 - largest) }
      return transform(logits, largest, sum)
    }
  }
}
