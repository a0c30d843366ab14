/// How the work of a kernel may be divided between threads.
enum KernelDivision {
  /// One call does everything.
  case whole
  /// Samples are independent: one call per chunk of samples.
  case perChunk
  /// One call per chunk makes a share of the result, whatever its samples are.
  case perShare
  /// One call per chunk of samples makes a part; `finish` adds the parts in order.
  case partialSums
}

/// Consecutive samples of a batch and their number in the sequence of chunks.
struct SampleChunk: Hashable, Sendable {
  let index: Int
  let start: Int
  let count: Int
}

/// One step of a plan.
///
/// Stateless after its creation: several threads run it at once on their own memory.
protocol Kernel: Sendable {
  var division: KernelDivision { get }
  /// Floats of scratch memory that one call needs.
  var scratchCount: Int { get }
  func run(_ memory: Memory, _ chunk: SampleChunk)
  func finish(_ memory: Memory)
}

/// A kernel that counts rows where chunks count samples, each of which has equally many rows.
struct RowsKernel: Kernel {
  let kernel: any Kernel
  let rows: Int

  var division: KernelDivision { kernel.division }
  var scratchCount: Int { kernel.scratchCount }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    kernel.run(
      memory,
      SampleChunk(index: chunk.index, start: chunk.start * rows, count: chunk.count * rows))
  }

  func finish(_ memory: Memory) { kernel.finish(memory) }
}

extension Kernel {
  var scratchCount: Int { 0 }
  func finish(_ memory: Memory) {}
}
