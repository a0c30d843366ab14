package import Communication

/// The upper part of a sum's tree, whose lower parts several ranks have added up.
///
/// Every rank gets a share of the elements of all partial sums, adds them in the order of the tree, and hands
/// the result to all others. Elements travel twice, however many ranks there are; the sum has the bits that
/// one process gives it.
package struct RankedSums {
  private let tree: SumTree
  private let ranks: any Communicator

  /// Sums over the micro-batches of a tree among some ranks.
  package init(_ tree: SumTree, among ranks: any Communicator) {
    self.tree = tree
    self.ranks = ranks
  }

  /// The groups that this rank adds up.
  package var groups: Range<Int> { tree.groups(of: ranks.rank, among: ranks.size) }

  /// Adds the partial sums of all ranks.
  ///
  /// - Parameters:
  ///   - parts: Sums over the subtrees of this rank's groups, from left to right.
  ///   - count: Elements of each; the same on all ranks.
  /// - Returns: The total, on every rank.
  /// - Throws: `RankFailure`.
  package func total<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    _ parts: [SumMemory<Scalar>], count: Int
  ) throws -> SumMemory<Scalar> {
    let others = (0..<ranks.size).filter { $0 != ranks.rank }
    let shares = (0..<ranks.size).map { count * $0 / ranks.size..<count * ($0 + 1) / ranks.size }
    let own = shares[ranks.rank]
    let subtrees = (0..<ranks.size).map {
      tree.subtrees(of: tree.groups(of: $0, among: ranks.size))
    }
    precondition(parts.count == subtrees[ranks.rank].count, "one sum for each subtree")
    // Of every rank, the own share of its sums.
    let received = (0..<ranks.size).map { rank in
      subtrees[rank].indices.map { index in
        rank == ranks.rank
          ? SumMemory(of: parts[index].pointer + own.lowerBound)
          : SumMemory<Scalar>(count: own.count)
      }
    }
    try ranks.exchange(
      others.flatMap { rank in parts.map { OutgoingBytes(to: rank, $0.pointer, shares[rank]) } }
        .filter { !$0.bytes.isEmpty },
      others.flatMap { rank in
        received[rank].map { IncomingBytes(from: rank, $0.pointer, 0..<own.count) }
      }.filter { !$0.bytes.isEmpty })
    var sums = SubtreeSums<SumMemory<Scalar>>()
    for (subtrees, received) in zip(subtrees, received) {
      for (subtree, sum) in zip(subtrees, received) {
        sums.append(sum, of: subtree) { $0.add($1, count: own.count) }
      }
    }
    precondition(sums.sums.count == 1, "the subtrees of all ranks are the tree")
    let total = SumMemory<Scalar>(count: count)
    (total.pointer + own.lowerBound).update(from: sums.sums[0].sum.pointer, count: own.count)
    try ranks.exchange(
      others.map { OutgoingBytes(to: $0, total.pointer, own) }.filter { !$0.bytes.isEmpty },
      others.map { IncomingBytes(from: $0, total.pointer, shares[$0]) }.filter { !$0.bytes.isEmpty }
    )
    return total
  }
}
