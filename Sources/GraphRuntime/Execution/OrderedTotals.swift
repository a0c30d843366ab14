internal import Communication
internal import Foundation

/// Sums over micro-batches, added in the order of `SumTree` whatever the threads do.
///
/// A total takes the summand whose turn it is at once. One that comes early is set aside as long as
/// there is room, and added by whoever adds the one before it; without room its thread waits.
/// Threads take micro-batches in order, so the turn of the first one underway has always come, and
/// nobody waits for ever.
///
/// Small tensors are summed in `Double`, which costs nothing, large ones where their total is wanted.
///
/// Among ranks, each adds up the micro-batches of its own groups, and `finish` adds the rest of the tree.
final class OrderedTotals: @unchecked Sendable {
  // `@unchecked`: what is not a sum is under the lock; a sum is touched by the thread whose
  // micro-batch has its turn.

  /// One sum: how many elements, and where its total is wanted.
  struct Target {
    let count: Int
    let total: UnsafeMutablePointer<Float>
  }

  /// A sum; touched by the thread whose micro-batch has its turn.
  private final class Sum {
    /// Small tensors.
    var doubles: TreeSum<Double>?
    let memory: SumMemory<Double>?
    /// Large ones.
    var floats: TreeSum<Float>?

    init(_ target: Target, _ tree: SumTree, groups: Range<Int>) {
      if target.count <= OrderedTotals.small {
        let memory = SumMemory<Double>(count: target.count)
        self.memory = memory
        doubles = TreeSum(tree, groups: groups, total: memory, count: target.count)
      } else {
        memory = nil
        floats = TreeSum(
          tree, groups: groups, total: SumMemory(of: target.total), count: target.count)
      }
    }

    func add(_ values: UnsafePointer<Float>, batch: Int) {
      doubles?.add(values, batch: batch)
      floats?.add(values, batch: batch)
    }
  }

  /// What is known of a sum besides its value.
  private struct Progress {
    /// The micro-batch whose summand comes next.
    var next: Int
    /// Summands of later ones.
    var early: [Int: FloatBlock] = [:]
  }

  /// Largest number of elements of a sum in `Double`.
  private static let small = 4096

  /// The sums that are taken, by their numbers; others are nil.
  let targets: [Target?]
  /// The micro-batches whose summands come; all of them where this rank is alone.
  let batches: Range<Int>
  private let ranks: any Communicator
  private let tree: SumTree
  private let sums: [Sum?]
  private let condition = NSCondition()
  private var progress: [Progress]
  /// Floats of large summands that may still be set aside.
  private var room: Int

  /// Nothing is summed yet.
  ///
  /// - Parameters:
  ///   - targets: The sums, nil where one is not taken.
  ///   - tree: The order of the micro-batches.
  ///   - room: Floats of large summands that may be set aside.
  ///   - ranks: Who takes part.
  init(targets: [Target?], tree: SumTree, room: Int, ranks: any Communicator = Alone()) {
    self.targets = targets
    self.room = room
    self.ranks = ranks
    let groups = RankedSums(tree, among: ranks).groups
    let own = tree.batches(of: groups)
    self.tree = tree
    self.batches = own
    progress = targets.map { _ in Progress(next: own.lowerBound) }
    sums = targets.map { target in target.map { Sum($0, tree, groups: groups) } }
  }

  /// Whether any sum is taken.
  var takesSums: Bool { targets.contains { $0 != nil } }

  /// Adds the summand of one micro-batch; the caller may overwrite it afterwards.
  ///
  /// - Parameters:
  ///   - values: The summand.
  ///   - index: Number of the sum.
  ///   - batch: Number of the micro-batch, one of `batches`, without gaps.
  func add(_ values: UnsafePointer<Float>, index: Int, batch: Int) {
    guard let target = targets[index], let sum = sums[index] else { return }
    let size = sum.floats == nil ? 0 : target.count
    condition.lock()
    while progress[index].next != batch {
      if size > room {
        condition.wait()
        continue
      }
      room -= size
      condition.unlock()
      let copy = FloatBlock(copying: values, count: target.count)
      condition.lock()
      // Its turn may have come meanwhile.
      guard progress[index].next == batch else {
        progress[index].early[batch] = copy
        condition.unlock()
        return
      }
      room += size
    }
    condition.unlock()
    sum.add(values, batch: batch)
    condition.lock()
    progress[index].next += 1
    while let following = progress[index].early.removeValue(forKey: progress[index].next) {
      let number = progress[index].next
      condition.unlock()
      sum.add(following.pointer, batch: number)
      condition.lock()
      progress[index].next += 1
      room += size
    }
    condition.broadcast()
    condition.unlock()
  }

  /// Leaves the sums where they are wanted, on every rank.
  ///
  /// - Returns: Those of one element, which were summed in `Double`, by their numbers.
  /// - Throws: `RankFailure`; never where this rank is alone.
  func finish() throws -> [Int: Double] {
    if ranks.size > 1 { try addOtherRanks() }
    var scalars: [Int: Double] = [:]
    for (index, target) in targets.enumerated() {
      guard let target, let sum = sums[index]?.memory?.pointer else { continue }
      for i in 0..<target.count { target.total[i] = Float(sum[i]) }
      if target.count == 1 { scalars[index] = sum[0] }
    }
    return scalars
  }

  private func addOtherRanks() throws {
    let numbers = targets.indices.filter { targets[$0] != nil }
    func counts(_ numbers: [Int]) -> [Int] { numbers.map { targets[$0]?.count ?? 0 } }
    let small = numbers.filter { sums[$0]?.memory != nil }
    try addOtherRanks(
      parts: small.map { sums[$0]?.doubles?.subtreeSums ?? [] }, counts: counts(small),
      totals: small.compactMap { sums[$0]?.memory?.pointer })
    let large = numbers.filter { sums[$0]?.memory == nil }
    try addOtherRanks(
      parts: large.map { sums[$0]?.floats?.subtreeSums ?? [] }, counts: counts(large),
      totals: large.compactMap { targets[$0]?.total })
  }

  /// Adds up sums of one kind, which travel as one.
  private func addOtherRanks<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    parts: [[SumMemory<Scalar>]], counts: [Int], totals: [UnsafeMutablePointer<Scalar>]
  ) throws {
    let count = counts.reduce(0, +)
    guard count > 0 else { return }
    let joined = (parts.first ?? []).indices.map { part in
      let memory = SumMemory<Scalar>(count: count)
      var place = memory.pointer
      for (sum, size) in zip(parts, counts) {
        place.update(from: sum[part].pointer, count: size)
        place += size
      }
      return memory
    }
    let sum = try RankedSums(tree, among: ranks).total(joined, count: count)
    var place = sum.pointer
    for (total, size) in zip(totals, counts) {
      total.update(from: place, count: size)
      place += size
    }
  }
}
