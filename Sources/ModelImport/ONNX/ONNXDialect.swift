/// ONNX' operators, of one version of the default operator set.
struct ONNXDialect: OperatorDialect {
  /// Version of the default operator set.
  let opset: Int

  static let rules: [String: Rule] = [:]

  func name(of operation: String) -> String { operation }

  func ignores(_ name: String) -> Bool { false }

  func rule(named name: String) -> (rule: Rule, isInPlace: Bool)? {
    Self.rules[name].map { ($0, false) }
  }

  func reason(againstName name: String) -> String { "is not supported" }

  func isView(_ name: String) -> Bool { false }

  func isInPlace(_ name: String) -> Bool { false }

  func givesSequence(_ name: String) -> Bool { false }

  func batchNorm(_ name: String) -> (mean: Int, variance: Int, momentum: Double)? {
    name == "BatchNormalization" ? (3, 4, 0.1) : nil
  }

  /// ONNX weighs the past, not the batch.
  func momentum(given: Double) -> Double { 1 - given }

  func joinedAxes(_ node: ProgramNode, rank: Int) -> [Int]? { nil }
}
