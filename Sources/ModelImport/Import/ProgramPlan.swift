internal import NeuralNetworks

/// What reading a program needs to know of it as a whole, before the first operator.
struct ProgramPlan: Sendable {
  /// Its operators.
  let dialect: any OperatorDialect
  /// Whether each node leads to the output.
  private(set) var isNeeded: [Bool]
  /// The running statistics of batch norms, by the name of the tensor.
  private(set) var statistics: [String: (role: BufferRole, momentum: Double)] = [:]
  /// For each value that shares memory with another: the first one of them.
  private var roots: [String: String] = [:]
  /// Nodes that read each value, the last one behind all for outputs.
  private var readers: [String: [Int]] = [:]
  /// The node that makes each value.
  private var makers: [String: Int] = [:]

  init(_ program: GraphProgram, output: Int) {
    dialect =
      switch program.dialect {
      case .aten: ATenDialect()
      case .onnx(let opset): ONNXDialect(opset: opset)
      }
    isNeeded = Self.needed(program, output: output, dialect)
    for (index, node) in program.nodes.enumerated() where isNeeded[index] {
      for name in node.operands { readers[name, default: []].append(index) }
      for name in node.outputs { makers[name] = index }
      let operation = dialect.name(of: node.operation)
      if dialect.isView(operation), let source = node.operands.first {
        for name in node.outputs { roots[name] = roots[source] ?? source }
      } else if dialect.isInPlace(operation), let target = node.operands.first {
        for name in node.outputs { roots[name] = roots[target] ?? target }
      }
      noteStatistics(node, operation, program)
    }
    if program.outputs.indices.contains(output) {
      readers[program.outputs[output], default: []].append(program.nodes.count)
    }
  }

  /// Notes one more operator, behind those of the program.
  ///
  /// - Returns: Places of the tensors that turn out to be running statistics.
  mutating func note(_ node: ProgramNode, _ program: GraphProgram) -> [Int] {
    let known = Set(statistics.keys)
    noteStatistics(node, dialect.name(of: node.operation), program)
    return program.tensors.indices.filter {
      let name = program.tensors[$0].name
      return statistics[name] != nil && !known.contains(name)
    }
  }

  private mutating func noteStatistics(
    _ node: ProgramNode, _ operation: String, _ program: GraphProgram
  ) {
    guard let norm = dialect.batchNorm(operation) else { return }
    let positional = node.arguments.filter(\.isPositional)
    var momentum = norm.momentum
    if let given = node.arguments.first(where: { $0.name == "momentum" })?.value {
      switch given {
      case .real(let value): momentum = dialect.momentum(given: value)
      case .integer(let value): momentum = dialect.momentum(given: Double(value))
      default: break
      }
    }
    for (place, role) in [(norm.mean, BufferRole.runningMean), (norm.variance, .runningVariance)] {
      let argument =
        node.arguments.first { $0.name == (role == .runningMean ? "running_mean" : "running_var") }
        ?? (positional.indices.contains(place) ? positional[place] : nil)
      guard case .value(let name)? = argument?.value,
        let tensor = program.tensors.first(where: { $0.values.contains(name) }),
        tensor.kind == .buffer || tensor.kind == .constant
      else { continue }
      statistics[tensor.name] = (role, momentum)
    }
  }

  /// Nodes that the output, or something written in place, depends on.
  private static func needed(
    _ program: GraphProgram, output: Int, _ dialect: any OperatorDialect
  ) -> [Bool] {
    var wanted: Set<String> = []
    if program.outputs.indices.contains(output) { wanted.insert(program.outputs[output]) }
    var result = [Bool](repeating: false, count: program.nodes.count)
    let names = program.nodes.map { dialect.name(of: $0.operation) }
    let writesInPlace = names.contains { dialect.isInPlace($0) }
    // What is written in place counts as soon as anything of its memory is wanted; a second pass finds
    // the views of it that were made before.
    var size = -1
    while size != wanted.count {
      size = wanted.count
      for (index, node) in program.nodes.enumerated().reversed() {
        let operation = names[index]
        let writes =
          dialect.isInPlace(operation) && node.operands.first.map { wanted.contains($0) } == true
        // A view is wanted where its memory is: something may be written through it.
        let isView =
          writesInPlace && dialect.isView(operation)
          && node.operands.first.map { wanted.contains($0) } == true
        guard writes || isView || node.outputs.contains(where: { wanted.contains($0) }) else {
          continue
        }
        result[index] = true
        wanted.formUnion(node.operands)
        if isView { wanted.formUnion(node.outputs) }
      }
    }
    return result
  }

  /// Checks that there is a rule for each operator that is needed.
  ///
  /// - Throws: `ImportError` naming the first one without.
  func checkOperators(_ program: GraphProgram) throws(ImportError) {
    for (index, node) in program.nodes.enumerated() where isNeeded[index] {
      let name = dialect.name(of: node.operation)
      guard dialect.ignores(name) || dialect.rule(named: name) != nil else {
        throw ImportError(ProgramReader.description(of: node, dialect.reason(againstName: name)))
      }
    }
  }

  /// Whether dropout draws or batch norms use the samples of a batch, as the program says it.
  func isInTrainingMode(_ program: GraphProgram) -> Bool {
    zip(program.nodes, isNeeded).contains { node, isNeeded in
      guard isNeeded, let flag = dialect.trainingFlag(dialect.name(of: node.operation)) else {
        return false
      }
      let positional = node.arguments.filter(\.isPositional)
      let given =
        node.arguments.first { $0.name == flag.name }
        ?? (positional.indices.contains(flag.place) ? positional[flag.place] : nil)
      return given?.value == .boolean(true)
    }
  }

  /// Another name of the memory of a value that was made before a node and is read after it.
  func laterAlias(of name: String, after index: Int) -> String? {
    let root = roots[name] ?? name
    return readers.keys.sorted().first { other in
      other != name && (roots[other] ?? other) == root && (makers[other] ?? -1) < index
        && (readers[other] ?? []).contains { $0 > index }
    }
  }

  /// The axis along which an operator joins elements although it holds the samples, if there is one.
  ///
  /// Only files with a symbolic batch say so.
  func mixedAxis(_ node: ProgramNode, _ shapes: [String: [Int?]]) -> Int? {
    guard let source = node.operands.first, let shape = shapes[source],
      shape.contains(where: { $0 == nil }),
      let axes = dialect.joinedAxes(node, rank: shape.count)
    else { return nil }
    return axes.first { shape.indices.contains($0) && shape[$0] == nil }
  }
}

extension ProgramNode {
  /// Names of the values that it reads, in order.
  var operands: [String] {
    func names(_ value: ArgumentValue) -> [String] {
      switch value {
      case .value(let name): [name]
      case .list(let values): values.flatMap(names)
      default: []
      }
    }
    return arguments.flatMap { names($0.value) }
  }
}
