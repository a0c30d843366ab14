internal import Checkpoints
internal import FileFormats
internal import ModelImport
internal import ONNXMessages
internal import Settings

/// The tensors that an ONNX model stores, and its nodes without those that only rename them.
///
/// PyTorch's old exporter stores tensors of equal values once and names the others by `Identity`: each is
/// a parameter of its own. An `Identity` that alone uses a tensor is a second name of its value.
struct ONNXState {
  /// Descriptions of the tensors, in the order of the file.
  private(set) var tensors: [ProgramTensor] = []
  /// Tensors of the state dict.
  private(set) var stored: [StoredTensor] = []
  /// The operators.
  private(set) var nodes: [ProgramNode]
  /// Parameters that the exporter made of others.
  private(set) var foldedNames: [String] = []
  /// Parameters that could be buffers.
  private(set) var doubtfulNames: [String] = []

  /// Reads the tensors and decides what they are.
  ///
  /// - Throws: `FileFormatError` if one is damaged, stored twice, or of a type that is not read.
  init(
    _ model: Onnx_ModelProto, nodes: [ProgramNode], marks: ONNXMarks, constants: Set<String>,
    tensors source: ONNXTensors
  ) throws(FileFormatError) {
    self.nodes = nodes
    let graph = model.graph
    if let sparse = graph.sparseInitializer.first {
      throw onnxError(.unsupported, "its tensor \(quoted(sparse.values.name)) is sparse")
    }
    let initializers = Set(graph.initializer.map(\.name))
    guard initializers.count == graph.initializer.count else {
      throw onnxError(.malformed, "stores two tensors under one name")
    }
    let isOldExporter = model.producerName == "pytorch" && marks.isEmpty
    let names = renameIdentities(
      of: initializers, outputs: Set(graph.output.map(\.name)), splits: isOldExporter)
    let roles = ONNXRoles(
      self.nodes, inputs: Set(graph.input.map(\.name)).subtracting(initializers), marks: marks,
      constants: constants)
    var arrays: [String: NumericArray] = [:]
    for initializer in graph.initializer {
      let name = initializer.name
      let array = try source.array(initializer, name: name)
      arrays[name] = array
      add(array, name: name, values: [name] + (names.aliases[name] ?? []), roles)
    }
    // The exporter names them from the last to the first.
    for (source, name) in names.copies.reversed() {
      if let array = arrays[source] { add(array, name: name, values: [name], roles) }
    }
    for name in constants.sorted() where !tensors.contains(where: { $0.name == name }) {
      throw onnxError(.malformed, "has no stored tensor \(quoted(name)), which \(.constants) names")
    }
  }

  private mutating func add(
    _ array: NumericArray, name: String, values: [String], _ roles: ONNXRoles
  ) {
    let element = ProgramElement(array.type)
    let role =
      element == .real
      ? roles.role(of: name, values: values, count: array.count) : ONNXRoles.Role(kind: .constant)
    if role.isFolded { foldedNames.append(name) }
    if role.isDoubtful { doubtfulNames.append(name) }
    tensors.append(
      ProgramTensor(
        name: name, values: values, kind: role.kind, element: element, shape: array.shape,
        elements: role.kind == .parameter ? nil : array.programElements))
    if role.kind != .constant { stored.append(StoredTensor(name: name, array: array)) }
  }

  /// Takes out nodes that rename a stored tensor.
  ///
  /// - Parameters:
  ///   - initializers: Names of the stored tensors.
  ///   - outputs: Results of the model, which keep their nodes.
  ///   - splits: Whether an `Identity` of a tensor that others use too is a tensor of its own.
  /// - Returns: Further values of stored tensors by their names, and tensors that are equal to one.
  private mutating func renameIdentities(
    of initializers: Set<String>, outputs: Set<String>, splits: Bool
  ) -> (aliases: [String: [String]], copies: [(source: String, name: String)]) {
    var counts: [String: Int] = [:]
    for node in nodes {
      for case .value(let name) in node.arguments.map(\.value) where initializers.contains(name) {
        counts[name, default: 0] += 1
      }
    }
    for name in outputs { counts[name, default: 0] += 1 }
    var aliases: [String: [String]] = [:]
    var copies: [(source: String, name: String)] = []
    nodes.removeAll { node in
      guard node.operation == "Identity", case .value(let name)? = node.arguments.first?.value,
        initializers.contains(name), let output = node.outputs.first, !outputs.contains(output)
      else { return false }
      if counts[name] == 1 {
        aliases[name, default: []].append(output)
        return true
      }
      if splits { copies.append((name, output)) }
      return splits
    }
    return (aliases, copies)
  }
}
