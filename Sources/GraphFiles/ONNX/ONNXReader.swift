internal import Checkpoints
internal import FileFormats
internal import Foundation
internal import ModelImport
internal import ONNXMessages
internal import SwiftProtobuf

/// The reader of ONNX models.
enum ONNXReader {
  /// Versions of the operators that are read.
  static let opsets: ClosedRange<Int64> = 6...28

  /// Reads graph and tensors.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - path: Its path, in whose folder further files may lie.
  ///   - constants: Names of real tensors that are no parameters.
  /// - Returns: What the model holds, and the files beside it that were read.
  /// - Throws: `FileFormatError` if the file is damaged or of a version that is not read.
  static func read(
    _ bytes: [UInt8], path: String, constants: Set<String>
  ) throws(FileFormatError) -> (contents: GraphContents, sidecars: [String]) {
    let model = try parse(bytes)
    let opset = try opset(of: model)
    let sidecars = ONNXSidecars(besideModel: path)
    let tensors = ONNXTensors(sidecars: sidecars)
    var nodes = ONNXNodes(model, opset: opset, tensors: tensors)
    try nodes.append(model.graph)
    let state = try ONNXState(
      model, nodes: nodes.nodes, marks: nodes.marks, constants: constants, tensors: tensors)
    let stored = Set(state.tensors.flatMap(\.values))
    var inputs: [ProgramInput] = []
    // Before version 4 of the format, stored tensors are inputs too.
    for input in model.graph.input where !stored.contains(input.name) {
      inputs.append(try programInput(input))
    }
    var shapes: [String: [Int?]] = [:]
    for value in model.graph.input + model.graph.valueInfo + model.graph.output {
      shapes[value.name] = shape(of: value)
    }
    let program = GraphProgram(
      dialect: .onnx(opset: Int(opset)), inputs: inputs, tensors: state.tensors,
      nodes: state.nodes, outputs: model.graph.output.map(\.name), shapes: shapes)
    let contents = GraphContents(
      program: program, tensors: state.stored, foldedNames: state.foldedNames,
      doubtfulNames: state.doubtfulNames)
    return (contents, sidecars.paths)
  }

  private static func parse(_ bytes: [UInt8]) throws(FileFormatError) -> Onnx_ModelProto {
    do {
      return try Onnx_ModelProto(serializedBytes: bytes)
    } catch {
      throw onnxError(.malformed, "is damaged or no ONNX model")
    }
  }

  private static func opset(of model: Onnx_ModelProto) throws(FileFormatError) -> Int64 {
    guard model.hasGraph else { throw onnxError(.malformed, "has no graph") }
    let found = model.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }
    // A file without a version is of the first one, and one without default operators needs none.
    let version = found?.version ?? (model.opsetImport.isEmpty ? 1 : opsets.upperBound)
    guard opsets.contains(version) else {
      throw onnxError(
        .unsupported,
        "uses operator set \(version); needs \(opsets.lowerBound) to \(opsets.upperBound): "
          + "export it again with another opset_version")
    }
    return version
  }

  private static func programInput(
    _ input: Onnx_ValueInfoProto
  ) throws(FileFormatError) -> ProgramInput {
    guard let shape = shape(of: input) else {
      throw onnxError(
        .unsupported, "its input \(quoted(input.name)) is no tensor of known rank")
    }
    let code = input.type.tensorType.elemType
    guard let type = ONNXTensors.type(code) else {
      throw onnxError(
        .unsupported,
        "its input \(quoted(input.name)) has elements of type \(ONNXTensors.name(code)), which is "
          + "not read")
    }
    return ProgramInput(name: input.name, element: ProgramElement(type), shape: shape)
  }

  /// The shape of a value, if the file says it; extents that it only names are nil.
  private static func shape(of value: Onnx_ValueInfoProto) -> [Int?]? {
    guard case .tensorType(let tensor)? = value.type.value, tensor.hasShape else { return nil }
    return tensor.shape.dim.map { dimension in
      guard case .dimValue(let extent)? = dimension.value, extent >= 0 else { return nil }
      return Int(extent)
    }
  }
}
