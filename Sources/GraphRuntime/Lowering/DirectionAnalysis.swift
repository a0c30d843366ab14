internal import ComputationGraph

extension Lowering {
  /// Finds the steps that must run for every direction, and what they read of the others; shared
  /// values and sums among it get a place where they are not overwritten.
  ///
  /// A step repeats if it depends on an input of the role `direction`, or if its result is an
  /// output. What a sum over micro-batches is made of does not count as read: the sum is kept.
  ///
  /// - Parameter outputs: Values that are read behind the plan.
  /// - Returns: Whether each step repeats, and the values of micro-batches that others could keep.
  /// - Throws: `PlanError` where a value has no memory.
  mutating func keepDirectionIndependentValues(
    outputs: [Value]
  ) throws -> (repeats: [Bool], kept: Set<TensorID>) {
    var depends: Set<TensorID> = []
    for input in inputs {
      if case .input(let p) = graph[input].operation, p.role == .direction {
        depends.insert(try tensor(input))
      }
    }
    let readBehind = Set(try outputs.map { try tensor($0, in: .plain) })
    let repeats = steps.map { step in
      if step.reads.contains(where: depends.contains) {
        depends.formUnion(step.writes)
        return true
      }
      return step.stage == .epilogue || step.writes.contains(where: readBehind.contains)
    }
    var keepable: Set<TensorID> = []
    for (step, isRepeated) in zip(steps, repeats) where step.stage != .epilogue && !isRepeated {
      keepable.formUnion(step.writes)
    }
    var kept: Set<TensorID> = []
    for (step, isRepeated) in zip(steps, repeats) where isRepeated {
      for tensor in step.reads where keepable.contains(tensor) {
        if step.stage == .sample, records[tensor.index].residence == .space(.arena) {
          kept.insert(tensor)
        } else {
          records[tensor.index].pinned = true
        }
      }
    }
    for index in zip(steps, repeats).flatMap({ $1 ? [] : $0.delivers }) {
      let total = sums[index].total.index
      records[total].residence = .space(.keptSums)
      records[total].pinned = true
    }
    return (repeats, kept)
  }
}
