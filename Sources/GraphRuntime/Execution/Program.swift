internal import ComputationGraph

/// The instructions of a plan, with the places of everything that they touch.
struct Program {
  /// A sum over micro-batches.
  struct Sum {
    /// What a micro-batch adds.
    let summand: Buffer
    /// Where the total is wanted.
    let total: Buffer
    let count: Int
    /// Whether it is kept for other directions.
    let isKept: Bool
  }

  /// A result.
  struct Output {
    let buffer: Buffer
    let count: Int
  }

  /// What a pass hands out.
  struct Pass {
    /// Values that do not belong to single samples.
    let outputs: [Output]
    /// Values with one row per sample.
    let sampleOutputs: [Output]
    /// Those of them that were computed chunk by chunk.
    let gathers: [Output]
  }

  private let stages: [[Instruction]]
  private let groups: [[Range<Int>]]
  private let extents: [Int]
  let sums: [Sum]
  let passes: [Pass]
  /// Places that steps of samples read of all samples.
  let wholeReads: Set<BufferPlace>
  /// Floats of scratch memory that a worker needs, those for local values included.
  let scratchCount: Int
  /// Where local values begin in it.
  let localOffset: Int

  /// Makes the kernels.
  ///
  /// - Parameters:
  ///   - lowering: The steps.
  ///   - repeats: Whether each of them must run for every direction.
  ///   - kept: Tensors of a micro-batch that get memory of their own for other directions; the
  ///     memory of others is used again.
  ///   - passes: What each pass hands out.
  /// - Throws: `PlanError` where an output has no memory.
  init(
    _ lowering: inout Lowering, repeats: [Bool], kept: Set<TensorID>,
    passes: [ExecutorPass]
  ) throws {
    let (steps, records) = (lowering.steps, lowering.records)
    let components = Self.components(steps)
    let layout = MemoryLayout(
      steps: steps, records: records, totals: lowering.sums.map(\.total), components: components,
      kept: kept)
    func buffer(_ tensor: TensorID) -> Buffer {
      guard let place = layout.places[tensor] else {
        preconditionFailure("tensor \(tensor.index) has no place")
      }
      return Buffer(place: place, layout: records[tensor.index].layout)
    }
    func output(_ value: Value) throws -> Output {
      Output(
        buffer: buffer(try lowering.tensor(value, in: .plain)),
        count: lowering.graph.shape(of: value).count)
    }
    var stages = [[Instruction]](repeating: [], count: Stage.allCases.count)
    var chunked = ChunkedValues()
    var wholeReads: Set<BufferPlace> = []
    for (index, step) in steps.enumerated() {
      let kernel = step.make(buffer)
      let gathers = chunked.gathers(step, kernel.division)
      if step.stage == .sample, kernel.division == .whole || kernel.division == .perShare {
        wholeReads.formUnion(step.reads.compactMap { layout.places[$0] })
      }
      stages[step.stage.rawValue].append(
        Instruction(
          kernel: step.rows == 1 ? kernel : RowsKernel(kernel: kernel, rows: step.rows),
          label: step.label, component: components[index],
          repeats: repeats[index], delivers: step.delivers, pass: step.pass,
          gathers: gathers.map { Output(buffer: buffer($0), count: records[$0.index].count) }))
    }
    self.stages = stages
    self.wholeReads = wholeReads
    groups = Stage.allCases.map { stage in
      ChunkGroups(
        steps.filter { $0.stage == stage },
        divisions: stages[stage.rawValue].map(\.kernel.division), records: records,
        places: layout.places
      ).ranges
    }
    sums = lowering.sums.map { sum in
      Sum(
        summand: buffer(sum.summand), total: buffer(sum.total),
        count: records[sum.total.index].count,
        isKept: records[sum.total.index].residence == .space(.keptSums))
    }
    self.passes = try passes.map { pass in
      let tensors = try pass.values.map { try lowering.tensor($0, in: .plain) }
      return Pass(
        outputs: try pass.outputs.map(output), sampleOutputs: try pass.sampleOutputs.map(output),
        gathers: chunked.take(tensors).map {
          Output(buffer: buffer($0), count: records[$0.index].count)
        })
    }
    extents = layout.extents
    let scratchCounts = stages.map { $0.map(\.kernel.scratchCount).max() ?? 0 }
    localOffset = ArenaAllocator.rounded(scratchCounts[Stage.shared.rawValue])
    scratchCount = max(
      scratchCounts.max() ?? 0, localOffset + extents[MemorySpace.local.rawValue])
  }

  subscript(stage: Stage) -> [Instruction] { stages[stage.rawValue] }

  /// Instructions of a stage that chunks go through without waiting for each other.
  func groups(_ stage: Stage) -> [Range<Int>] { groups[stage.rawValue] }

  /// Floats that a space needs.
  func count(_ space: MemorySpace) -> Int { extents[space.rawValue] }

  /// Groups of shared steps that do not read from each other may run at once.
  private static func components(_ steps: [Step]) -> [Int] {
    var parent = Array(steps.indices)
    func root(_ i: Int) -> Int {
      var i = i
      while parent[i] != i { i = parent[i] }
      return i
    }
    var writer: [TensorID: Int] = [:]
    for (number, step) in steps.enumerated() where step.stage == .shared {
      for tensor in step.reads + step.writes {
        if let other = writer[tensor] {
          let (a, b) = (root(other), root(number))
          parent[max(a, b)] = min(a, b)
        }
      }
      for tensor in step.writes { writer[tensor] = number }
    }
    return steps.indices.map(root)
  }
}
