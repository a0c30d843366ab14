/// How the work of a kernel may be divided between threads.
enum KernelDivision {
  /// One call does everything.
  case whole
  /// Samples are independent: one call per chunk of samples.
  case perChunk
  /// One call per chunk makes a share of the result, whatever its samples are.
  case perShare
  /// One call per chunk of samples makes one of `parts`; `finish` adds them in order.
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
  /// Where the parts of a sum go; nil where the work is divided otherwise.
  var parts: ChunkParts? { get }
  func run(_ memory: Memory, _ chunk: SampleChunk)
  /// Adds the parts of a sum, and does what follows it.
  ///
  /// - Parameters:
  ///   - memory: The memory.
  ///   - parts: How many there are, the first one at the start of `parts`.
  func finish(_ memory: Memory, parts: Int)
}

/// Parts of a sum over samples, one for each chunk, one behind the other.
struct ChunkParts {
  /// Where the first one begins.
  let place: BufferPlace
  /// Elements of a part.
  let count: Int
  /// Whether they are of `Double`, otherwise of `Float`.
  let isDouble: Bool
}

/// A kernel that counts rows where chunks count samples, each of which has equally many rows.
struct RowsKernel: Kernel {
  let kernel: any Kernel
  let rows: Int

  var division: KernelDivision { kernel.division }
  var scratchCount: Int { kernel.scratchCount }
  var parts: ChunkParts? { kernel.parts }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    kernel.run(
      memory,
      SampleChunk(index: chunk.index, start: chunk.start * rows, count: chunk.count * rows))
  }

  func finish(_ memory: Memory, parts: Int) { kernel.finish(memory, parts: parts) }
}

extension Kernel {
  var scratchCount: Int { 0 }
  var parts: ChunkParts? { nil }
  func finish(_ memory: Memory, parts: Int) {}
}
