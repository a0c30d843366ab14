internal import LinearAlgebra

/// The order in which a sum over micro-batches is taken: a function of their number alone.
///
/// Micro-batches form groups of consecutive ones, a power of two of near-equal groups of at least
/// eight, at most 64. A group is added up in order; groups are combined in the balanced binary tree over
/// them. So the bits depend neither on threads nor, where whole subtrees are computed elsewhere, on how
/// many places there are; and with at most 15 micro-batches it is one sum in order.
struct SumTree: Hashable, Sendable {
  /// Number of micro-batches.
  let batches: Int
  /// Number of groups, a power of two.
  let groups: Int

  /// Fewest micro-batches of a group, if there is more than one.
  static let smallestGroup = 8
  /// Largest number of groups.
  static let mostGroups = 64

  /// The order for some micro-batches.
  init(batches: Int) {
    self.batches = batches
    var groups = 1
    while groups < Self.mostGroups && batches >= 2 * groups * Self.smallestGroup { groups *= 2 }
    self.groups = groups
  }

  /// The micro-batches of a group.
  func batches(of group: Int) -> Range<Int> {
    batches * group / groups..<batches * (group + 1) / groups
  }
}

/// One sum over micro-batches that come in order, taken by a tree.
///
/// Besides the total it holds a partial sum for each level of the tree at most.
struct TreeSum<Scalar: BinaryFloatingPoint & SIMDScalar & Sendable> {
  /// Sum over a subtree.
  private struct Partial {
    /// Groups of the subtree are `2^level`.
    var level: Int
    let elements: SumMemory<Scalar>
  }

  private let tree: SumTree
  private let count: Int
  /// Sums over subtrees side by side, from left to right; levels fall.
  private var partials: [Partial] = []
  /// The sum of the group that the next micro-batch belongs to.
  private var current: SumMemory<Scalar>
  /// Memory of a partial sum that was added to another one.
  private var spare: SumMemory<Scalar>?
  private var group = 0

  /// Nothing is summed yet.
  ///
  /// - Parameters:
  ///   - tree: The order.
  ///   - total: Where the sum is taken.
  ///   - count: Its elements.
  init(_ tree: SumTree, total: SumMemory<Scalar>, count: Int) {
    self.tree = tree
    self.count = count
    current = total
  }

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
    partials.append(Partial(level: 0, elements: current))
    while partials.count > 1,
      partials[partials.count - 1].level == partials[partials.count - 2].level
    {
      let right = partials.removeLast()
      let left = partials[partials.count - 1].elements.pointer
      let addend = right.elements.pointer
      for i in 0..<count { left[i] += addend[i] }
      partials[partials.count - 1].level += 1
      spare = right.elements
    }
    group += 1
    guard group < tree.groups else {
      spare = nil
      return
    }
    current = spare ?? SumMemory(count: count)
    spare = nil
  }
}

/// Memory of a sum.
final class SumMemory<Scalar: BinaryFloatingPoint>: @unchecked Sendable {
  // `@unchecked`: one thread at a time uses it.
  let pointer: UnsafeMutablePointer<Scalar>
  private let isOwned: Bool

  /// Memory of its own, filled with zeros.
  init(count: Int) {
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
}
