package import Analyses
internal import Artifacts
package import Communication

/// Shows remarks and progress of a run on stderr.
package final class TerminalReporter {
  private let isQuiet: Bool
  private var current: (title: String, progress: Progress)?

  /// - Parameter isQuiet: Whether nothing is shown.
  package init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Shows what a run tells.
  package func show(_ event: RunEvent) {
    switch event {
    case .warning(let text): warn(text)
    case _ where isQuiet: break
    case .remark(let text): note(text)
    case .tried(let title, let count, let share): progress(title).count(count, share: share)
    case .step(let title, let done, let total, let detail):
      progress(title).show(done, of: total, detail: detail)
    case .preparation(let title, let text, let share):
      progress(title).showPreparation(text, share: share)
    case .ended:
      current?.progress.end()
      current = nil
    }
  }

  private func progress(_ title: String) -> Progress {
    if let current, current.title == title { return current.progress }
    let progress = Progress(title)
    current = (title, progress)
    return progress
  }
}

extension RunContext {
  /// A run of a command: its options, stderr, and the signals that interrupt it.
  package init(_ engine: EngineOptions, isQuiet: Bool) {
    let reporter = TerminalReporter(isQuiet: isQuiet)
    self.init(
      engine: engine.settings, report: { reporter.show($0) },
      cancellation: { try Interruption.check() })
  }

  /// A run of a command that several ranks do together.
  ///
  /// - Throws: `RankFailure`.
  package init(
    _ engine: EngineOptions, isQuiet: Bool, ranks communicator: any Communicator
  ) throws {
    let reporter = TerminalReporter(isQuiet: isQuiet)
    let ranks = try RunRanks(communicator, threads: engine.threads)
    self.init(
      engine: engine.settings, ranks: ranks, report: { reporter.show($0) },
      cancellation: { try Interruption.check() })
    if let distribution = ranks.distribution { remark("\(distribution.text)") }
  }
}
