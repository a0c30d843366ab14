internal import FileFormats
internal import Foundation
internal import ModelImport
internal import ONNXMessages

/// The operators of an ONNX model, with its functions written out.
struct ONNXNodes {
  /// More operators than models have; functions that call functions could make any number.
  private static let maximumCount = 1 << 17
  private static let maximumDepth = 64
  /// Bytes that nodes of functions may take: a call writes all of them again, names and tensors too.
  private static let maximumWritten = 1 << 28

  /// The operators in the order of the file.
  private(set) var nodes: [ProgramNode] = []
  /// What PyTorch notes of its own nodes: the names of the tensors that they use.
  private(set) var marks = ONNXMarks()

  private let functions: [String: Onnx_FunctionProto]
  private let opset: Int64
  private let tensors: ONNXTensors
  private let stored: Set<String>
  private var callCount = 0
  private var written = 0

  /// Begins with the functions of a model.
  init(_ model: Onnx_ModelProto, opset: Int64, tensors: ONNXTensors) {
    functions = Dictionary(model.functions.map { (Self.key($0.domain, $0.name, $0.overload), $0) })
    {
      first, _ in first
    }
    stored = Set(model.graph.initializer.map(\.name))
    self.opset = opset
    self.tensors = tensors
  }

  /// Appends the operators of the model's graph.
  ///
  /// - Throws: `FileFormatError` if a tensor among the attributes is damaged, or functions are nested
  ///   without bound.
  mutating func append(_ graph: Onnx_GraphProto) throws(FileFormatError) {
    let scope = Scope(prefix: "", values: [:], attributes: [:], place: nil, depth: 0)
    for node in graph.node { try append(node, in: scope) }
  }

  /// What names stand for in a graph or in a call of a function.
  private struct Scope {
    /// Stands before the names of values that a function computes.
    let prefix: String
    /// What inputs and outputs of the function stand for.
    let values: [String: String]
    let attributes: [String: Onnx_AttributeProto]
    /// Where the call comes from.
    let place: SourcePlace?
    let depth: Int

    func value(_ name: String) -> String {
      name.isEmpty ? "" : values[name] ?? prefix + name
    }
  }

  private mutating func append(
    _ node: Onnx_NodeProto, in scope: Scope
  ) throws(FileFormatError) {
    var attributes: [Onnx_AttributeProto] = []
    for attribute in node.attribute {
      guard !attribute.refAttrName.isEmpty else {
        attributes.append(attribute)
        continue
      }
      // An attribute of the function that the call leaves out is left out here.
      guard var given = scope.attributes[attribute.refAttrName] else { continue }
      given.name = attribute.name
      attributes.append(given)
    }
    let own = SourcePlace(node)
    let place = own.module.isEmpty && own.source.isEmpty ? scope.place ?? own : own
    let inputs = node.input.map { scope.value($0) }
    let outputs = node.output.map { scope.value($0) }
    if let function = functions[Self.key(node.domain, node.opType, node.overload)],
      isWrittenOut(function)
    {
      try call(
        function, inputs: inputs, outputs: outputs, attributes: attributes, place: place,
        depth: scope.depth)
      return
    }
    guard nodes.count < Self.maximumCount else {
      throw onnxError(.tooLarge, "has more than \(Self.maximumCount) nodes")
    }
    marks.add(node, tensors: inputs.filter { stored.contains($0) })
    let isDefault = node.domain.isEmpty || node.domain == "ai.onnx"
    var arguments = inputs.map {
      ProgramArgument(name: nil, isPositional: true, value: $0.isEmpty ? .none : .value($0))
    }
    for attribute in attributes {
      let name = isDefault && node.opType == "Constant" ? "value" : attribute.name
      arguments.append(
        ProgramArgument(
          name: name, isPositional: false,
          value: try value(of: attribute, isConstant: name != attribute.name)))
    }
    let program = ProgramNode(
      operation: isDefault ? node.opType : "\(node.domain).\(node.opType)",
      arguments: arguments, outputs: outputs, module: place.module, source: place.source)
    if scope.depth > 0 { written += program.size }
    guard written <= Self.maximumWritten else {
      throw onnxError(
        .tooLarge, "its functions, written out, take more than \(Self.maximumWritten) bytes")
    }
    nodes.append(program)
  }

  // MARK: - Functions

  private static func key(_ domain: String, _ name: String, _ overload: String) -> String {
    "\(domain)\0\(name)\0\(overload)"
  }

  /// Functions over another version of the operators stay as they are and are refused by name.
  private func isWrittenOut(_ function: Onnx_FunctionProto) -> Bool {
    function.opsetImport.allSatisfy {
      !($0.domain.isEmpty || $0.domain == "ai.onnx") || $0.version == opset
    }
  }

