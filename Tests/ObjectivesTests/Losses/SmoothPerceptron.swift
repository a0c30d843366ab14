import ComputationGraph
import LinearAlgebra
@testable import NeuralNetworks

/// `z = W2 tanh(W1 x + b1) + b2`, in any shape and with any head: once as a model, once written out
/// in Double.
///
/// It has no kinks, so that differences say what derivatives are.
struct SmoothPerceptron: ModelDefinition {
  /// What the last layer's numbers go through, along the last axis.
  enum Head: Hashable, Sendable {
    case none, logSoftmax, softmax, sigmoid
    /// `(1 + tanh z) / 2`: probabilities of events that nothing in the graph says are some.
    case shiftedTanh
  }

  let features = 2
  let hidden = 3
  let outputShape: [Int]
  var head = Head.none

  var modelName: String { "smooth perceptron" }
  var inputs: [ModelInput] { [ModelInput("x", [features])] }
  var outputCount: Int { outputShape.reduce(1, *) }
  var parameterCount: Int { hidden * (features + 1) + outputCount * (hidden + 1) }

  func build(
    _ inputs: [Value], in builder: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    let (shape, head) = (outputShape, head)
    var x = try builder.linear(inputs[0], "fc1", outputs: hidden)
    x = try builder.apply { graph throws(ShapeError) in try graph.unary(.tanh, x) }
    x = try builder.linear(x, "fc2", outputs: outputCount)
    return [
      try builder.apply { graph throws(ShapeError) in
        let z = try graph.reshape(x, to: Shape([graph.shape(of: x)[0]] + shape))
        switch head {
        case .none: return z
        case .logSoftmax: return try graph.logSoftmax(z)
        case .softmax: return try graph.softmax(z)
        case .sigmoid: return try graph.unary(.sigmoid, z)
        case .shiftedTanh:
          return try graph.affine(graph.unary(.tanh, z), scale: 0.5, shift: 0.5)
        }
      }
    ]
  }

  /// The model.
  func model() throws -> Model { try Model(.definition(AnyModelDefinition(self))) }

  /// Weights of moderate size, the same in single and double precision.
  var weights: [Double] {
    var stream = RandomStream(seed: 7, label: "smooth perceptron")
    let values: Vector<Float> = stream.normalVector(count: parameterCount)
    return values.array.map { 0.7 * Double($0) }.map { Double(Float($0)) }
  }

  /// Outputs of one sample in Double.
  func outputs(_ w: [Double], _ x: [Double]) -> [Double] {
    var place = 0
    func layer(_ x: [Double], _ count: Int) -> [Double] {
      let (matrix, bias) = (place, place + count * x.count)
      place = bias + count
      return (0..<count).map { row in
        var sum = w[bias + row]
        for column in x.indices { sum += w[matrix + row * x.count + column] * x[column] }
        return sum
      }
    }
    let z = layer(layer(x, hidden).map(tanhOf), outputCount)
    if head == .sigmoid { return z.map { 1 / (1 + expOf(-$0)) } }
    if head == .shiftedTanh { return z.map { (1 + tanhOf($0)) / 2 } }
    guard head != .none, let classes = outputShape.last else { return z }
    return stride(from: 0, to: z.count, by: classes).flatMap { start in
      let row = z[start..<start + classes]
      let total = logSumExp(row)
      return row.map { head == .softmax ? expOf($0 - total) : $0 - total }
    }
  }
}
