internal import Communication
internal import LinearAlgebra

/// Outputs of all samples, filled by the workers; every row is written by one thread.
final class OutputRows: @unchecked Sendable {
  // `@unchecked`: rows are disjoint, and they are read after all workers have ended.
  private let elements: UnsafeMutableBufferPointer<Float>
  private let size: Int

  init(samples: Int, size: Int) {
    self.size = size
    elements = .allocate(capacity: max(samples * size, 1))
    elements.initialize(repeating: .nan)
  }

  deinit { elements.deallocate() }

  func set(_ samples: Range<Int>, _ rows: UnsafePointer<Float>) {
    guard let base = elements.baseAddress else { return }
    (base + samples.lowerBound * size).update(from: rows, count: samples.count * size)
  }

  /// Gets the rows that other ranks have filled, and hands out the own ones.
  ///
  /// - Parameters:
  ///   - ranks: Who has filled rows.
  ///   - samples: The samples of each rank.
  /// - Throws: `RankFailure`.
  func gather(among ranks: any Communicator, of samples: (Int) -> Range<Int>) throws {
    let others = (0..<ranks.size).filter { $0 != ranks.rank }
    func rows(_ rank: Int) -> UnsafeMutableRawBufferPointer {
      let range = samples(rank)
      return UnsafeMutableRawBufferPointer(
        UnsafeMutableBufferPointer(
          rebasing: elements[range.lowerBound * size..<range.upperBound * size]))
    }
    let own = UnsafeRawBufferPointer(rows(ranks.rank))
    try ranks.exchange(
      own.isEmpty ? [] : others.map { OutgoingBytes(to: $0, own) },
      others.map { IncomingBytes(from: $0, rows($0)) }.filter { !$0.bytes.isEmpty })
  }

  var vector: Vector<Float> { Vector(elements) }
}
