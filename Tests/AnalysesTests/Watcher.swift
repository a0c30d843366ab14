import Analyses
import Artifacts
import Testing

/// What ends a run in a test.
struct Stopped: Error {}

/// Keeps what a run tells, and ends it after some steps.
final class Watcher {
  private(set) var events: [RunEvent] = []
  private var checks = 0
  private let limit: Int

  /// A watcher that lets `limit` steps begin.
  init(stopsAfter limit: Int = .max) { self.limit = limit }

  /// A run that is watched.
  func context(threads: Int = 1) -> RunContext {
    RunContext(
      engine: EngineSettings(threads: threads), command: ["test"],
      report: { self.events.append($0) },
      cancellation: {
        self.checks += 1
        if self.checks > self.limit { throw Stopped() }
      })
  }

  /// Titles of the work that was begun and ended.
  var endedTitles: [String] {
    events.compactMap {
      if case .ended(let title) = $0 { return title }
      return nil
    }
  }

  /// Steps done of the last report.
  var lastStep: (done: Int, total: Int)? {
    for case .step(_, let done, let total, _) in events.reversed() { return (done, total) }
    return nil
  }
}

/// Expects that a value is the same after it was written as JSON and read again.
func expectRoundTrip<Value: Codable & Equatable>(_ value: Value) throws {
  let text = try JSON.encode(value)
  #expect(try JSON.decode(Value.self, from: Array(text.utf8), path: "memory") == value)
}
