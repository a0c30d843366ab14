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

extension Kernel {
  var scratchCount: Int { 0 }
  func finish(_ memory: Memory) {}
}
