internal import Communication
internal import Foundation

/// How a run is done, watched and ended: all that does not change its results.
public struct RunContext {
  /// Threads and algorithms.
  public let engine: EngineSettings
  /// Who does the run; all of them call the same analyses.
  package let ranks: RunRanks
  /// What the result says it was made by, program first.
  public let command: [String]
  /// Receives remarks, warnings and progress.
  let report: (RunEvent) -> Void
  private let cancellation: () throws -> Void

  /// Creates a context.
  ///
  /// - Parameters:
  ///   - engine: Threads and algorithms.
  ///   - command: What the result says it was made by; by default how the process was started.
  ///   - report: Receives remarks and progress.
  ///   - cancellation: Called between steps of the work, which ends with what it throws; finished
  ///     steps are kept where the run has a folder. By default that of the task.
  public init(
    engine: EngineSettings = EngineSettings(), command: [String] = CommandLine.arguments,
    report: @escaping (RunEvent) -> Void = { _ in },
    cancellation: @escaping () throws -> Void = { try Task.checkCancellation() }
  ) {
    self.init(
      engine: engine, ranks: RunRanks(threads: engine.threads), command: command, report: report,
      cancellation: cancellation)
  }

  /// Creates a context of a run that several ranks do.
  package init(
    engine: EngineSettings = EngineSettings(), ranks: RunRanks,
    command: [String] = CommandLine.arguments, report: @escaping (RunEvent) -> Void,
    cancellation: @escaping () throws -> Void = { try Task.checkCancellation() }
  ) {
    self.engine = engine
    self.ranks = ranks
    self.command = command
    self.report = report
    self.cancellation = cancellation
  }

  /// Ends the run where that was asked for, or another rank has failed.
  package func checkCancellation() throws {
    try cancellation()
    try ranks.communicator.check()
  }

  /// Tells the user something.
  package func remark(_ message: String) { report(.remark(message)) }

  /// Does work that reports its steps under a title.
  package func work<Result>(
    _ title: String, _ body: (WorkReport) throws -> Result
  ) rethrows -> Result {
    defer { report(.ended(title: title)) }
    return try body(WorkReport(title: title, report: report))
  }
}

/// What a run tells while it lasts.
public enum RunEvent: Equatable, Sendable {
  /// Something that the user should know.
  case remark(String)
  /// What makes numbers doubtful; it stands in the results too.
  case warning(String)
  /// How much was done of work whose end is not known, and the share of the most that it may take.
  case tried(title: String, count: Int, share: Double)
  /// How far the work of a title is: steps done, of all that there are at most, and details in words.
  case step(title: String, done: Int, total: Int, detail: String)
  /// How far work is that goes ahead of the steps, such as reading what an earlier run left, in words
  /// and as a share.
  case preparation(title: String, text: String, share: Double)
  /// The work of a title is over, finished or not.
  case ended(title: String)
}

/// Reports the steps of one piece of work.
package struct WorkReport {
  fileprivate let title: String
  fileprivate let report: (RunEvent) -> Void

  /// Says how many steps are done.
  package func show(_ done: Int, of total: Int, detail: String = "") {
    report(.step(title: title, done: done, total: total, detail: detail))
  }

  /// Says how far work is that goes ahead of the steps.
  package func showPreparation(_ text: String, share: Double) {
    report(.preparation(title: title, text: text, share: share))
  }
}
