import ComputationGraph
import NeuralNetworks
import ReferenceRuntime
import Testing

@testable import GraphRuntime

/// Loss, gradient and Hessian-vector product of whole networks agree with the reference.
///
/// The slope of a ReLU jumps at 0, where rounding decides; so derivatives are compared on networks
/// with tanh in its place, besides small ones with ReLU of few activations.
@Suite struct NetworkAgreementTests {
  /// A network with its input.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var channels = 3
    var extent = 8
    var classes = 10
    var derivatives = 2
    var smooth = true
    var testDescription: String { "\(name) \(channels)x\(extent)x\(extent) smooth \(smooth)" }

    /// Builds loss, gradient and tangent of the gradient along `direction ...` inputs.
    func build(_ graph: inout Graph, _ batch: Int, _ mode: NormalizationMode) throws
      -> WantedValues
    {
      let network = try Model(
        .named(
          name, input: .init(channels: channels, height: extent, width: extent),
          classCount: classes))
      var original = Graph()
      let built = try network.instantiate(batch: batch, mode: mode, in: &original)
      let targets = original.input("targets", [batch, classes], role: .batch)
      let weights = original.input("positive weights", [batch, 1], role: .batch)
      let loss = try original.softmaxCrossEntropy(
        logits: built.output, targets: targets, weights: weights)
      // Inputs of moderate size, so that no softmax saturates; and a smooth nonlinearity.
      var images: [Value: Value] = [:]
      var parameters: [Value] = []
      for value in original.reachable(from: [loss, built.output]) {
        let node = original[value]
        let inputs = node.inputs.map { images[$0] ?? $0 }
        switch node.operation {
        case .input(let input):
          let isVariance = input.name.hasSuffix("running_var")
          let copy = graph.input(
            isVariance ? "positive \(input.name)" : input.name, input.shape, role: input.role)
          images[value] = copy
          if input.role == .parameter {
            let fanIn = Double(input.shape.dimensions.dropFirst().reduce(1, *))
            images[value] = try graph.scale(
              copy, by: input.shape.rank > 1 ? (2 / fanIn).squareRoot() : 0.5)
            parameters.append(copy)
          }
        case .unary(.relu) where smooth: images[value] = try graph.unary(.tanh, inputs[0])
        default: images[value] = try graph.append(node.operation, inputs)
        }
      }
      guard let result = images[loss], let logits = images[built.output] else {
        throw ShapeError("test", "no loss")
      }
      var wanted = WantedValues(sums: [result], samples: [logits])
      if derivatives >= 1 {
        let gradient = try graph.gradient(of: result, by: parameters)
        wanted.sums += gradient
        if derivatives >= 2 {
          var along: [(value: Value, tangent: Value)] = []
          for (k, parameter) in parameters.enumerated() {
            along.append(
              (
                parameter,
                graph.input("direction \(k)", graph.shape(of: parameter), role: .direction)
              ))
          }
          wanted.sums += try graph.tangent(of: gradient, along: along)
        }
      }
      return wanted
    }
  }

  static let cases = [
    Case(name: "linear"), Case(name: "mlp-17-9"), Case(name: "mlp-17-9", smooth: false),
    Case(name: "lenet", extent: 32), Case(name: "resnet20-w8"), Case(name: "resnet8"),
    Case(name: "resnet8-b", smooth: false), Case(name: "wideresnet-10-1"),
    Case(name: "resnet18-w8"), Case(name: "resnet8", extent: 7),
    Case(name: "lstm-f24-h5-l2-bidirectional"), Case(name: "gru-f24-h5-l2-mean"),
    Case(name: "rnn-f24-h5-l1-all"), Case(name: "convmixer-w8-d2-k4-p2"),
    Case(name: "vit-patch4-w8-d2-h2-k3-m6-lucidrains-v1.4"),
    Case(name: "encoder-patch4-w8-d2-h2-m6-pixels-notoken-headwise-post-widescale-nonorm-mean"),
  ]

  @Test(arguments: cases)
  func `inference mode in micro-batches and chunks`(network: Case) throws {
    for block in [8, 16] {
      try RuntimeComparison(batch: 2, batches: 2, block: block, threads: 2) { graph, batch in
        try network.build(&graph, batch, .inference)
      }.expectAgreement(
        [.microBatches, .wholeBatch(chunk: 3)], conditioning: 32, network.testDescription)
    }
  }

  @Test(arguments: cases)
  func `batch mode in chunks`(network: Case) throws {
    try RuntimeComparison(batch: 5, batches: 1, threads: 2) { graph, batch in
      try network.build(&graph, batch, .batch)
    }.expectAgreement(
      [.wholeBatch(chunk: 1), .wholeBatch(chunk: 2), .wholeBatch(chunk: 5)], conditioning: 200,
      network.testDescription)
  }

  @Test(arguments: [
    Case(name: "resnet20", extent: 32, derivatives: 0, smooth: false),
    Case(name: "resnet20", extent: 32, derivatives: 1),
    Case(name: "vgg11-bn", extent: 32, derivatives: 1),
  ])
  func `networks of full size`(network: Case) throws {
    try RuntimeComparison(batch: 2, batches: 1, threads: 2) { graph, batch in
      try network.build(&graph, batch, .inference)
    }.expectAgreement([.microBatches], conditioning: 32, network.testDescription)
    guard network.derivatives == 0 else { return }
    try RuntimeComparison(batch: 3, batches: 1, threads: 2) { graph, batch in
      try network.build(&graph, batch, .batch)
    }.expectAgreement([.wholeBatch(chunk: 2)], conditioning: 200, network.testDescription)
  }

  @Test func `samples of weight 0 do not count`() throws {
    let network = Case(name: "resnet8")
    /// The last four of six samples have weight 0; their images are scaled by a factor.
    func sums(padding factor: Float) throws -> [[Float]] {
      try RuntimeComparison(batch: 6, batches: 1) { graph, batch in
        try network.build(&graph, batch, .inference)
      }.run(.microBatches) { name, elements in
        let rest = elements.count / 3..<elements.count
        if name == "positive weights" { for i in rest { elements[i] = 0 } }
        if name == "images" { for i in rest { elements[i] *= factor } }
      }.sums
    }
    let zeros = try sums(padding: 0)
    #expect(zeros == (try sums(padding: 3)))
    #expect(zeros[0][0] != 0)
  }
}