  private mutating func call(
    _ function: Onnx_FunctionProto, inputs: [String], outputs: [String],
    attributes: [Onnx_AttributeProto], place: SourcePlace, depth: Int
  ) throws(FileFormatError) {
    callCount += 1
    guard depth < Self.maximumDepth, callCount < Self.maximumCount else {
      throw onnxError(
        .tooLarge, "nests calls of function \(quoted(function.name)) without bound")
    }
    guard inputs.count <= function.input.count, outputs.count <= function.output.count else {
      throw onnxError(
        .malformed, "calls function \(quoted(function.name)) with too many operands")
    }
    var values: [String: String] = [:]
    for (index, name) in function.input.enumerated() {
      values[name] = index < inputs.count ? inputs[index] : ""
    }
    var copies: [(source: String, target: String)] = []
    for (name, target) in zip(function.output, outputs) where !target.isEmpty {
      // A function may hand out an input, or one result twice.
      if let source = values[name] {
        copies.append((source, target))
      } else {
        values[name] = target
      }
    }
    var given = Dictionary(function.attributeProto.map { ($0.name, $0) }) { first, _ in first }
    for attribute in attributes { given[attribute.name] = attribute }
    let scope = Scope(
      prefix: "\(function.name)#\(callCount).", values: values, attributes: given, place: place,
      depth: depth + 1)
    for node in function.node { try append(node, in: scope) }
    for (source, target) in copies {
      nodes.append(
        ProgramNode(
          operation: "Identity",
          arguments: [
            ProgramArgument(
              name: nil, isPositional: true, value: source.isEmpty ? .none : .value(source))
          ], outputs: [target], module: place.module, source: place.source))
    }
  }

  // MARK: - Attributes

  /// The value of an attribute; `isConstant` says that it is one of the short forms of a constant, which
  /// become tensors.
  private func value(
    of attribute: Onnx_AttributeProto, isConstant: Bool
  ) throws(FileFormatError) -> ArgumentValue {
    func list(_ element: ProgramElement, _ numbers: [Double]) -> ArgumentValue {
      .tensor(element, shape: [numbers.count], elements: numbers)
    }
    switch Self.type(of: attribute) {
    case .float:
      let number = Double(attribute.f)
      return isConstant ? .tensor(.real, shape: [], elements: [number]) : .real(number)
    case .int:
      let number = Int(attribute.i)
      return isConstant
        ? .tensor(.integer, shape: [], elements: [number].programElements) : .integer(number)
    case .string: return .text(String(decoding: attribute.s, as: UTF8.self))
    case .tensor: return try value(of: attribute.t, name: attribute.name)
    case .floats:
      let numbers = attribute.floats.map { Double($0) }
      return isConstant ? list(.real, numbers) : .list(numbers.map { .real($0) })
    case .ints:
      let numbers = attribute.ints.map { Int($0) }
      return isConstant
        ? list(.integer, numbers.programElements) : .list(numbers.map { .integer($0) })
    case .strings:
      return .list(attribute.strings.map { .text(String(decoding: $0, as: UTF8.self)) })
    case .tensors:
      var values: [ArgumentValue] = []
      for tensor in attribute.tensors { values.append(try value(of: tensor, name: attribute.name)) }
      return .list(values)
    case .graph, .graphs: return .unsupported("a subgraph")
    case .sparseTensor, .sparseTensors: return .unsupported("a sparse tensor")
    case .typeProto, .typeProtos: return .unsupported("a type")
    case .undefined: return .none
    }
  }

  private func value(
    of tensor: Onnx_TensorProto, name: String
  ) throws(FileFormatError) -> ArgumentValue {
    guard ONNXTensors.type(tensor.dataType) != nil else {
      return .unsupported("a tensor of type \(ONNXTensors.name(tensor.dataType))")
    }
    let array = try tensors.array(tensor, name: name)
    return .tensor(
      ProgramElement(array.type), shape: array.shape, elements: array.programElements)
  }

  /// The kind of an attribute; files of the first versions do not say it.
  private static func type(
    of attribute: Onnx_AttributeProto
  ) -> Onnx_AttributeProto.AttributeType {
    if attribute.type != .undefined { return attribute.type }
    if attribute.hasF { return .float }
    if attribute.hasI { return .int }
    if attribute.hasS { return .string }
    if attribute.hasT { return .tensor }
    if attribute.hasG { return .graph }
    if !attribute.floats.isEmpty { return .floats }
    if !attribute.ints.isEmpty { return .ints }
    return attribute.strings.isEmpty ? .undefined : .strings
  }
}

extension ProgramNode {
  /// About how many bytes of names, texts and numbers it has.
  fileprivate var size: Int {
    let texts = [operation, module, source] + outputs
    return texts.reduce(0) { $0 + $1.utf8.count }
      + arguments.reduce(0) { $0 + 32 + ($1.name?.utf8.count ?? 0) + $1.value.size }
  }
}

extension ArgumentValue {
  fileprivate var size: Int {
    switch self {
    case .value(let text), .text(let text), .elementType(let text), .unsupported(let text):
      text.utf8.count
    case .tensor(_, let shape, let elements): 8 * (shape.count + elements.count)
    case .list(let values): values.reduce(0) { $0 + 16 + $1.size }
    case .none, .integer, .real, .boolean: 16
    }
  }
}

/// An error of this format.
func onnxError(_ reason: FileFormatError.Reason, _ detail: String) -> FileFormatError {
  FileFormatError(reason, format: "ONNX model", detail)
}
