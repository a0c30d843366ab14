import Synchronization

/// Counts calls, for operators that must change from call to call.
final class CallCounter: Sendable {
  private let count = Atomic<Int>(0)
  func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
}
