internal import Communication
internal import LinearAlgebra

extension GraphExecutor {
  /// Who shares the chunks of a batch.
  private var sharedBatch: SharedBatch {
    SharedBatch(
      ranks: sharesBatch && chunks.count > 1 ? ranks : Alone(), chunks: chunks, batch: batch)
  }

  package var ownSamples: Range<Int> { sharedBatch.samples(of: sharedBatch.ranks.rank) }

  /// Runs all stages of a pass over a whole batch.
  ///
  /// - Returns: The memory with the results.
  /// - Throws: `RankFailure`; never where this rank does it alone.
  func runWholeBatch(
    _ program: Program, _ pass: Int, _ external: [UnsafeMutablePointer<Float>],
    _ block: FloatBlock?, isFilled: Bool,
    bind: @Sendable (_ batch: Int, _ worker: Int) -> [UnsafePointer<Float>],
    observe: (@Sendable (_ batch: Int, _ values: [UnsafePointer<Float>]) -> Void)?
  ) throws -> Memory {
    let shared = sharedBatch
    var pointers = external
    for (slot, pointer) in zip(batchSlots, bind(0, 0)) {
      pointers[slot] = UnsafeMutablePointer(mutating: pointer)
    }
    let bound = External(pointers: pointers)
    let whole = SampleChunk(index: 0, start: 0, count: batch)
    for stage in [Stage.sample, .epilogue] {
      for range in program.groups(stage) {
        let group = program[stage][range].filter { $0.pass == pass && ($0.repeats || !isFilled) }
        let memory = memory(worker: 0, external: pointers, kept: block)
        guard let first = group.first else { continue }
        try shared.gather(first.gathers, memory)
        if first.kernel.division == .whole {
          first.kernel.run(memory, whole)
          continue
        }
        let own = first.kernel.division == .perShare ? chunks.indices : shared.own
        pool.run(count: own.count) { index, worker in
          OneDNN.useOneThread()
          let memory = self.memory(worker: worker, external: bound.pointers, kept: block)
          for instruction in group {
            instruction.kernel.run(memory, self.chunks[own.lowerBound + index])
          }
        }
        try shared.finish(
          group.map(\.kernel).filter { $0.division == .partialSums }, memory)
      }
    }
    try shared.gather(
      program.passes[pass].gathers, self.memory(worker: 0, external: pointers, kept: block))
    let memory = memory(worker: 0, external: pointers, kept: block)
    observe?(0, program.passes[pass].sampleOutputs.map { UnsafePointer(memory[$0.buffer]) })
    return memory
  }
}
