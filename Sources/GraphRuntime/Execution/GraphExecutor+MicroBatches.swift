internal import LinearAlgebra
internal import Synchronization

extension GraphExecutor {
  /// Memory for the sums that are kept; a block of our own where nothing is kept.
  func keptSums(_ series: KeptValues.Series?) -> FloatBlock {
    if let series { return series.sums }
    let block = spareSums ?? FloatBlock(count: keeping.count(.keptSums))
    spareSums = block
    return block
  }

  /// Which steps and sums an evaluation is about.
  enum Part {
    /// All of them.
    case all
    /// What does not depend on a direction.
    case independent
    /// The rest; values of micro-batches that were not kept are computed again.
    case dependent
  }

  /// What micro-batches run on.
  struct MicroBatches {
    let external: External
    let batches: Int
    let firstBatch: Int
    let kept: KeptValues?
    let keptSums: FloatBlock
  }

  /// Runs the micro-batches of this rank and adds up the sums of one part, over those of all ranks.
  ///
  /// - Returns: Sums of one element in `Double`, by their numbers.
  /// - Throws: `RankFailure`; never where this rank is alone.
  func sum(
    _ part: Part, _ run: MicroBatches,
    bind: @Sendable (_ batch: Int, _ worker: Int) -> [UnsafePointer<Float>],
    observe: (@Sendable (_ batch: Int, _ values: [UnsafePointer<Float>]) -> Void)?
  ) throws -> [Int: Double] {
    let home = memory(worker: 0, external: run.external.pointers, keptSums: run.keptSums)
    let sums = keeping.sums
    let taken = sums.map { part == .all || $0.isKept == (part == .independent) }
    // As much memory as all sums take suffices for threads that run at the same speed or half of it.
    let totals = OrderedTotals(
      targets: zip(sums, taken).map { sum, isTaken in
        isTaken ? .init(count: sum.count, total: home[sum.total]) : nil
      }, tree: tree(run.batches), room: zip(sums, taken).reduce(0) { $0 + ($1.1 ? $1.0.count : 0) },
      ranks: ranks)
    let started = Atomic(totals.batches.lowerBound)
    pool.run(count: totals.batches.count) { _, worker in
      OneDNN.useOneThread()
      let batch = started.wrappingAdd(1, ordering: .relaxed).oldValue
      let block = run.kept?.block(
        of: self.identity, batch: run.firstBatch + batch, count: self.keeping.count(.kept))
      if part == .independent && block == nil && !totals.takesSums { return }
      var pointers = run.external.pointers
      for (slot, pointer) in zip(self.batchSlots, bind(batch, worker)) {
        pointers[slot] = UnsafeMutablePointer(mutating: pointer)
      }
      let program = block == nil ? self.forgetting : self.keeping
      let memory = self.memory(worker: worker, external: pointers, kept: block)
      for instruction in program[.sample] {
        let isWanted =
          switch part {
          case .all: true
          case .independent: !instruction.repeats
          case .dependent:
            instruction.repeats || (block == nil && instruction.delivers.isEmpty)
          }
        guard isWanted else { continue }
        instruction.kernel.run(memory, self.chunks[0])
        if instruction.kernel.division == .partialSums {
          instruction.kernel.finish(memory, parts: 1)
        }
        for index in instruction.delivers {
          totals.add(memory[program.sums[index].summand], index: index, batch: batch)
        }
      }
      observe?(batch, program.passes[0].sampleOutputs.map { UnsafePointer(memory[$0.buffer]) })
    }
    return try totals.finish()
  }
}
