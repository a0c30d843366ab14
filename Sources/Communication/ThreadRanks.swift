internal import Foundation

/// Ranks that are threads of this process: what tests run instead of several processes.
package enum ThreadRanks {
  /// Runs `body` on every rank, and waits for all of them.
  ///
  /// - Parameters:
  ///   - size: How many ranks.
  ///   - body: Called once for each, at the same time; one that throws ends the others.
  /// - Returns: What it returned, in the order of the ranks.
  /// - Throws: What the first rank that threw has thrown.
  package static func run<Result: Sendable>(
    _ size: Int, _ body: @escaping @Sendable (any Communicator) throws -> Result
  ) throws -> [Result] {
    precondition(size > 0, "no ranks do nothing")
    let wires = Wires(size)
    let results = Results<Result>(size)
    for rank in 0..<size {
      let communicator = ThreadRank(rank, wires)
      let thread = Thread {
        do {
          results.set(.success(try body(communicator)), of: rank)
        } catch {
          // First, so that what others make of the report comes later.
          results.set(.failure(error), of: rank)
          communicator.report(
            error as? RankFailure
              ?? RankFailure(rank: rank, host: communicator.host, reason: "\(error)"))
        }
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    return try results.wait()
  }

  /// What the ranks end with.
  private final class Results<Result: Sendable>: @unchecked Sendable {
    // `@unchecked`: under the condition.
    private let condition = NSCondition()
    private var results: [Swift.Result<Result, any Error>?]
    private var firstError: (any Error)?

    init(_ size: Int) { results = (0..<size).map { _ in nil } }

    func set(_ result: Swift.Result<Result, any Error>, of rank: Int) {
      condition.withLock {
        results[rank] = result
        if case .failure(let error) = result, firstError == nil { firstError = error }
        condition.broadcast()
      }
    }

    func wait() throws -> [Result] {
      condition.lock()
      defer { condition.unlock() }
      while results.contains(where: { $0 == nil }) { condition.wait() }
      if let firstError { throw firstError }
      return try results.compactMap { try $0?.get() }
    }
  }
}

/// What lies between ranks that are threads.
private final class Wires: @unchecked Sendable {
  // `@unchecked`: under the condition.
  let size: Int
  let condition = NSCondition()
  /// Bytes underway, `[from * size + to]`.
  var underway: [[[UInt8]]]
  /// Posted messages by receiver.
  var mail: [[Mail]]
  var failure: RankFailure?

  init(_ size: Int) {
    self.size = size
    underway = [[[UInt8]]](repeating: [], count: size * size)
    mail = [[Mail]](repeating: [], count: size)
  }

  /// Waits, under the lock, until `take` finds something.
  func wait<Found>(_ take: () -> Found?) throws -> Found {
    while true {
      if let found = take() { return found }
      if let failure { throw failure }
      condition.wait()
    }
  }
}

/// One of them.
private final class ThreadRank: Communicator {
  let rank: Int
  var size: Int { wires.size }
  var host: String { "thread \(rank)" }
  private let wires: Wires

  init(_ rank: Int, _ wires: Wires) {
    self.rank = rank
    self.wires = wires
  }

  func exchange(_ outgoing: [OutgoingBytes], _ incoming: [IncomingBytes]) throws {
    try wires.condition.withLock {
      for one in outgoing {
        precondition(one.rank != rank, "what a rank sends itself does not arrive")
        wires.underway[rank * size + one.rank].append(Array(one.bytes))
      }
      wires.condition.broadcast()
      for one in incoming {
        let place = one.rank * size + rank
        let bytes = try wires.wait {
          wires.underway[place].isEmpty ? nil : wires.underway[place].removeFirst()
        }
        precondition(bytes.count == one.bytes.count, "ranks that disagree on what is sent")
        one.bytes.copyBytes(from: bytes)
      }
    }
  }

  func post(_ message: [UInt8], to receiver: Int) {
    wires.condition.withLock {
      wires.mail[receiver].append(Mail(from: rank, message: message))
      wires.condition.broadcast()
    }
  }

  func nextMail() throws -> Mail {
    try wires.condition.withLock {
      try wires.wait { wires.mail[rank].isEmpty ? nil : wires.mail[rank].removeFirst() }
    }
  }

  func report(_ failure: RankFailure) {
    wires.condition.withLock {
      if wires.failure == nil { wires.failure = failure }
      wires.condition.broadcast()
    }
  }

  func check() throws {
    if let failure = wires.condition.withLock({ wires.failure }) { throw failure }
  }
}
