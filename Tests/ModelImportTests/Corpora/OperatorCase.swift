import Checkpoints
import ComputationGraph
import FileFormats
import Foundation
import ModelImport
import NeuralNetworks
import ONNXMessages
import ReferenceRuntime
import SwiftProtobuf

@testable import GraphFiles

/// An ONNX model with data and what another program computed of them.
struct OperatorCase {
  /// Data by the names of the inputs.
  let inputs: [(name: String, array: NumericArray)]
  /// Results in order.
  let outputs: [NumericArray]
  private let file: GraphFile

  /// How the inputs reach the importer.
  enum Reading: Equatable {
    /// As fixed tensors whose numbers are not known while the model is read.
    case fixed
    /// As `fixed`, but for one input that depends on the sample.
    case sampled(String)
  }

  /// Reads `model.onnx`, `input_K.pb` and `output_K.pb` of a folder.
  init(_ folder: URL) throws {
    file = try GraphFile.read(folder.appending(path: "model.onnx").path)
    let sidecars = ONNXSidecars(besideModel: folder.path)
    func arrays(_ kind: String) throws -> [NumericArray] {
      var result: [NumericArray] = []
      while let data = try? Data(contentsOf: folder.appending(path: "\(kind)_\(result.count).pb")) {
        let tensor = try Onnx_TensorProto(serializedBytes: data)
        result.append(try ONNXTensors(sidecars: sidecars).array(tensor, name: tensor.name))
      }
      return result
    }
    outputs = try arrays("output")
    let given = try arrays("input")
    guard given.count == file.program.inputs.count else {
      throw ImportError("has \(file.program.inputs.count) inputs and data for \(given.count)")
    }
    inputs = zip(file.program.inputs, given).map { ($0.name, $1) }
  }

  /// Names of inputs whose numbers are not known while the model is read.
  var liveNames: [String] {
    inputs.filter { ProgramElement($0.array.type) == .real && !isKnown($0.name) }.map(\.name)
  }

  /// Whether all that reads an input needs its numbers before there are data, as a bound of `Clip`.
  private func isKnown(_ name: String) -> Bool {
    let places: [String: Set<Int>] = [
      "Clip": [1, 2], "Resize": [1, 2], "Upsample": [1], "Dropout": [1], "Pad": [2],
      "OneHot": [1, 2],
      "Range": [0, 1, 2], "ConstantOfShape": [0],
    ]
    let uses = file.program.nodes.flatMap { node in
      node.arguments.filter(\.isPositional).enumerated().filter { $0.element.value == .value(name) }
        .map { (node.operation, $0.offset) }
    }
    return uses.contains { places[$0.0]?.contains($0.1) == true }
  }

  /// The largest error of an output, in units of the largest error that single precision explains.
  ///
  /// - Throws: What the importer says against the model.
  func error(_ reading: Reading) throws -> Double {
    try outputs.indices.map { try error(of: $0, reading) }.max() ?? .infinity
  }

  private static let batch = 2

  private func error(of output: Int, _ reading: Reading) throws -> Double {
    var program = file.program
    let zero = "zero of the test"
    program.tensors += [
      ProgramTensor(
        name: zero, values: [zero], kind: .parameter, element: .real, shape: [])
    ]
    program.inputs = [ProgramInput(name: "data of the test", element: .real, shape: [1])]
    var data: [String: [Double]] = [zero: [0], "data of the test": [1, 1]]
    for tensor in file.tensors { data[tensor.name] = tensor.array.doubles() }
    for (name, array) in inputs {
      let element = ProgramElement(array.type)
      let numbers = array.doubles()
      if reading == .sampled(name) {
        // The samples: others, and those of the test.
        let source = "samples of \(name)"
        program.inputs = [ProgramInput(name: source, element: element, shape: [1] + array.shape)]
        program.nodes.insert(
          ProgramNode(
            operation: "Reshape",
            arguments: [
              ProgramArgument(name: nil, isPositional: true, value: .value(source)),
              ProgramArgument(
                name: nil, isPositional: true,
                value: .tensor(
                  .integer, shape: [array.shape.count], elements: array.shape.map(Double.init))),
              ProgramArgument(name: "allowzero", isPositional: false, value: .integer(1)),
            ], outputs: [name]), at: 0)
        data[source] = numbers.reversed() + numbers
      } else {
        let isLive = liveNames.contains(name)
        program.tensors.append(
          ProgramTensor(
            name: name, values: [name], kind: isLive ? .frozen : .constant, element: element,
            shape: array.shape, elements: isLive ? nil : numbers))
        data[name] = numbers
      }
    }
    // A sum with a parameter: also results that need no data are computed by the graph.
    let sum = "result of the test"
    program.nodes.append(
      ProgramNode(
        operation: "Add",
        arguments: [program.outputs[output], zero].map {
          ProgramArgument(name: nil, isPositional: true, value: .value($0))
        }, outputs: [sum]))
    program.outputs[output] = sum
    let imported = try ImportedModel(program, name: "test", output: output)
    return error(of: outputs[output], in: try evaluate(imported, data))
  }

  private func evaluate(_ definition: ImportedModel, _ data: [String: [Double]]) throws -> [Double]
  {
    var graph = Graph()
    let model = try Model(.definition(AnyModelDefinition(definition)))
    let nodes = try model.instantiate(batch: Self.batch, mode: .inference, in: &graph)
    return ReferenceRuntime.evaluate(graph, outputs: [nodes.output], inputs: data)[0]
  }

  /// The error of the last sample.
  private func error(of expected: NumericArray, in found: [Double]) -> Double {
    let exact = expected.doubles()
    guard found.count == Self.batch * exact.count else { return .infinity }
    let own = found.suffix(exact.count)
    // Each of the numbers was rounded once or several times, sums at the scale of their summands.
    let scale = exact.filter(\.isFinite).map(abs).max() ?? 0
    let unit = expected.type == .float16 || expected.type == .bfloat16 ? 0x1p-8 : 0x1p-24
    let bound = 64 * unit * max(scale, 0x1p-24)
    return zip(own, exact).map { x, y in
      x == y || x.isNaN && y.isNaN ? 0 : abs(x - y) / bound
    }.map { $0.isNaN ? .infinity : $0 }.max() ?? 0
  }
}
