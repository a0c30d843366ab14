internal import LinearAlgebra

extension GraphExecutor {
  /// Runs all stages of a pass over a whole batch.
  ///
  /// - Returns: The memory with the results.
  func runWholeBatch(
    _ program: Program, _ pass: Int, _ external: [UnsafeMutablePointer<Float>],
    _ block: FloatBlock?, isFilled: Bool,
    bind: @Sendable (_ batch: Int, _ worker: Int) -> [UnsafePointer<Float>],
    observe: (@Sendable (_ batch: Int, _ values: [UnsafePointer<Float>]) -> Void)?
  ) -> Memory {
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
        if let only = group.first, only.kernel.division == .whole {
          only.kernel.run(memory, whole)
          only.kernel.finish(memory)
          continue
        }
        guard !group.isEmpty else { continue }
        pool.run(count: chunks.count) { index, worker in
          OneDNN.useOneThread()
          let memory = self.memory(worker: worker, external: bound.pointers, kept: block)
          for instruction in group { instruction.kernel.run(memory, self.chunks[index]) }
        }
        for instruction in group where instruction.kernel.division == .partialSums {
          instruction.kernel.finish(memory)
        }
      }
    }
    let memory = memory(worker: 0, external: pointers, kept: block)
    observe?(0, program.passes[pass].sampleOutputs.map { UnsafePointer(memory[$0.buffer]) })
    return memory
  }
}
