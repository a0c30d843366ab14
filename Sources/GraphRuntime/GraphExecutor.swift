package import ComputationGraph
internal import Foundation
package import LinearAlgebra
internal import Synchronization

/// Runs a graph over any number of samples.
///
/// With `.microBatches` the graph is built for one micro-batch; every value that sums over samples
/// is added up over all micro-batches, and what follows is computed once from the totals: results
/// are those of the graph with all samples in one batch. Micro-batches are given to a fixed number
/// of lanes whatever the number of threads, and lanes are added in order, so the bits do not
/// depend on the threads. With `.wholeBatch` the graph's batch is everything.
package final class GraphExecutor: @unchecked Sendable {
  // `@unchecked`: `evaluate` must not run twice at once; within it every worker has its own memory.

  /// Channels in a block of image tensors on this CPU: 16 with AVX-512, otherwise 8.
  package static var channelBlock: Int { OneDNN.hasAVX512 ? 16 : 8 }

  /// Samples in the batch of the graph.
  package let batch: Int
  /// Inputs that are the same for all micro-batches, in the order in which they are bound.
  package let fixedInputs: [String]
  /// Inputs that change with the micro-batch, in the order in which they are bound.
  package let batchInputs: [String]
  /// What each step of a micro-batch is, for reports.
  package var sampleSteps: [String] { programs[Stage.sample.rawValue].map(\.label) }

  private let pool: WorkerPool
  private let wholeBatch: Bool
  private let chunks: [SampleChunk]
  private let programs: [[Instruction]]
  /// Instructions of each stage that chunks go through without waiting for each other.
  private let groups: [[Range<Int>]]
  private let inputCount: Int
  private let fixedSlots: [Int]
  private let batchSlots: [Int]
  private let outputs: [(buffer: Buffer, count: Int)]
  private let sampleOutputs: [(buffer: Buffer, count: Int)]
  private let frontier: [(buffer: Buffer, count: Int, offset: Int)]
  private let frontierCount: Int
  private let shared: FloatBlock
  private let epilogue: FloatBlock
  private let arenas: [FloatBlock]
  private let scratches: [FloatBlock]
  private let keptCount: Int
  /// In place of kept memory, for workers on micro-batches that nothing is kept of.
  private var spares: [FloatBlock] = []
  private let identity = PlanIdentity()
  /// Whose weights the shared memory was last computed from, if that is known.
  private weak var preparedFor: KeptValues?
  private let placeholder = FloatBlock(count: 1)
  private var totals: LaneTotals?

  /// Plans the work.
  ///
  /// - Parameters:
  ///   - graph: The computation for one batch.
  ///   - outputs: Values that do not belong to single samples: sums over samples and functions of
  ///     them.
  ///   - sampleOutputs: Values with one row per sample, shown after every micro-batch.
  ///   - batch: Samples in the batch of the graph, at least 2.
  ///   - execution: Micro-batches or the whole batch.
  ///   - convolution: Which convolution algorithms may be used.
  ///   - block: Channels in a block of images, 8 or 16; by the CPU where nil.
  ///   - keepsValues: Whether evaluations may be given `KeptValues`; costs memory where they are
  ///     not.
  ///   - pool: The threads.
  /// - Throws: `PlanError` when the graph cannot be run so, `OneDNNError`.
  package init(
    _ graph: Graph, outputs: [Value], sampleOutputs: [Value] = [], batch: Int,
    execution: BatchExecution = .microBatches, convolution: ConvolutionChoice = .automatic,
    block: Int? = nil, keepsValues: Bool = false, pool: WorkerPool
  ) throws {
    OneDNN.useOneThread()
    self.batch = batch
    self.pool = pool
    wholeBatch = execution != .microBatches
    var lowering = try Lowering(
      graph, outputs: outputs + sampleOutputs, batch: batch, execution: execution,
      choice: convolution, block: block)
    for output in outputs where lowering.analysis.dependence[output.index] == .samples {
      throw PlanError("output of shape \(graph.shape(of: output)) belongs to single samples")
    }
    chunks = lowering.chunks
    let repeats =
      keepsValues
      ? try lowering.keepDirectionIndependentValues(outputs: outputs + sampleOutputs)
      : lowering.steps.map { _ in true }
    let layout = MemoryLayout(steps: lowering.steps, records: lowering.records)
    func buffer(_ tensor: TensorID) -> Buffer {
      guard let place = layout.places[tensor] else {
        preconditionFailure("tensor \(tensor.index) has no place")
      }
      return Buffer(place: place, layout: lowering.records[tensor.index].layout)
    }
    let components = Self.components(lowering.steps)
    var programs = [[Instruction]](repeating: [], count: Stage.allCases.count)
    for (index, step) in lowering.steps.enumerated() {
      programs[step.stage.rawValue].append(
        Instruction(
          kernel: step.make(buffer), label: step.label, component: components[index],
          repeats: repeats[index]))
    }
    self.programs = programs
    groups = Stage.allCases.map { stage in
      ChunkGroups(
        lowering.steps.filter { $0.stage == stage },
        divisions: programs[stage.rawValue].map(\.kernel.division), records: lowering.records,
        places: layout.places
      ).ranges
    }

    inputCount = lowering.inputs.count
    var fixed: [(String, Int)] = []
    var perBatch: [(String, Int)] = []
    for (slot, value) in lowering.inputs.enumerated() {
      guard case .input(let input) = graph[value].operation else { continue }
      if input.role == .batch {
        perBatch.append((input.name, slot))
      } else {
        fixed.append((input.name, slot))
      }
    }
    fixedInputs = fixed.map(\.0)
    fixedSlots = fixed.map(\.1)
    batchInputs = perBatch.map(\.0)
    batchSlots = perBatch.map(\.1)

    var offset = 0
    var frontier: [(Buffer, Int, Int)] = []
    if !wholeBatch {
      for value in lowering.analysis.frontier.sorted() {
        let count = graph.shape(of: value).count
        frontier.append((buffer(try lowering.tensor(value)), count, offset))
        offset += ArenaAllocator.rounded(count)
      }
    }
    self.frontier = frontier
    frontierCount = offset
    self.outputs = try outputs.map {
      (buffer(try lowering.tensor($0, in: .plain)), graph.shape(of: $0).count)
    }
    self.sampleOutputs = try sampleOutputs.map {
      (buffer(try lowering.tensor($0, in: .plain)), graph.shape(of: $0).count)
    }
    shared = FloatBlock(count: layout.extents[MemorySpace.shared.rawValue])
    epilogue = FloatBlock(count: layout.extents[MemorySpace.epilogue.rawValue])
    keptCount = layout.extents[MemorySpace.kept.rawValue]
    let arenaCount = layout.extents[MemorySpace.arena.rawValue]
    arenas = (0..<(wholeBatch ? 1 : pool.threadCount)).map { _ in FloatBlock(count: arenaCount) }
    let scratchCount = programs.joined().map(\.kernel.scratchCount).max() ?? 0
    scratches = (0..<pool.threadCount).map { _ in FloatBlock(count: scratchCount) }
  }

  /// Bytes of memory that the plan holds.
  package var memoryBytes: Int {
    4 * ([shared, epilogue] + arenas + scratches + spares).map(\.count).reduce(0, +)
      + (totals?.memoryBytes ?? 0)
  }

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

  private func memory(
    worker: Int, external: [UnsafeMutablePointer<Float>], kept: FloatBlock? = nil
  ) -> Memory {
    let arena = arenas[wholeBatch ? 0 : worker]
    return Memory(
      spaces: [
        arena.pointer, shared.pointer, scratches[worker].pointer, epilogue.pointer,
        (kept ?? placeholder).pointer,
      ],
      external: external)
  }

  /// Memory for the values of a micro-batch that do not depend on a direction, and whether they
  /// are there already.
  private func keptBlock(
    _ kept: KeptValues?, batch: Int, worker: Int
  ) -> (block: FloatBlock?, isFilled: Bool) {
    guard keptCount > 0 else { return (nil, false) }
    if let known = kept?.block(of: identity, batch: batch, count: keptCount) { return known }
    return (spares[wholeBatch ? 0 : worker], false)
  }

  private func makeSpares(_ kept: KeptValues?, batches: Range<Int>) {
    guard keptCount > 0, spares.isEmpty,
      kept.map({ !$0.hasRoom(for: batches, of: identity, count: keptCount) }) ?? true
    else { return }
    spares = arenas.map { _ in FloatBlock(count: keptCount) }
  }

  /// The external pointers with the fixed inputs in their places.
  private func external(_ fixed: [UnsafePointer<Float>]) -> [UnsafeMutablePointer<Float>] {
    precondition(fixed.count == fixedSlots.count, "one pointer per fixed input")
    var pointers = [UnsafeMutablePointer<Float>](
      repeating: placeholder.pointer, count: inputCount)
    for (slot, pointer) in zip(fixedSlots, fixed) {
      pointers[slot] = UnsafeMutablePointer(mutating: pointer)
    }
    return pointers
  }

  /// Computes what does not depend on the batch; needed after the fixed inputs have changed.
  ///
  /// - Parameters:
  ///   - fixed: Pointers of `fixedInputs`.
  ///   - kept: Known to belong to these weights: where it did so the last time, only what depends
  ///     on directions is computed.
  package func prepare(fixed: [UnsafePointer<Float>], kept: KeptValues? = nil) {
    let external = External(pointers: external(fixed))
    let isPrepared = kept != nil && preparedFor === kept
    preparedFor = kept
    let program = programs[Stage.shared.rawValue].filter { $0.repeats || !isPrepared }
    var groups: [[Instruction]] = []
    for (_, group) in Dictionary(grouping: program.indices, by: { program[$0].component })
      .sorted(by: { $0.key < $1.key })
    {
      groups.append(group.map { program[$0] })
    }
    let tasks = groups
    let whole = SampleChunk(index: 0, start: 0, count: batch)
    pool.run(count: tasks.count) { task, worker in
      OneDNN.useOneThread()
      let memory = self.memory(worker: worker, external: external.pointers)
      for instruction in tasks[task] {
        instruction.kernel.run(memory, whole)
        instruction.kernel.finish(memory)
      }
    }
  }

  /// Number of lanes that micro-batches are given to.
  ///
  /// A lane holds a copy of all sums. Where these are few every micro-batch is a lane of its own;
  /// otherwise memory decides, by a rule on sizes alone; a power of two, which most numbers of
  /// threads share evenly.
  package func laneCount(batches: Int) -> Int {
    if frontierCount <= 4096 { return max(batches, 1) }
    let budget = (256 << 20) / (4 * frontierCount)
    return max(1, min(batches, budget >= 16 ? 16 : budget >= 8 ? 8 : 4))
  }

  /// Runs all micro-batches.
  ///
  /// - Parameters:
  ///   - fixed: Pointers of `fixedInputs`; `prepare` must have run with the same data.
  ///   - batches: Number of micro-batches; 1 for a whole batch.
  ///   - firstBatch: Number of the first one among those that `kept` knows.
  ///   - kept: Values of earlier evaluations with other directions.
  ///   - bind: Pointers of `batchInputs` for one micro-batch; the data must stay until the worker
  ///     asks for its next one. Called from several threads.
  ///   - observe: Receives the values of `sampleOutputs` after each micro-batch, from several
  ///     threads.
  /// - Returns: The elements of each output.
  package func evaluate(
    fixed: [UnsafePointer<Float>], batches: Int, firstBatch: Int = 0, kept: KeptValues? = nil,
    bind: @Sendable (_ batch: Int, _ worker: Int) -> [UnsafePointer<Float>],
    observe: (@Sendable (_ batch: Int, _ values: [UnsafePointer<Float>]) -> Void)? = nil
  ) -> [ExecutorOutput] {
    let external = External(pointers: external(fixed))
    if wholeBatch {
      precondition(batches == 1, "a whole batch is one batch")
      makeSpares(kept, batches: firstBatch..<firstBatch + 1)
      runWholeBatch(
        external.pointers, keptBlock(kept, batch: firstBatch, worker: 0), bind: bind,
        observe: observe)
      let memory = memory(worker: 0, external: external.pointers)
      return outputs.map { ExecutorOutput(memory[$0.buffer], count: $0.count) }
    }
    makeSpares(kept, batches: firstBatch..<firstBatch + batches)
    let lanes = laneCount(batches: batches)
    let totals = emptyTotals(lanes: lanes)
    pool.run(count: lanes) { lane, worker in
      OneDNN.useOneThread()
      let first = batches * lane / lanes
      let last = batches * (lane + 1) / lanes
      for batch in first..<last {
        var pointers = external.pointers
        for (slot, pointer) in zip(self.batchSlots, bind(batch, worker)) {
          pointers[slot] = UnsafeMutablePointer(mutating: pointer)
        }
        let (block, isFilled) = self.keptBlock(kept, batch: firstBatch + batch, worker: worker)
        let memory = self.memory(worker: worker, external: pointers, kept: block)
        self.runMicroBatch(memory, isFilled: isFilled)
        for (index, sum) in self.frontier.enumerated() {
          totals.add(memory[sum.buffer], index: index, lane: lane, isFirst: batch == first)
        }
        observe?(batch, self.sampleOutputs.map { UnsafePointer(memory[$0.buffer]) })
      }
    }
    totals.combine()
    return finish(totals, external: external.pointers)
  }

  /// Memory for the sums over micro-batches, kept from one evaluation to the next.
  private func emptyTotals(lanes: Int) -> LaneTotals {
    if let totals, totals.lanes == lanes {
      totals.clear()
      return totals
    }
    // The old memory goes first.
    totals = nil
    let created = LaneTotals(lanes: lanes, counts: frontier.map(\.count))
    totals = created
    return created
  }

  private func runMicroBatch(_ memory: Memory, isFilled: Bool) {
    for instruction in programs[Stage.sample.rawValue] where instruction.repeats || !isFilled {
      instruction.kernel.run(memory, chunks[0])
      if instruction.kernel.division == .partialSums { instruction.kernel.finish(memory) }
    }
  }

  /// Puts the totals where the epilogue reads them and runs it.
  private func finish(
    _ totals: LaneTotals, external: [UnsafeMutablePointer<Float>]
  ) -> [ExecutorOutput] {
    // Worker 0's arena is free again: the sums of the last micro-batch are not needed any more.
    let memory = memory(worker: 0, external: external)
    for (index, sum) in frontier.enumerated() {
      totals.store(index: index, into: memory[sum.buffer])
    }
    let whole = SampleChunk(index: 0, start: 0, count: batch)
    for instruction in programs[Stage.epilogue.rawValue] {
      instruction.kernel.run(memory, whole)
      instruction.kernel.finish(memory)
    }
    return outputs.map { output in
      // A scalar that is a sum itself keeps the digits of its Double.
      if let index = frontier.firstIndex(where: { $0.buffer == output.buffer }), output.count == 1 {
        return ExecutorOutput(scalar: totals.scalar(index: index))
      }
      return ExecutorOutput(memory[output.buffer], count: output.count)
    }
  }

  private func runWholeBatch(
    _ external: [UnsafeMutablePointer<Float>], _ kept: (block: FloatBlock?, isFilled: Bool),
    bind: @Sendable (_ batch: Int, _ worker: Int) -> [UnsafePointer<Float>],
    observe: (@Sendable (_ batch: Int, _ values: [UnsafePointer<Float>]) -> Void)?
  ) {
    var pointers = external
    for (slot, pointer) in zip(batchSlots, bind(0, 0)) {
      pointers[slot] = UnsafeMutablePointer(mutating: pointer)
    }
    let bound = External(pointers: pointers)
    let whole = SampleChunk(index: 0, start: 0, count: batch)
    for stage in [Stage.sample, .epilogue] {
      for range in groups[stage.rawValue] {
        let group = programs[stage.rawValue][range].filter { $0.repeats || !kept.isFilled }
        let memory = memory(worker: 0, external: pointers, kept: kept.block)
        if let only = group.first, only.kernel.division == .whole {
          only.kernel.run(memory, whole)
          only.kernel.finish(memory)
          continue
        }
        guard !group.isEmpty else { continue }
        pool.run(count: chunks.count) { index, worker in
          OneDNN.useOneThread()
          let memory = self.memory(worker: worker, external: bound.pointers, kept: kept.block)
          for instruction in group { instruction.kernel.run(memory, self.chunks[index]) }
        }
        for instruction in group where instruction.kernel.division == .partialSums {
          instruction.kernel.finish(memory)
        }
      }
    }
    let memory = memory(worker: 0, external: pointers, kept: kept.block)
    observe?(0, sampleOutputs.map { UnsafePointer(memory[$0.buffer]) })
  }
}

/// Pointers that closures on other threads read; the caller waits for them.
private struct External: @unchecked Sendable {
  let pointers: [UnsafeMutablePointer<Float>]
}
