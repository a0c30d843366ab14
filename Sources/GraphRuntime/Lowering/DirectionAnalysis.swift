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
    let readBehind = Set(try outputs.map { try tensor($0, in: .plain) })
    let repeats = zip(steps, try dependOnDirections()).map { step, depends in
      depends || step.stage == .epilogue || step.writes.contains(where: readBehind.contains)
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

  /// Whether each step depends on an input of the role `direction`, other than through a sum over
  /// micro-batches.
  private mutating func dependOnDirections() throws -> [Bool] {
    var depends: Set<TensorID> = []
    for input in inputs {
      if case .input(let p) = graph[input].operation, p.role == .direction {
        depends.insert(try tensor(input))
      }
    }
    return steps.map { step in
      guard step.reads.contains(where: depends.contains) else { return false }
      depends.formUnion(step.writes)
      return true
    }
  }

  /// Moves steps that depend on a direction to where all that they read is there.
  ///
  /// Behind a forward and a backward pass come their tangents in the graph. Side by side, activations
  /// and their tangents are there together, and later cotangents and theirs, but never all of them.
  mutating func moveTangentsForward() throws {
    let isTangent = try dependOnDirections()
    guard isTangent.contains(true) else { return }
    var missing = [Int](repeating: 0, count: steps.count)
    var readers: [TensorID: [Int]] = [:]
    // A concatenation is written by several steps, and is there when all of them have run.
    var writers: [TensorID: Int] = [:]
    for tensor in steps.flatMap({ Set($0.writes) }) { writers[tensor, default: 0] += 1 }
    for (number, step) in steps.enumerated() {
      for tensor in Set(step.reads).subtracting(step.writes) {
        guard let count = writers[tensor] else { continue }
        missing[number] += count
        readers[tensor, default: []].append(number)
      }
    }
    let old = steps
    steps = []
    var isMoved = [Bool](repeating: false, count: old.count)
    // Shared steps run before all others, so nothing waits for them.
    let shared = old.indices.filter { old[$0].stage == .shared }
    for number in shared + old.indices
    where !isMoved[number] && (!isTangent[number] || missing[number] == 0) {
      // A stack: what becomes ready goes right behind what it waited for.
      var ready = [number]
      while let next = ready.popLast() {
        steps.append(old[next])
        isMoved[next] = true
        var following: Set<Int> = []
        for reader in Set(old[next].writes).flatMap({ readers[$0] ?? [] }) {
          missing[reader] -= 1
          if missing[reader] == 0 && isTangent[reader] { following.insert(reader) }
        }
        ready += following.sorted(by: >)
      }
    }
    precondition(steps.count == old.count, "every step is taken once")
  }
}
