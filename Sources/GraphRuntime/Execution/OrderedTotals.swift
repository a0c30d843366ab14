internal import Foundation

/// Sums over micro-batches, added in the order of `SumTree` whatever the threads do.
///
/// A total takes the summand whose turn it is at once. One that comes early is set aside as long as
/// there is room, and added by whoever adds the one before it; without room its thread waits.
/// Threads take micro-batches in order, so the turn of the first one underway has always come, and
/// nobody waits for ever.
///
/// Small tensors are summed in `Double`, which costs nothing, large ones where their total is wanted.
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

    init(_ target: Target, _ tree: SumTree) {
      if target.count <= OrderedTotals.small {
        let memory = SumMemory<Double>(count: target.count)
        self.memory = memory
        doubles = TreeSum(tree, total: memory, count: target.count)
      } else {
        memory = nil
        floats = TreeSum(tree, total: SumMemory(of: target.total), count: target.count)
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
    var next = 0
    /// Summands of later ones.
    var early: [Int: FloatBlock] = [:]
  }

  /// Largest number of elements of a sum in `Double`.
  private static let small = 4096

  /// The sums that are taken, by their numbers; others are nil.
  let targets: [Target?]
  private let sums: [Sum?]
  private let condition = NSCondition()
  private var progress: [Progress]
  /// Floats of large summands that may still be set aside.
  private var room: Int

  /// Nothing is summed yet.
  ///
  /// - Parameters:
  ///   - targets: The sums, nil where one is not taken.
  ///   - batches: Number of micro-batches.
  ///   - room: Floats of large summands that may be set aside.
  init(targets: [Target?], batches: Int, room: Int) {
    self.targets = targets
    self.room = room
    progress = targets.map { _ in Progress() }
    let tree = SumTree(batches: batches)
    sums = targets.map { target in target.map { Sum($0, tree) } }
  }

  /// Whether any sum is taken.
  var takesSums: Bool { targets.contains { $0 != nil } }

  /// Adds the summand of one micro-batch; the caller may overwrite it afterwards.
  ///
  /// - Parameters:
  ///   - values: The summand.
  ///   - index: Number of the sum.
  ///   - batch: Number of the micro-batch, from 0 and without gaps.
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

  /// Leaves the sums where they are wanted.
  ///
  /// - Returns: Those of one element, which were summed in `Double`, by their numbers.
  func finish() -> [Int: Double] {
    var scalars: [Int: Double] = [:]
    for (index, target) in targets.enumerated() {
      guard let target, let sum = sums[index]?.memory?.pointer else { continue }
      for i in 0..<target.count { target.total[i] = Float(sum[i]) }
      if target.count == 1 { scalars[index] = sum[0] }
    }
    return scalars
  }
}
