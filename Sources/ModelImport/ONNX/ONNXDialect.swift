/// ONNX' operators, of one version of the default operator set.
struct ONNXDialect: OperatorDialect {
  /// Version of the default operator set.
  let opset: Int?

  /// All rules by name.
  static let rules: [String: Rule] = [
    ONNXElementwise.rules, ONNXShapes.rules, ONNXCreation.rules, ONNXIndexing.rules,
    ONNXResizing.rules, ONNXReductions.rules, ONNXLayers.rules,
    ONNXAttention.rules, ONNXRecurrences.rules,
  ].reduce(into: [:]) { all, rules in all.merge(rules) { first, _ in first } }

  func name(of operation: String) -> String { operation }

  func ignores(_ name: String) -> Bool { false }

  func rule(named name: String) -> (rule: Rule, isInPlace: Bool)? {
    Self.rules[name].map { ($0, false) }
  }

  func reason(againstName name: String) -> String {
    if name.hasPrefix("Random") || name == "Bernoulli" || name == "Multinomial" {
      return "draws new numbers in every pass, so the loss is no function of the weights"
    }
    if ["If", "Loop", "Scan"].contains(name) {
      return "is not supported: what is computed depends on data; export without it"
    }
    return "is not supported"
  }

  func isView(_ name: String) -> Bool { false }

  func isInPlace(_ name: String) -> Bool { false }

  func givesSequence(_ name: String) -> Bool {
    name == "SplitToSequence" || name == "SequenceConstruct"
  }

  func batchNorm(_ name: String) -> (mean: Int, variance: Int, momentum: Double)? {
    name == "BatchNormalization" ? (3, 4, 0.1) : nil
  }

  /// ONNX weighs the past, not the batch.
  func trainingFlag(_ name: String) -> (name: String, place: Int)? { nil }

  func momentum(given: Double) -> Double { 1 - given }

  func joinedAxes(_ node: ProgramNode, rank: Int) -> [Int]? {
    func list(_ value: ArgumentValue?) -> [Int]? {
      switch value {
      case .integer(let axis)?: [axis < 0 ? axis + rank : axis]
      case .list(let values)?: values.flatMap { list($0) ?? [] }
      default: nil
      }
    }
    func attribute(_ name: String) -> [Int]? {
      list(node.arguments.first { $0.name == name }?.value)
    }
    switch node.operation {
    case "Softmax" where opset ?? 13 >= 13, "LogSoftmax" where opset ?? 13 >= 13:
      return attribute("axis") ?? [rank - 1]
    case "Concat": return attribute("axis")
    case let name where name.hasPrefix("Reduce"): return attribute("axes")
    default: return nil
    }
  }
}
