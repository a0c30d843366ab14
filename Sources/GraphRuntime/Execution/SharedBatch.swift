internal import Communication

/// A whole batch whose chunks several ranks share.
///
/// Each rank takes consecutive chunks through the steps that treat samples alone. Parts of a sum over samples
/// are added in the order of the chunks, as one process does; so batch norms have the statistics of the whole
/// batch. Where a step reads all samples, their rows are brought together, and every rank does it.
struct SharedBatch {
  /// Who they are; one alone where there is a single chunk.
  let ranks: any Communicator
  let chunks: [SampleChunk]
  /// Samples of the batch.
  let batch: Int

  /// Bytes of all parts up to which they are sent to all ranks at once: a message more costs more than these.
  private static let smallest = 1 << 14

  /// The chunks of a rank.
  func chunks(of rank: Int) -> Range<Int> {
    chunks.count * rank / ranks.size..<chunks.count * (rank + 1) / ranks.size
  }

  /// The chunks of this rank.
  var own: Range<Int> { chunks(of: ranks.rank) }

  private var others: [Int] { (0..<ranks.size).filter { $0 != ranks.rank } }

  /// The samples of a rank.
  func samples(of rank: Int) -> Range<Int> {
    func start(_ chunk: Int) -> Int { chunk < chunks.count ? chunks[chunk].start : batch }
    let own = chunks(of: rank)
    return start(own.lowerBound)..<start(own.upperBound)
  }

  /// Brings together the rows of values that were computed chunk by chunk.
  ///
  /// - Throws: `RankFailure`.
  func gather(_ values: [Program.Output], _ memory: Memory) throws {
    guard ranks.size > 1, !values.isEmpty else { return }
    var (outgoing, incoming): ([OutgoingBytes], [IncomingBytes]) = ([], [])
    for value in values {
      precondition(value.count % batch == 0, "values of samples have equally many elements of each")
      let perSample = value.count / batch
      func rows(of rank: Int) -> UnsafeMutableRawBufferPointer {
        let samples = samples(of: rank)
        return UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(
            start: memory[value.buffer] + samples.lowerBound * perSample,
            count: samples.count * perSample))
      }
      for rank in others {
        outgoing.append(OutgoingBytes(to: rank, UnsafeRawBufferPointer(rows(of: ranks.rank))))
        incoming.append(IncomingBytes(from: rank, rows(of: rank)))
      }
    }
    try exchange(outgoing, incoming)
  }

  /// Adds the parts of sums over samples that all ranks have made; does what follows the sums.
  ///
  /// - Throws: `RankFailure`.
  func finish(_ kernels: [any Kernel], _ memory: Memory) throws {
    let parts = kernels.compactMap(\.parts)
    guard ranks.size > 1 else {
      for kernel in kernels { kernel.finish(memory, parts: chunks.count) }
      return
    }
    try add(
      parts.filter(\.isDouble).map { part in
        let start = UnsafeMutableRawPointer(memory[part.place]).assumingMemoryBound(to: Double.self)
        return UnsafeMutableBufferPointer(start: start, count: part.count)
      })
    try add(
      parts.filter { !$0.isDouble }.map { part in
        UnsafeMutableBufferPointer(start: memory[part.place], count: part.count)
      })
    for kernel in kernels { kernel.finish(memory, parts: 1) }
  }

  /// Leaves sums over the parts of all chunks in the place of the first part, on every rank.
  ///
  /// Each rank adds up a share of the elements and hands it to all; of few elements all get all parts.
  private func add<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    _ firstParts: [UnsafeMutableBufferPointer<Scalar>]
  ) throws {
    let count = firstParts.reduce(0) { $0 + $1.count }
    guard count > 0 else { return }
    let isSmall = count * chunks.count * Swift.MemoryLayout<Scalar>.stride <= Self.smallest
    let shares = (0..<ranks.size).map { rank in
      isSmall ? 0..<count : count * rank / ranks.size..<count * (rank + 1) / ranks.size
    }
    let share = shares[ranks.rank]
    // The own parts of all sums, chunk by chunk.
    let parts = SumMemory<Scalar>(count: own.count * count)
    for (place, chunk) in own.enumerated() {
      var target = parts.pointer + place * count
      for first in firstParts {
        guard let base = first.baseAddress else { continue }
        target.update(from: base + chunk * first.count, count: first.count)
        target += first.count
      }
    }
    // Of every chunk, the own share.
    let received = SumMemory<Scalar>(count: chunks.count * share.count)
    try exchange(
      others.flatMap { rank in
        own.indices.map { place in
          OutgoingBytes(
            to: rank, parts.pointer + (place - own.lowerBound) * count, shares[rank])
        }
      },
      others.flatMap { rank in
        chunks(of: rank).map { chunk in
          IncomingBytes(
            from: rank, received.pointer + chunk * share.count, 0..<share.count)
        }
      })
    for (place, chunk) in own.enumerated() {
      (received.pointer + chunk * share.count).update(
        from: parts.pointer + (place * count + share.lowerBound), count: share.count)
    }
    let total = SumMemory<Scalar>(count: count)
    for element in 0..<share.count {
      var sum = Double(received.pointer[element])
      for chunk in 1..<chunks.count {
        sum += Double(received.pointer[chunk &* share.count &+ element])
      }
      total.pointer[share.lowerBound + element] = Scalar(sum)
    }
    if !isSmall {
      try exchange(
        others.map { OutgoingBytes(to: $0, total.pointer, share) },
        others.map { IncomingBytes(from: $0, total.pointer, shares[$0]) })
    }
    var source = total.pointer
    for first in firstParts {
      first.baseAddress?.update(from: source, count: first.count)
      source += first.count
    }
  }

  private func exchange(_ outgoing: [OutgoingBytes], _ incoming: [IncomingBytes]) throws {
    try ranks.exchange(
      outgoing.filter { !$0.bytes.isEmpty }, incoming.filter { !$0.bytes.isEmpty })
  }
}
