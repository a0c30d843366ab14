import Datasets
import LinearAlgebra
import ModelImport
import NeuralNetworks
import Objectives
import Testing

/// Graphs that end in probabilities say so, and choose the loss.
@Suite struct OutputScaleTests {
  private func model(endingIn operation: String) throws -> Model {
    func operand(_ name: String) -> ProgramArgument {
      ProgramArgument(name: nil, isPositional: true, value: .value(name))
    }
    let program = GraphProgram(
      dialect: .onnx(opset: 18),
      inputs: [ProgramInput(name: "x", element: .real, shape: [nil, 3])],
      tensors: [
        ProgramTensor(name: "w", values: ["w"], kind: .parameter, element: .real, shape: [3, 2])
      ],
      nodes: [
        ProgramNode(
          operation: "MatMul", arguments: [operand("x"), operand("w")], outputs: ["logits"]),
        ProgramNode(operation: operation, arguments: [operand("logits")], outputs: ["p"]),
        // Another order is no other scale.
        ProgramNode(
          operation: "Transpose",
          arguments: [
            operand("p"),
            ProgramArgument(
              name: "perm", isPositional: false, value: .list([.integer(1), .integer(0)])),
          ], outputs: ["t"]),
        ProgramNode(operation: "Transpose", arguments: [operand("t")], outputs: ["y"]),
      ], outputs: ["y"])
    return try Model(.definition(AnyModelDefinition(try ImportedModel(program, name: "test"))))
  }

  @Test(arguments: [
    ("Softmax", OutputScale.probabilities, Loss.Kind.probabilities, Loss.Kind.probabilities),
    ("LogSoftmax", .logProbabilities, .logProbabilities, .logProbabilities),
    // One class of a sample is no target of two events.
    ("Sigmoid", .eventProbabilities, .crossEntropy, .eventProbabilities),
    ("Tanh", .numbers, .crossEntropy, .squaredError),
  ])
  func theLastOperatorChoosesTheLoss(
    _ operation: String, scale: OutputScale, ofClasses: Loss.Kind, ofNumbers: Loss.Kind
  ) throws {
    let model = try model(endingIn: operation)
    #expect(model.recipe.definition.outputScale == scale)
    let classes = SampleArray("y", [], integers: [0, 1])
    let numbers = SampleArray("y", [2], Vector<Float>([0, 1, 0.5, 0.5]))
    #expect(try BoundLoss(nil, model: model, target: classes).loss.kind == ofClasses)
    #expect(try BoundLoss(nil, model: model, target: numbers).loss.kind == ofNumbers)
    let chosen = try BoundLoss(Loss(.squaredError), model: model, target: numbers)
    #expect(chosen.loss.kind == .squaredError)
  }
}
