internal import ComputationGraph
internal import NeuralNetworks

/// Reads a program for one sample: runs its operators, on known numbers at once, on data by nodes.
struct ProgramReader {
  private let program: GraphProgram
  private var plan: ProgramPlan
  private(set) var builder: TensorBuilder
  private var bindings: [String: Binding] = [:]
  private var buffers: [String: BatchNormBuffer] = [:]

  /// Starts with the tensors of a program; data inputs have the samples first.
  init(
    _ program: GraphProgram, plan: ProgramPlan, inputs: [Value],
    roles: [Int: (role: ParameterRole, filterAxis: Int)], in builder: ModelBuilder, batch: Int
  ) throws {
    self.program = program
    self.plan = plan
    self.builder = TensorBuilder(builder, batch: batch)
    for (input, value) in zip(program.inputs, inputs) {
      let shape = [1] + input.shape.dropFirst().map { $0 ?? 1 }
      try Extents.count(shape)
      bindings[input.name] = .tensor(
        try self.builder.tensor(value, isSampled: true, shape: shape, element: input.element))
    }
    for (index, tensor) in program.tensors.enumerated() {
      try bind(tensor, index: index, role: roles[index])
    }
  }

  private mutating func bind(
    _ tensor: ProgramTensor, index: Int, role: (role: ParameterRole, filterAxis: Int)?
  ) throws {
    let shape = Shape(tensor.shape)
    try Extents.count(tensor.shape)
    let bound: LogicalTensor
    switch tensor.kind {
    case .parameter:
      let role = role ?? (tensor.shape.count <= 1 ? .bias : .weight, 0)
      let value = builder.builder.parameter(
        tensor.name, shape, role.role, filterAxis: role.filterAxis)
      builder.declare(value, parameter: index, rank: tensor.shape.count)
      bound = LogicalTensor(value, isSampled: false, shape: tensor.shape, element: tensor.element)
    case .frozen:
      let value = builder.builder.bufferTensor(tensor.name, shape, .fixed, momentum: 0)
      bound = LogicalTensor(value, isSampled: false, shape: tensor.shape, element: tensor.element)
    case .buffer, .constant:
      if let statistic = plan.statistics[tensor.name] {
        let value = builder.builder.bufferTensor(
          tensor.name, shape, statistic.role, momentum: statistic.momentum)
        for name in tensor.values {
          buffers[name] = BatchNormBuffer(value: value, index: builder.builder.bufferCount - 1)
        }
        bound = LogicalTensor(
          value, isSampled: false, shape: tensor.shape, element: tensor.element)
      } else {
        guard let elements = tensor.elements,
          elements.count == (try Extents.count(tensor.shape, known: true))
        else {
          throw ImportError("the numbers of the tensor \(tensor.name) are missing")
        }
        bound = LogicalTensor(
          HostArray(elements, shape: tensor.shape, element: tensor.element))
      }
    }
    for name in tensor.values { bindings[name] = .tensor(bound) }
  }

  /// Runs all operators.
  ///
  /// - Returns: The output that is asked for, samples first.
  /// - Throws: `ImportError` naming the operator, its module and the user's source line.
  mutating func run(output: Int) throws -> Value {
    for (index, node) in program.nodes.enumerated() where plan.isNeeded[index] {
      do {
        try step(node, at: index)
      } catch let error as Refusal {
        throw ImportError(Self.description(of: node, error.reason))
      } catch let error as ShapeError {
        throw ImportError(Self.description(of: node, error.description))
      }
    }
    guard program.outputs.indices.contains(output) else {
      throw ImportError("has \(program.outputs.count) output(s), and no number \(output)")
    }
    guard case .tensor(let result)? = bindings[program.outputs[output]] else {
      throw ImportError("its output \(program.outputs[output]) is no tensor")
    }
    guard result.host == nil else {
      throw ImportError("its output \(program.outputs[output]) depends on no data")
    }
    return try builder.outputValue(result)
  }

