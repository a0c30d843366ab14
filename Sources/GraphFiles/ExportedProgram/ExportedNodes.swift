internal import ModelImport

/// The operators of an exported program, with the graphs written out that merely run under another
/// setting of gradients.
struct ExportedNodes {
  /// The operators in the order of the file.
  private(set) var nodes: [ProgramNode] = []
  /// Shapes of all values.
  private(set) var shapes: [String: [Int?]]

  /// Begins with the shapes of the values of the outermost graph.
  init(shapes: [String: [Int?]]) {
    self.shapes = shapes
  }

  /// Appends the operators of the outermost graph.
  mutating func append(_ graph: SerializedGraph) {
    append(graph, scope: Scope(prefix: "", bindings: [:]))
  }

  /// What the names of a graph stand for.
  private struct Scope {
    /// Stands before the names of values that the graph computes.
    let prefix: String
    /// What its inputs stand for.
    let bindings: [String: ArgumentValue]

    func resolved(_ value: ArgumentValue) -> ArgumentValue {
      switch value {
      case .value(let name): bindings[name] ?? .value(prefix + name)
      case .list(let elements): .list(elements.map { resolved($0) })
      default: value
      }
    }
  }

  private mutating func append(_ graph: SerializedGraph, scope: Scope) {
    for node in graph.nodes {
      let place = SourcePlace(node.metadata)
      let outputs = node.outputs.flatMap { Self.names($0.programValue) }
        .map { $0.isEmpty ? $0 : scope.prefix + $0 }
      if inline(node, outputs: outputs, place: place, scope: scope) { continue }
      var operation = node.target
      if operation.hasPrefix("torch.ops.") { operation.removeFirst("torch.ops.".count) }
      nodes.append(
        ProgramNode(
          operation: operation,
          arguments: node.inputs.map { input in
            ProgramArgument(
              name: input.name.isEmpty ? nil : input.name,
              // Writers before torch 2.7 give every argument of an operator its name.
              isPositional: input.kind.map { $0 == 1 } ?? input.name.isEmpty,
              value: scope.resolved(input.argument.programValue))
          }, outputs: outputs, module: place.module, source: place.source))
    }
  }

  /// Names of results; what has no name gets an empty one.
  private static func names(_ value: ArgumentValue) -> [String] {
    switch value {
    case .value(let name): [name]
    case .list(let elements): elements.flatMap { names($0) }
    default: [""]
    }
  }

  // MARK: - Graphs under another setting

  /// Writes out the graph of `torch.no_grad()`, `torch.enable_grad()` or an autocast that is off.
  ///
  /// Results of a graph without gradients are detached.
  ///
  /// - Returns: false for all other operators.
  private mutating func inline(
    _ node: SerializedNode, outputs: [String], place: SourcePlace, scope: Scope
  ) -> Bool {
    let position: Int
    let setting: ArgumentValue
    let operands = node.inputs.map(\.argument)
    switch node.target {
    case "torch.ops.higher_order.wrap_with_set_grad_enabled": position = 0
    case "torch.ops.higher_order.wrap_with_autocast": position = 2
    default: return false
    }
    guard operands.count > position,
      let graphIndex = operands.firstIndex(where: { $0.isGraph }), graphIndex > position,
      case .graph(let name, let graph) = operands[graphIndex]
    else { return false }
    setting = operands[position].programValue
    let isWithoutGradient = position == 0 && setting == .boolean(false)
    guard position == 0 || setting == .boolean(false) else { return false }
    let given = operands[(graphIndex + 1)...].map { scope.resolved($0.programValue) }
    let inputs = graph.inputs.map { Self.names($0.programValue) }
    let results = graph.outputs.map(\.programValue)
    guard given.count == inputs.count, inputs.allSatisfy({ $0.count == 1 }),
      results.count == outputs.count
    else { return false }

    let inner = Scope(
      prefix: "\(scope.prefix)\(name).",
      bindings: Dictionary(zip(inputs.map { $0[0] }, given)) { first, _ in first })
    for (value, tensor) in graph.tensors where inner.bindings[value] == nil {
      shapes[inner.prefix + value] = tensor.shape
    }
    append(graph, scope: inner)
    for (output, result) in zip(outputs, results) where !output.isEmpty {
      nodes.append(
        ProgramNode(
          operation: isWithoutGradient ? "aten.detach.default" : "aten.alias.default",
          arguments: [
            ProgramArgument(name: "self", isPositional: true, value: inner.resolved(result))
          ], outputs: [output], module: place.module, source: place.source))
    }
    return true
  }
}

extension SerializedArgument {
  fileprivate var isGraph: Bool {
    if case .graph = self { true } else { false }
  }
}
