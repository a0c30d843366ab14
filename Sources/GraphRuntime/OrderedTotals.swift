internal import Foundation

/// Sums over micro-batches, added in the order of the micro-batches whatever the threads do.
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
  private let doubles: [UnsafeMutablePointer<Double>?]
  private let condition = NSCondition()
  private var progress: [Progress]
  /// Floats of large summands that may still be set aside.
  private var room: Int

  /// Nothing is summed yet.
  ///
  /// - Parameters:
  ///   - targets: The sums, nil where one is not taken.
  ///   - room: Floats of large summands that may be set aside.
  init(targets: [Target?], room: Int) {
    self.targets = targets
    self.room = room
    progress = targets.map { _ in Progress() }
    doubles = targets.map { target in
      guard let target, target.count <= Self.small else { return nil }
      let pointer = UnsafeMutablePointer<Double>.allocate(capacity: target.count)
      pointer.initialize(repeating: 0, count: target.count)
      return pointer
    }
  }

  deinit {
    for pointer in doubles { pointer?.deallocate() }
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
    guard let target = targets[index] else { return }
    let size = doubles[index] == nil ? target.count : 0
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
    accumulate(values, index: index, count: target.count, isFirst: batch == 0)
    condition.lock()
    progress[index].next += 1
    while let following = progress[index].early.removeValue(forKey: progress[index].next) {
      condition.unlock()
      accumulate(following.pointer, index: index, count: target.count, isFirst: false)
      condition.lock()
      progress[index].next += 1
      room += size
    }
    condition.broadcast()
    condition.unlock()
  }

  private func accumulate(
    _ values: UnsafePointer<Float>, index: Int, count: Int, isFirst: Bool
  ) {
    if let sums = doubles[index] {
      for i in 0..<count { sums[i] += Double(values[i]) }
    } else if let total = targets[index]?.total {
      if isFirst {
        total.update(from: values, count: count)
      } else {
        for i in 0..<count { total[i] += values[i] }
      }
    }
  }

  /// Leaves the sums where they are wanted.
  ///
  /// - Returns: Those of one element, which were summed in `Double`, by their numbers.
  func finish() -> [Int: Double] {
    var scalars: [Int: Double] = [:]
    for (index, target) in targets.enumerated() {
      guard let target, let sums = doubles[index] else { continue }
      for i in 0..<target.count { target.total[i] = Float(sums[i]) }
      if target.count == 1 { scalars[index] = sums[0] }
    }
    return scalars
  }
}
