internal import ModelImport

/// What the stored real tensors of an ONNX model are: the format does not say.
///
/// Statistics of batch norms are known by their place, constants of operators by the operands that they
/// are, tensors that the exporter made by their names and its notes (`ONNXMarks`), among them such as are
/// statistics of a norm and something else: equal tensors that it made one.
struct ONNXRoles {
  /// What a tensor is, and what a user should know about it.
  struct Role: Equatable {
    var kind: ProgramTensor.Kind
    /// The exporter made it of other tensors of the model.
    var isFolded = false
    /// It could as well be a buffer.
    var isDoubtful = false
  }

  private let consumers: [String: [Consumer]]
  private let marks: ONNXMarks
  private let constants: Set<String>

  private struct Consumer {
    let operation: String
    let position: Int
    let outputs: [String]
    /// Whether another operand comes from an input of the model.
    let meetsData: Bool
  }

  /// Looks at who uses which value.
  ///
  /// - Parameters:
  ///   - nodes: The operators, each after those whose results it uses.
  ///   - inputs: Names of the inputs of the model.
  ///   - marks: What the exporter notes.
  ///   - constants: Names that the user says are no parameters.
  init(
    _ nodes: [ProgramNode], inputs: Set<String>, marks: ONNXMarks, constants: Set<String>
  ) {
    var consumers: [String: [Consumer]] = [:]
    var data = inputs
    for node in nodes {
      let meetsData = node.arguments.contains { argument in
        if case .value(let name) = argument.value { data.contains(name) } else { false }
      }
      if meetsData { data.formUnion(node.outputs) }
      var position = 0
      for argument in node.arguments where argument.isPositional {
        if case .value(let name) = argument.value {
          consumers[name, default: []].append(
            Consumer(
              operation: node.operation, position: position, outputs: node.outputs,
              meetsData: meetsData))
        }
        position += 1
      }
    }
    self.consumers = consumers
    self.marks = marks
    self.constants = constants
  }

  /// The role of a real tensor with `count` elements, for which `values` stand in the nodes.
  func role(of name: String, values: [String], count: Int) -> Role {
    if constants.contains(name) { return Role(kind: .buffer) }
    let uses = uses(of: values)
    if !uses.isEmpty, uses.allSatisfy({ Self.isStatic($0.operation, $0.position) }) {
      return Role(kind: .constant)
    }
    let statistics = uses.filter { $0.operation == "BatchNormalization" && $0.position >= 3 }
    if marks.made.contains(name) || Self.isMadeByExporter(name)
      || (!statistics.isEmpty && statistics.count < uses.count)
    {
      return count == 1 ? Role(kind: .constant) : Role(kind: .parameter, isFolded: true)
    }
    if !statistics.isEmpty || marks.buffers.contains(name) { return Role(kind: .buffer) }
    let isSure =
      marks.parameters.contains(name) || uses.isEmpty || Self.isParameterName(name)
      || uses.contains { $0.meetsData && Self.isParameterPlace($0.operation, $0.position) }
    return Role(kind: .parameter, isDoubtful: !isSure)
  }

  /// Who uses a tensor, also behind a change of its type or the order of its axes.
  private func uses(of values: [String]) -> [Consumer] {
    var found: [Consumer] = []
    var names = values
    var seen = Set(values)
    while let next = names.popLast() {
      for consumer in consumers[next] ?? [] {
        guard ["Identity", "Cast", "CastLike", "Transpose"].contains(consumer.operation),
          consumer.position == 0
        else {
          found.append(consumer)
          continue
        }
        names += consumer.outputs.filter { seen.insert($0).inserted }
      }
    }
    return found
  }

  /// Operands that are settings of an operator rather than weights.
  private static func isStatic(_ operation: String, _ position: Int) -> Bool {
    switch operation {
    case "Clip", "Resize": position == 1 || position == 2
    case "Upsample", "Dropout": position == 1
    case "Pad", "OneHot": position == 2
    case "Range": true
    default: false
    }
  }

  /// Operands that are weights, where another one is data: a table may be multiplied by weights too.
  private static func isParameterPlace(_ operation: String, _ position: Int) -> Bool {
    switch operation {
    case "Conv", "ConvTranspose", "BatchNormalization", "InstanceNormalization",
      "LayerNormalization", "GroupNormalization":
      position == 1 || position == 2
    case "LSTM", "GRU", "RNN": (1...3).contains(position)
    case "Gemm", "MatMul": true
    case "PRelu", "RMSNormalization": position == 1
    case "Gather": position == 0
    default: false
    }
  }

  private static func isParameterName(_ name: String) -> Bool {
    let last = name.split { $0 == "." || $0 == "/" }.last.map { $0.lowercased() } ?? ""
    return ["weight", "bias", "kernel", "gamma", "beta"].contains { last.contains($0) }
  }

  /// Names that exporters of PyTorch and TensorFlow give to tensors that the model does not have.
  static func isMadeByExporter(_ name: String) -> Bool {
    name.wholeMatch(of: /(val_|const_fold_opt__)?\d+/) != nil || name.hasPrefix("onnx::")
      || (name.hasPrefix("/") && name.contains("_output_"))
  }
}