  /// Runs one more operator, behind those of the program.
  ///
  /// - Returns: Its results; the names that the node gives them stand for them from here on.
  mutating func append(_ node: ProgramNode) throws -> [LogicalTensor] {
    for index in plan.note(node, program) {
      try bind(program.tensors[index], index: index, role: nil)
    }
    return try step(node, at: .max)
  }

  /// Gives a result a name.
  mutating func bind(_ name: String, to tensor: LogicalTensor) { bindings[name] = .tensor(tensor) }

  /// What a name stands for; nil for lists and names of nothing.
  subscript(name: String) -> LogicalTensor? {
    if case .tensor(let tensor)? = bindings[name] { tensor } else { nil }
  }

  @discardableResult
  private mutating func step(_ node: ProgramNode, at index: Int) throws -> [LogicalTensor] {
    let name = plan.dialect.name(of: node.operation)
    if plan.dialect.ignores(name) { return [] }
    guard let (rule, isInPlace) = plan.dialect.rule(named: name) else {
      throw Refusal(plan.dialect.reason(againstName: name))
    }
    if let axis = plan.mixedAxis(node, program.shapes) {
      throw Refusal(
        "works along the axis \(axis), which holds the samples: they would depend on one another")
    }
    // The arguments are gone before names are bound, or each of them would copy all bindings.
    let (results, target) = try {
      let arguments = Arguments(
        node, bindings: bindings, buffers: buffers, opset: plan.dialect.opset)
      return (try rule(&builder, arguments), arguments.valueName("self", 0))
    }()
    if isInPlace, let target { try write(results, to: target, at: index) }
    try hand(results, to: node, isSequence: plan.dialect.givesSequence(name))
    return results
  }

  /// Gives the results of an operator their names, and checks their shapes against the file.
  private mutating func hand(
    _ results: [LogicalTensor], to node: ProgramNode, isSequence: Bool
  ) throws {
    if isSequence, let name = node.outputs.first {
      bindings[name] = .sequence(results)
      return
    }
    for (name, result) in zip(node.outputs, results) where !name.isEmpty {
      if let declared = program.shapes[name] {
        guard declared.count == result.rank,
          zip(declared, result.shape).allSatisfy({ $0 == nil || $0 == $1 })
        else {
          let text = declared.map { $0.map(String.init) ?? "n" }.joined(separator: ", ")
          throw Refusal("gives the shape \(result.shape) where the file says [\(text)]")
        }
      }
      bindings[name] = .tensor(result)
    }
  }

  /// Writes the result of an operator in the place of its first operand.
  private mutating func write(
    _ results: [LogicalTensor], to target: String, at index: Int
  ) throws {
    guard let result = results.first, case .tensor(let old)? = bindings[target]
    else { return }
    if let array = old.host, let new = result.host, new.count == array.count {
      // All views of the memory see it.
      array.write(new.elements)
      return
    }
    if let other = plan.laterAlias(of: target, after: index) {
      throw Refusal(
        "writes into a part of a tensor that is used again (\(other)); save "
          + "torch.export.export(...).run_decompositions({}) instead")
    }
    bindings[target] = .tensor(result)
  }

  /// What an operator cannot do, with the place that it comes from.
  static func description(of node: ProgramNode, _ reason: String) -> String {
    var place: [String] = []
    if !node.module.isEmpty { place.append("module \(node.module)") }
    if !node.source.isEmpty { place.append("\"\(node.source)\"") }
    let suffix = place.isEmpty ? "" : " (\(place.joined(separator: ", ")))"
    return "\(node.operation): \(reason)\(suffix)"
  }
}

extension TensorBuilder {
  /// The value of an output, samples first; a result of `[1, ...]` loses its batch axis.
  mutating func outputValue(_ x: LogicalTensor) throws -> Value {
    let (value, isSampled) = try lift(x)
    guard isSampled else {
      // It depends on no data: the same for every sample.
      return try sampled(x)
    }
    return x.shape.first == 1 ? value : try reshape(value, to: Shape([batch] + x.shape))
  }
}
