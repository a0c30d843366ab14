/// Consecutive steps that a thread takes one chunk of samples through without waiting for others.
///
/// Between two groups all threads wait. Within a group a chunk stays in the caches, and there is one
/// wait instead of one per step. A step joins the group before it unless it touches memory of other
/// chunks: what a sum over chunks writes, or a place that tensors of other extent used before. Steps
/// whose calls read all samples, or that are not divided, stay alone.
struct ChunkGroups {
  /// Numbers of the steps of each group, in order.
  private(set) var ranges: [Range<Int>] = []

  /// Memory that a step reads or writes.
  private struct Access {
    let space: MemorySpace
    let range: Range<Int>
    /// Whether each chunk of samples has a part of its own.
    let isChunked: Bool

    /// Whether another chunk may be met in the memory of `other`.
    func collides(with other: Access) -> Bool {
      guard space == other.space, range.overlaps(other.range) else { return false }
      return !(isChunked && other.isChunked && range == other.range)
    }
  }

  /// Groups the steps of one stage.
  ///
  /// - Parameters:
  ///   - steps: The steps.
  ///   - divisions: How each of them is divided.
  ///   - records: What is known of the tensors.
  ///   - places: Where they are.
  init(
    _ steps: [Step], divisions: [KernelDivision], records: [TensorRecord],
    places: [TensorID: BufferPlace]
  ) {
    var chunked: Set<TensorID> = []
    for (step, division) in zip(steps, divisions) where division == .perChunk {
      chunked.formUnion(step.writes)
    }
    func accesses(_ tensors: [TensorID]) -> [Access] {
      tensors.compactMap { tensor in
        // What the caller binds is only read.
        guard case .space(let space, let offset)? = places[tensor] else { return nil }
        let count = max(records[tensor.index].count, 1)
        return Access(
          space: space, range: offset..<offset + count, isChunked: chunked.contains(tensor))
      }
    }
    func isOfChunks(_ number: Int) -> Bool {
      divisions[number] == .perChunk || divisions[number] == .partialSums
    }
    var start = 0
    var reads: [Access] = []
    var writes: [Access] = []
    for (number, step) in steps.enumerated() {
      let stepReads = accesses(step.reads)
      let stepWrites = accesses(step.writes + step.temporaries)
      let joins =
        number > start && isOfChunks(number) && isOfChunks(number - 1)
        && !stepWrites.contains { mine in
          reads.contains { mine.collides(with: $0) } || writes.contains { mine.collides(with: $0) }
        }
        && !stepReads.contains { mine in writes.contains { mine.collides(with: $0) } }
      if !joins, number > start {
        ranges.append(start..<number)
        start = number
        (reads, writes) = ([], [])
      }
      reads += stepReads
      writes += stepWrites
    }
    if start < steps.count { ranges.append(start..<steps.count) }
  }
}
