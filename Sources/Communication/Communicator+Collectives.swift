extension Communicator {
  /// Whether this is the rank that keeps journals, writes files and prints.
  package var isFirst: Bool { rank == 0 }

  /// Waits until all ranks have come here.
  ///
  /// - Throws: `RankFailure`.
  /// - Complexity: log2(size) messages of each rank.
  package func barrier() throws {
    var distance = 1
    while distance < size {
      // A byte, since nothing need not travel.
      var bytes: [UInt8] = [0, 0]
      try bytes.withUnsafeMutableBytes { bytes in
        try exchange(
          [
            OutgoingBytes(
              to: (rank + distance) % size, UnsafeRawBufferPointer(rebasing: bytes[0..<1]))
          ],
          [
            IncomingBytes(
              from: (rank - distance + size) % size,
              UnsafeMutableRawBufferPointer(rebasing: bytes[1..<2]))
          ])
      }
      distance *= 2
    }
  }

  /// Gives all ranks the bytes of one.
  ///
  /// - Parameters:
  ///   - bytes: Those that are sent, on the other ranks where they go; as many on all.
  ///   - root: Whose they are.
  /// - Throws: `RankFailure`.
  /// - Complexity: They travel log2(size) times, one after the other.
  package func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int = 0) throws {
    guard size > 1, bytes.count > 0 else { return }
    // Numbers from the root on: rank p gets them from p without its highest bit.
    let place = (rank - root + size) % size
    var reach = 1
    while reach < size {
      defer { reach *= 2 }
      if place < reach, place + reach < size {
        try exchange(
          [OutgoingBytes(to: (place + reach + root) % size, UnsafeRawBufferPointer(bytes))], [])
      } else if place >= reach, place < 2 * reach {
        try exchange([], [IncomingBytes(from: (place - reach + root) % size, bytes)])
      }
    }
  }

  /// Gives all ranks the numbers of one; as many on all.
  ///
  /// - Throws: `RankFailure`.
  package func broadcast(_ values: inout [Double], from root: Int = 0) throws {
    try values.withUnsafeMutableBytes { try broadcast($0, from: root) }
  }

  /// The bytes of the first rank, however many, on all ranks; what others give does not count.
  ///
  /// - Throws: `RankFailure`.
  package func ofFirst(_ own: [UInt8]) throws -> [UInt8] {
    var count = [Double(own.count)]
    try broadcast(&count)
    var bytes = isFirst ? own : [UInt8](repeating: 0, count: Int(count[0]))
    try bytes.withUnsafeMutableBytes { try broadcast($0) }
    return bytes
  }

  /// The bytes of all ranks, in their order; each may have another number of them.
  ///
  /// - Throws: `RankFailure`.
  package func gather(_ own: [UInt8]) throws -> [[UInt8]] {
    let counts = try gatherRows([UInt64(own.count)])
    var rows = counts.map { [UInt8](repeating: 0, count: Int($0[0])) }
    rows[rank] = own
    try exchangeRows(&rows)
    return rows
  }

  /// The numbers of all ranks, in their order; as many of each.
  ///
  /// - Throws: `RankFailure`.
  package func gather(_ own: [Int]) throws -> [[Int]] {
    try gatherRows(own.map { UInt64(bitPattern: Int64($0)) })
      .map { $0.map { Int(Int64(bitPattern: $0)) } }
  }

  /// The sums of whole numbers over all ranks, whose order does not matter.
  ///
  /// - Throws: `RankFailure`.
  package func sum(_ own: [Int]) throws -> [Int] {
    guard size > 1 else { return own }
    let rows = try gather(own)
    return own.indices.map { index in rows.reduce(0) { $0 + $1[index] } }
  }

  /// Whether something holds on every rank.
  ///
  /// - Throws: `RankFailure`.
  package func all(_ own: Bool) throws -> Bool {
    size == 1 ? own : try gather([own ? 1 : 0]).allSatisfy { $0 == [1] }
  }

  /// Sends the own part of an array to all others, and fills in theirs.
  ///
  /// - Parameters:
  ///   - elements: As many on all ranks.
  ///   - bounds: Part r is `bounds[r]..<bounds[r + 1]`; parts follow each other, and may be empty.
  /// - Throws: `RankFailure`.
  /// - Complexity: Each rank sends its part `size - 1` times.
  package func join<Element: BitwiseCopyable>(_ elements: inout [Element], bounds: [Int]) throws {
    let stride = MemoryLayout<Element>.stride
    try elements.withUnsafeMutableBytes { try join($0, bounds: bounds.map { $0 * stride }) }
  }

  /// The same for bytes in memory.
  package func join(_ bytes: UnsafeMutableRawBufferPointer, bounds: [Int]) throws {
    precondition(bounds.count == size + 1 && bounds[size] == bytes.count, "parts of other bytes")
    func part(_ rank: Int) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(rebasing: bytes[bounds[rank]..<bounds[rank + 1]])
    }
    let others = (0..<size).filter { $0 != rank }
    try exchange(
      others.map { OutgoingBytes(to: $0, UnsafeRawBufferPointer(part(rank))) }
        .filter { !$0.bytes.isEmpty },
      others.map { IncomingBytes(from: $0, part($0)) }.filter { !$0.bytes.isEmpty })
  }

  private func gatherRows(_ own: [UInt64]) throws -> [[UInt64]] {
    var rows = (0..<size).map { _ in [UInt64](repeating: 0, count: own.count) }
    rows[rank] = own
    try exchangeRows(&rows)
    return rows
  }

  /// Sends the own row to all others, and fills in theirs.
  private func exchangeRows<Element: BitwiseCopyable>(_ rows: inout [[Element]]) throws {
    let offsets = rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    var flat = rows.flatMap(\.self)
    try join(&flat, bounds: offsets)
    for index in rows.indices { rows[index] = Array(flat[offsets[index]..<offsets[index + 1]]) }
  }
}
