/// Whose operators a program names, and what they mean.
protocol OperatorDialect: Sendable {
  /// Version of the operators, where they have versions.
  var opset: Int? { get }
  /// The name under which rules know an operator.
  func name(of operation: String) -> String
  /// Whether an operator only checks something.
  func ignores(_ name: String) -> Bool
  /// The rule of an operator, and whether it writes into its first operand.
  func rule(named name: String) -> (rule: Rule, isInPlace: Bool)?
  /// Why there is no rule.
  func reason(againstName name: String) -> String
  /// Whether results may share their memory with the first operand.
  func isView(_ name: String) -> Bool
  /// Whether the first operand is written into.
  func isInPlace(_ name: String) -> Bool
  /// Whether the only result is a list of tensors.
  func givesSequence(_ name: String) -> Bool
  /// Places of the running statistics of a batch norm, and the usual momentum.
  func batchNorm(_ name: String) -> (mean: Int, variance: Int, momentum: Double)?
  /// The argument that says whether a dropout or batch norm runs as in training; nil for other operators.
  func trainingFlag(_ name: String) -> (name: String, place: Int)?
  /// Weight of a batch in running statistics, from a momentum as the dialect writes it.
  func momentum(given: Double) -> Double
  /// The axes along which an operator joins elements; nil where it does not, or all axes are its own.
  func joinedAxes(_ node: ProgramNode, rank: Int) -> [Int]?
}
