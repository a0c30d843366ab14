package import ComputationGraph

/// What one pass over a plan hands out.
///
/// A later pass reads what earlier ones have computed, and inputs that were not known to them.
package struct ExecutorPass: Sendable {
  /// Values that do not belong to single samples: sums over samples and functions of them.
  package var outputs: [Value]
  /// Values with one row per sample, shown after every micro-batch.
  package var sampleOutputs: [Value]

  /// Names the values.
  package init(outputs: [Value], sampleOutputs: [Value] = []) {
    self.outputs = outputs
    self.sampleOutputs = sampleOutputs
  }

  /// All values, those of samples last.
  var values: [Value] { outputs + sampleOutputs }
}

extension Lowering {
  /// Puts what each pass needs in front of what only later ones need.
  ///
  /// Within a pass the order stays, and memory is laid out by it: what a later pass reads lives until
  /// then. Shared steps of one pass run when their inputs are bound, so what those of a later one read
  /// does not lie in memory that is used again.
  ///
  /// - Parameter passes: What each pass hands out.
  /// - Throws: `PlanError` where a value has no memory.
  mutating func divide(into passes: [ExecutorPass]) throws {
    for index in steps.indices { steps[index].pass = passes.count - 1 }
    for number in passes.indices.dropLast().reversed() {
      var wanted = Set(try passes[number].values.map { try tensor($0, in: .plain) })
      for index in steps.indices.reversed()
      where steps[index].writes.contains(where: wanted.contains) {
        steps[index].pass = number
        wanted.formUnion(steps[index].reads)
      }
    }
    steps = passes.indices.flatMap { number in steps.filter { $0.pass == number } }
    var origin: [TensorID: Int] = [:]
    for step in steps where step.stage == .shared {
      for tensor in step.reads where origin[tensor].map({ $0 != step.pass }) ?? false {
        records[tensor.index].pinned = true
      }
      for tensor in step.writes { origin[tensor] = step.pass }
    }
  }
}
