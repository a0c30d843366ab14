import Communication
import Synchronization

/// What rank 0 was given.
final class Kept: Sendable {
  private let state = Mutex<[Int: [Double]]>([:])
  var values: [Int: [Double]] { state.withLock { $0 } }
  func add(_ item: Int, _ values: [Double]) { state.withLock { $0[item] = values } }
}

/// How many have come.
final class Arrivals: Sendable {
  private let state = Atomic(0)
  var count: Int { state.load(ordering: .sequentiallyConsistent) }
  func add() { state.add(1, ordering: .sequentiallyConsistent) }
}

/// Failures that ranks have seen.
final class Failures: Sendable {
  private let state = Mutex<[RankFailure]>([])
  var all: [RankFailure] { state.withLock { $0 } }
  func add(_ failure: RankFailure) { state.withLock { $0.append(failure) } }
}
