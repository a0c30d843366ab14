internal import LinearAlgebra

/// The order in which a sum over micro-batches is taken: a function of their number alone.
///
/// Micro-batches form groups of consecutive ones, a power of two of near-equal groups of at least eight, at
/// most 64; in a step of a training of at least one, at most 1,024. A group is added up in order; groups are
/// combined in the balanced binary tree over them. So the bits depend neither on threads nor, where whole
/// subtrees are computed elsewhere, on how many places there are; and up to 15 micro-batches outside of
/// trainings are one sum in order.
package struct SumTree: Hashable, Sendable {
  /// Number of micro-batches.
  package let batches: Int
  /// Number of groups, a power of two.
  package let groups: Int

  /// Consecutive groups below one node of the tree.
  package struct Subtree: Hashable, Sendable {
    /// The first of them, a multiple of their number.
    package let first: Int
    /// Their number is `2^level`.
    package let level: Int

    /// A group by itself.
    package init(group: Int) { self.init(first: group, level: 0) }

    init(first: Int, level: Int) {
      self.first = first
      self.level = level
    }

    /// Whether `other` is the other half, on the right, of a larger subtree.
    func isLeft(of other: Subtree) -> Bool {
      level == other.level && first + 1 << level == other.first && first >> level % 2 == 0
    }
  }

  /// The order for some micro-batches.
  ///
  /// - Parameters:
  ///   - batches: How many.
  ///   - isStep: Whether they are of one step of a training, whose micro-batches are few: ranks can share no less
  ///     than a group. Otherwise groups are fewer: a sum needs memory for each level of the tree.
  package init(batches: Int, isStep: Bool = false) {
    let (smallest, most) = isStep ? (1, 1024) : (8, 64)
    self.batches = batches
    var groups = 1
    while groups < most && batches >= 2 * groups * smallest { groups *= 2 }
    self.groups = groups
  }

  /// The micro-batches of a group.
  package func batches(of group: Int) -> Range<Int> {
    batches * group / groups..<batches * (group + 1) / groups
  }

  /// The micro-batches of consecutive groups.
  package func batches(of groups: Range<Int>) -> Range<Int> {
    batches * groups.lowerBound / self.groups..<batches * groups.upperBound / self.groups
  }

  /// The groups that a rank adds up: consecutive ones, as many as others have or one more.
  package func groups(of rank: Int, among size: Int) -> Range<Int> {
    groups * rank / size..<groups * (rank + 1) / size
  }

  /// The largest subtrees that consecutive groups are made of, from left to right.
  package func subtrees(of groups: Range<Int>) -> [Subtree] {
    var parts = SubtreeSums<Void>()
    for group in groups { parts.append((), of: Subtree(group: group)) { _, _ in } }
    return parts.sums.map(\.subtree)
  }
}

/// Sums over subtrees side by side; two that are the halves of a larger one become its sum.
package struct SubtreeSums<Sum> {
  /// The sums from left to right.
  package private(set) var sums: [(subtree: SumTree.Subtree, sum: Sum)] = []

  /// There is none yet.
  package init() {}

  /// Adds the sum over the next subtree.
  ///
  /// - Parameters:
  ///   - sum: The sum.
  ///   - subtree: What it is taken over; it begins where the last one ends.
  ///   - add: Adds a sum to the one on its left.
  package mutating func append(
    _ sum: Sum, of subtree: SumTree.Subtree, add: (inout Sum, Sum) -> Void
  ) {
    sums.append((subtree, sum))
    while sums.count > 1, sums[sums.count - 2].subtree.isLeft(of: sums[sums.count - 1].subtree) {
      let right = sums.removeLast()
      add(&sums[sums.count - 1].sum, right.sum)
      let left = sums[sums.count - 1].subtree
      sums[sums.count - 1].subtree = SumTree.Subtree(first: left.first, level: left.level + 1)
    }
  }
}

/// One sum over micro-batches that come in order, taken by a tree, or over the groups of a rank.
///
/// Besides the total it holds a partial sum for each level of the tree at most.
struct TreeSum<Scalar: BinaryFloatingPoint & SIMDScalar & Sendable> {
  private let tree: SumTree
  private let count: Int
  private let groups: Range<Int>
  private var partials = SubtreeSums<SumMemory<Scalar>>()
  /// The sum of the group that the next micro-batch belongs to.
  private var current: SumMemory<Scalar>
  private var group: Int

  /// Nothing is summed yet.
  ///
  /// - Parameters:
  ///   - tree: The order.
  ///   - groups: The groups whose micro-batches come; nil for all.
  ///   - total: Where the sum over the first of the subtrees is taken, which is the total of all groups.
  ///   - count: Its elements.
  init(_ tree: SumTree, groups: Range<Int>? = nil, total: SumMemory<Scalar>, count: Int) {
    self.tree = tree
    self.count = count
    self.groups = groups ?? 0..<tree.groups
    group = self.groups.lowerBound
    current = total
  }

  /// Sums over the subtrees of the groups, from left to right.
  var subtreeSums: [SumMemory<Scalar>] { partials.sums.map(\.sum) }

  /// Adds what the next micro-batch contributes; behind the last one, `total` holds the sum.
  ///
  /// - Parameters:
  ///   - values: The summand.
  ///   - batch: Number of the micro-batch: one more than the last time.
  mutating func add(_ values: UnsafePointer<Float>, batch: Int) {
    let range = tree.batches(of: group)
    precondition(range.contains(batch), "micro-batch \(batch) is not of group \(group)")
    let sum = current.pointer
    if batch == range.lowerBound {
      for i in 0..<count { sum[i] = Scalar(values[i]) }
    } else {
      for i in 0..<count { sum[i] += Scalar(values[i]) }
    }
    guard batch == range.upperBound - 1 else { return }
    // Memory of a partial sum that was added to another one.
    var spare: SumMemory<Scalar>?
    partials.append(current, of: SumTree.Subtree(group: group)) { left, right in
      left.add(right, count: count)
      spare = right
    }
    group += 1
    if group < groups.upperBound { current = spare ?? SumMemory(count: count) }
  }
}

/// Memory of a sum.
package final class SumMemory<Scalar: BinaryFloatingPoint>: @unchecked Sendable {
  // `@unchecked`: one thread at a time uses it.
  /// The elements.
  package let pointer: UnsafeMutablePointer<Scalar>
  private let isOwned: Bool

  /// Memory of its own, filled with zeros.
  package init(count: Int) {
    pointer = .allocate(capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: count)
    isOwned = true
  }

  /// Memory of somebody who keeps it.
  init(of pointer: UnsafeMutablePointer<Scalar>) {
    self.pointer = pointer
    isOwned = false
  }

  deinit { if isOwned { pointer.deallocate() } }

  /// Adds the elements of another sum.
  @inline(__always)
  func add(_ other: SumMemory, count: Int) {
    let (left, right) = (pointer, other.pointer)
    for i in 0..<count { left[i] += right[i] }
  }
}
