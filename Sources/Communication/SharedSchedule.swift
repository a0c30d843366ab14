internal import Foundation

/// Independent pieces of work that ranks take one after the other: a slow rank gets fewer.
///
/// Rank 0 hands them out and keeps what comes back, on a thread of its own, so that nobody waits until it
/// has finished a piece itself.
package struct SharedSchedule {
  private let communicator: any Communicator

  /// A schedule among some ranks.
  package init(among communicator: any Communicator) { self.communicator = communicator }

  /// Does all pieces.
  ///
  /// - Parameters:
  ///   - items: Numbers of the pieces in the order in which they are begun; those of rank 0 count.
  ///   - check: Called now and then while this rank waits for others; may throw to end.
  ///   - compute: Does a piece, on whichever rank has taken it.
  ///   - keep: Receives on rank 0 what every piece came to, as soon as it is there; not twice at once.
  /// - Throws: What `check`, `compute` and `keep` throw, and `RankFailure`.
  package func run(
    _ items: [Int], check: () throws -> Void, compute: (Int) throws -> [Double],
    keep: @escaping @Sendable (Int, [Double]) throws -> Void
  ) throws {
    guard communicator.isFirst else { return try work(compute) }
    let desk = Desk(items, keep: keep)
    guard communicator.size > 1 else {
      while let item = desk.next() { try desk.finish(item, try compute(item)) }
      return
    }
    let (communicator, done) = (communicator, DispatchSemaphore(value: 0))
    Thread {
      desk.serve(communicator)
      done.signal()
    }.start()
    do {
      while let item = desk.next() {
        try communicator.check()
        try desk.check()
        try desk.finish(item, try compute(item))
      }
      while done.wait(timeout: .now() + .milliseconds(50)) == .timedOut { try check() }
      try desk.check()
    } catch {
      // Ends the thread, which may have nothing to wait for any more.
      try? communicator.post([], to: communicator.rank)
      throw error
    }
  }

  /// Takes pieces until there are no more.
  private func work(_ compute: (Int) throws -> [Double]) throws {
    var finished: [UInt8] = []
    while true {
      try communicator.post(finished, to: 0)
      let answer = Self.numbers(try communicator.nextMail().message)
      guard let item = answer.first.map({ Int(Int64(bitPattern: $0)) }), item >= 0 else { return }
      let values = try compute(item)
      finished = Self.bytes([UInt64(item)] + values.map(\.bitPattern))
    }
  }

  private static func bytes(_ numbers: [UInt64]) -> [UInt8] {
    numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
  }

  private static func numbers(_ bytes: [UInt8]) -> [UInt64] {
    stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
      (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
    }
  }

  /// What is left, and what has been thrown while others were served.
  private final class Desk: @unchecked Sendable {
    // `@unchecked`: under the lock.
    private let lock = NSLock()
    private var left: ArraySlice<Int>
    private var error: (any Error)?
    private let keep: @Sendable (Int, [Double]) throws -> Void

    init(_ items: [Int], keep: @escaping @Sendable (Int, [Double]) throws -> Void) {
      left = items[...]
      self.keep = keep
    }

    func next() -> Int? { lock.withLock { left.popFirst() } }

    func finish(_ item: Int, _ values: [Double]) throws {
      try lock.withLock { try keep(item, values) }
    }

    func check() throws { if let error = lock.withLock({ error }) { throw error } }

    /// Answers all other ranks until each has heard that nothing is left.
    func serve(_ communicator: any Communicator) {
      do {
        var waiting = communicator.size - 1
        while waiting > 0 {
          let mail = try communicator.nextMail()
          if mail.from == communicator.rank { return }
          let finished = SharedSchedule.numbers(mail.message)
          if let item = finished.first {
            try finish(Int(item), finished.dropFirst().map(Double.init(bitPattern:)))
          }
          let item = next()
          if item == nil { waiting -= 1 }
          try communicator.post(
            SharedSchedule.bytes([UInt64(bitPattern: Int64(item ?? -1))]), to: mail.from)
        }
      } catch {
        lock.withLock { self.error = error }
      }
    }
  }
}
