package import Communication
package import ComputationGraph
package import LinearAlgebra

/// Runs a graph over any number of samples.
///
/// With `.microBatches` the graph is built for one micro-batch; every value that sums over samples
/// is added up over all micro-batches, and what follows is computed once from the totals: results
/// are those of the graph with all samples in one batch. They are added in an order that depends on
/// the number of micro-batches alone (`SumTree`), so the bits do not depend on the threads. With `.wholeBatch` the graph's batch is
/// everything.
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
  /// Those of them that steps read of all samples, although ranks share the batch.
  package let wholeInputs: Set<String>
  /// What each step of a micro-batch is, for reports.
  package var sampleSteps: [String] { keeping[.sample].map(\.label) }

  let pool: WorkerPool
  /// Who shares micro-batches.
  let ranks: any Communicator
  /// Whether they share a batch however small it is.
  let sharesBatch: Bool
  private let wholeBatch: Bool
  let chunks: [SampleChunk]
  /// For micro-batches whose values are kept for other directions.
  let keeping: Program
  /// For micro-batches that nothing is kept of; differs from `keeping` in places of the arena alone.
  let forgetting: Program
  private let inputCount: Int
  private let fixedSlots: [Int]
  let batchSlots: [Int]
  private let shared: FloatBlock
  private let epilogue: FloatBlock
  private var arenas: [FloatBlock]
  /// Scratch memory of each worker, with local values of shared steps behind it.
  private let scratches: [FloatBlock]
  let identity = PlanIdentity()
  /// Whose weights the shared memory was last computed from, if that is known.
  private weak var preparedFor: KeptValues?
  /// Passes that have run one after the other since the inputs were bound.
  private var passesDone = 0
  /// Where pointers of memory that a run does not use point.
  private let unbound = FloatBlock(count: 1)
  /// In place of kept sums, where nothing is kept.
  var spareSums: FloatBlock?

  /// Plans the work of one pass; see the designated initializer.
  package convenience init(
    _ graph: Graph, outputs: [Value], sampleOutputs: [Value] = [], batch: Int,
    execution: BatchExecution = .microBatches, convolution: ConvolutionChoice = .automatic,
    block: Int? = nil, keepsValues: Bool = false, sharesBatch: Bool = false, pool: WorkerPool,
    ranks: any Communicator = Alone()
  ) throws {
    try self.init(
      graph, passes: [ExecutorPass(outputs: outputs, sampleOutputs: sampleOutputs)], batch: batch,
      execution: execution, convolution: convolution, block: block, keepsValues: keepsValues,
      sharesBatch: sharesBatch, pool: pool, ranks: ranks)
  }

  /// Plans the work.
  ///
  /// - Parameters:
  ///   - graph: The computation for one batch.
  ///   - passes: What is handed out, one pass after the other over the same samples; several only of
  ///     a whole batch, and without `keepsValues`.
  ///   - batch: Samples in the batch of the graph.
  ///   - execution: Micro-batches or the whole batch.
  ///   - convolution: Which convolution algorithms may be used.
  ///   - block: Channels in a block of images, 8 or 16; by the CPU where nil.
  ///   - keepsValues: Whether evaluations may be given `KeptValues`; costs memory where they are
  ///     not.
  ///   - sharesBatch: Whether ranks share a batch however small it is: groups of micro-batches begin with
  ///     single ones, and of a whole batch each rank takes some chunks. Otherwise a whole batch is not
  ///     shared. Not with `keepsValues`.
  ///   - pool: The threads.
  ///   - ranks: Who shares micro-batches; all evaluate with the same inputs.
  /// - Throws: `PlanError` when the graph cannot be run so, `OneDNNError`.
  package init(
    _ graph: Graph, passes: [ExecutorPass], batch: Int,
    execution: BatchExecution = .microBatches, convolution: ConvolutionChoice = .automatic,
    block: Int? = nil, keepsValues: Bool = false, sharesBatch: Bool = false, pool: WorkerPool,
    ranks: any Communicator = Alone()
  ) throws {
    OneDNN.useOneThread()
    precondition(!(sharesBatch && keepsValues), "nothing is kept of a shared batch")
    self.sharesBatch = sharesBatch
    self.batch = batch
    self.pool = pool
    self.ranks = ranks
    wholeBatch = execution != .microBatches
    precondition(passes.count == 1 || wholeBatch && !keepsValues, "passes over parts of a batch")
    let wanted = passes.flatMap(\.values)
    var lowering = try Lowering(
      graph, passes: passes, batch: batch, execution: execution,
      choice: convolution, block: block)
    for output in passes.flatMap(\.outputs)
    where !wholeBatch && lowering.analysis.dependence[output.index] == .samples {
      throw PlanError("output of shape \(graph.shape(of: output)) belongs to single samples")
    }
    chunks = lowering.chunks
    try lowering.divide(into: passes)
    let analysis =
      keepsValues
      ? try lowering.keepDirectionIndependentValues(outputs: wanted)
      : (repeats: lowering.steps.map { _ in true }, kept: [])
    keeping = try Program(
      &lowering, repeats: analysis.repeats, kept: analysis.kept, passes: passes)
    forgetting =
      analysis.kept.isEmpty
      ? keeping
      : try Program(&lowering, repeats: analysis.repeats, kept: [], passes: passes)
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
    let wholeReads = keeping.wholeReads
    wholeInputs = Set(perBatch.filter { wholeReads.contains(.external($0.1)) }.map(\.0))

    let plan = keeping
    shared = FloatBlock(count: plan.count(.shared))
    epilogue = FloatBlock(count: plan.count(.epilogue))
    // Of a batch that others share, most rows are theirs.
    let isSparse = wholeBatch && sharesBatch && ranks.size > 1
    arenas = (0..<(wholeBatch ? 1 : pool.threadCount)).map { _ in
      isSparse
        ? FloatBlock(sparse: plan.count(.arena)) : FloatBlock(count: plan.count(.arena))
    }
    scratches = (0..<pool.threadCount).map { _ in FloatBlock(count: plan.scratchCount) }
  }

  /// Bytes of memory that the plan holds.
  package var memoryBytes: Int {
    4 * ([shared, epilogue] + arenas + scratches).map(\.count).reduce(0, +)
  }

  /// The same once micro-batches have been evaluated of which nothing is kept.
  package var largestMemoryBytes: Int {
    memoryBytes + 4 * arenas.count * max(0, forgetting.count(.arena) - arenas[0].count)
  }

  /// Bytes of what can be kept of a micro-batch, or of the whole batch.
  package var keptBytes: Int { 4 * keeping.count(.kept) }

  func memory(
    worker: Int, external: [UnsafeMutablePointer<Float>], kept: FloatBlock? = nil,
    keptSums: FloatBlock? = nil
  ) -> Memory {
    let arena = arenas[wholeBatch ? 0 : worker]
    return Memory(
      spaces: [
        arena.pointer, shared.pointer, scratches[worker].pointer, epilogue.pointer,
        (kept ?? unbound).pointer, scratches[worker].pointer + keeping.localOffset,
        (keptSums ?? unbound).pointer,
      ],
      external: external)
  }

  /// Makes the arenas large enough for micro-batches that nothing is kept of, if there are any.
  private func growArenas(_ kept: KeptValues?, batches: Range<Int>) {
    let count = forgetting.count(.arena)
    guard arenas[0].count < count,
      kept.map({ !$0.hasRoom(for: batches, of: identity, count: keeping.count(.kept)) }) ?? true
    else { return }
    for index in arenas.indices {
      arenas[index] = unbound
      arenas[index] = FloatBlock(count: count)
    }
  }

  /// The order in which sums over micro-batches are taken.
  func tree(_ batches: Int) -> SumTree {
    SumTree(batches: batches, isStep: sharesBatch)
  }

  /// The micro-batches that this rank evaluates; of a whole batch it may evaluate a part.
  private func ownBatches(of batches: Int) -> Range<Int> {
    if wholeBatch { return 0..<1 }
    let tree = tree(batches)
    return tree.batches(of: RankedSums(tree, among: ranks).groups)
  }

  /// The external pointers with the fixed inputs in their places.
  private func external(_ fixed: [UnsafePointer<Float>]) -> [UnsafeMutablePointer<Float>] {
    precondition(fixed.count == fixedSlots.count, "one pointer per fixed input")
    var pointers = [UnsafeMutablePointer<Float>](
      repeating: unbound.pointer, count: inputCount)
    for (slot, pointer) in zip(fixedSlots, fixed) {
      pointers[slot] = UnsafeMutablePointer(mutating: pointer)
    }
    return pointers
  }

  /// Computes what does not depend on the batch; needed after the fixed inputs have changed.
  ///
  /// - Parameters:
  ///   - fixed: Pointers of `fixedInputs`.
  ///   - pass: What only later passes need is left to them.
  ///   - kept: Known to belong to these weights: where it did so the last time, only what depends
  ///     on directions is computed.
  package func prepare(
    fixed: [UnsafePointer<Float>], pass: Int = 0, kept: KeptValues? = nil
  ) {
    let external = External(pointers: external(fixed))
    let isPrepared = kept != nil && preparedFor === kept
    preparedFor = kept
    let program = keeping[.shared].filter { $0.pass == pass && ($0.repeats || !isPrepared) }
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
      }
    }
  }

  /// Runs all micro-batches.
  ///
  /// - Parameters:
  ///   - fixed: Pointers of `fixedInputs`; `prepare` must have run with the same data.
  ///   - pass: Which pass; each one follows on the one before it, with the same data in all inputs
  ///     that the one before it has read.
  ///   - batches: Number of micro-batches; 1 for a whole batch.
  ///   - firstBatch: Number of the first one among those that `kept` knows.
  ///   - kept: Values of earlier evaluations with other directions.
  ///   - bind: Pointers of `batchInputs` for one micro-batch; the data must stay until the worker
  ///     asks for its next one. Called from several threads.
  ///   - observe: Receives the values of `sampleOutputs` after each micro-batch, from several
  ///     threads.
  ///   - deliver: Receives the outputs.
  /// - Returns: What `deliver` makes of them.
  /// - Throws: `RankFailure`, and what `deliver` throws.
  package func evaluate<Result>(
    fixed: [UnsafePointer<Float>], pass: Int = 0, batches: Int, firstBatch: Int = 0,
    kept: KeptValues? = nil,
    bind: @Sendable (_ batch: Int, _ worker: Int) -> [UnsafePointer<Float>],
    observe: (@Sendable (_ batch: Int, _ values: [UnsafePointer<Float>]) -> Void)? = nil,
    deliver: ([ExecutorOutput]) throws -> Result
  ) throws -> Result {
    precondition(pass == 0 || pass == passesDone, "pass \(pass) after \(passesDone)")
    passesDone = pass + 1
    let external = External(pointers: external(fixed))
    let series = kept?.begin(identity, batch: firstBatch, sumCount: keeping.count(.keptSums))
    let own = ownBatches(of: wholeBatch ? 1 : batches)
    growArenas(kept, batches: firstBatch + own.lowerBound..<firstBatch + own.upperBound)
    if wholeBatch {
      precondition(batches == 1, "a whole batch is one batch")
      let block = kept?.block(of: identity, batch: firstBatch, count: keeping.count(.kept))
      let program = block == nil ? forgetting : keeping
      let memory = try runWholeBatch(
        program, pass, external.pointers, block, isFilled: block != nil && series?.isFilled == true,
        bind: bind, observe: observe)
      return try deliver(
        program.passes[pass].outputs.map { ExecutorOutput(memory[$0.buffer], count: $0.count) })
    }
    let run = MicroBatches(
      external: external, batches: batches, firstBatch: firstBatch, kept: kept,
      keptSums: keptSums(series))
    var scalars: [Int: Double]
    if let kept, let series {
      var known = series.scalars
      if !series.isFilled {
        known = try sum(.independent, run, bind: bind, observe: nil)
        kept.store(known, of: identity, batch: firstBatch)
      }
      scalars = try sum(.dependent, run, bind: bind, observe: observe)
      scalars.merge(known) { own, _ in own }
    } else {
      scalars = try sum(.all, run, bind: bind, observe: observe)
    }
    let memory = memory(worker: 0, external: external.pointers, keptSums: run.keptSums)
    let whole = SampleChunk(index: 0, start: 0, count: batch)
    for instruction in keeping[.epilogue] {
      instruction.kernel.run(memory, whole)
    }
    return try deliver(
      keeping.passes[pass].outputs.map { output in
        // A scalar that is a sum itself keeps the digits of its Double.
        let sum = keeping.sums.firstIndex { $0.total == output.buffer }
        return ExecutorOutput(
          memory[output.buffer], count: output.count, scalar: sum.flatMap { scalars[$0] })
      })
  }
}

/// Pointers that closures on other threads read; the caller waits for them.
struct External: @unchecked Sendable {
  let pointers: [UnsafeMutablePointer<Float>]
}
