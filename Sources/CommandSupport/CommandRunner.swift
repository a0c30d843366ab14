internal import Analyses
internal import ArgumentParser
package import Communication
internal import FileFormats
internal import Foundation
internal import MessagePassing

/// Runs the body of a command in one process, and turns what it throws into one line and an exit code.
///
/// 0 done, 1 failed, 64 bad usage, 130 interrupted. One of several ranks refuses.
package func runCommand(_ body: () throws -> Void) throws {
  try runCommand { (ranks: any Communicator) in
    guard ranks.size == 1 else {
      throw AnalysisError("this command runs in one process; start it without mpirun or srun")
    }
    try body()
  }
}

/// Runs the body of a command that several ranks do together: started by mpirun or srun they find each other.
///
/// The first rank alone prints; where one fails, all end with its error, which the first one prints.
package func runCommand(onRanks body: (any Communicator) throws -> Void) throws {
  Interruption.watch()
  let ranks: any StartedCommunicator
  do {
    try LibraryCheck.passOrRestart()
    ranks = try ProcessRank.join()
  } catch {
    standardError("error: \("\(error)".onOneLine)\n")
    throw ExitCode.failure
  }
  let errors = ranks.isFirst ? nil : silence()
  var result: ExitCode?
  do {
    do {
      try body(ranks)
    } catch is OtherRanksEnd {
    } catch let code as ExitCode where ranks.isFirst {
      // Everything is done and written; the code says what was found.
      result = code
    }
    // Those that are done early wait here, where they leave their cores to others.
    try ranks.barrier()
  } catch {
    if !(error is RankFailure) {
      ranks.report(
        RankFailure(
          rank: ranks.rank, host: ranks.host, reason: errorText(error),
          isInterruption: error is Interrupted))
    }
    defer {
      ranks.finish(failed: true) {
        // The first rank is too busy to say it.
        guard let errors, !(error is RankFailure) else { return }
        dup2(errors, STDERR_FILENO)
        standardError("error: rank \(ranks.rank) on \(ranks.host): \(errorText(error))\n")
      }
    }
    if error is ExitCode || error is ValidationError { throw error }
    if error is Interrupted || (error as? RankFailure)?.isInterruption == true {
      standardError(
        "interrupted; finished work is kept, run the same command again to continue\n")
      throw ExitCode(130)
    }
    standardError("error: \(errorText(error))\n")
    throw ExitCode.failure
  }
  ranks.finish(failed: false) {}
  if let result { throw result }
}

private func errorText(_ error: any Error) -> String {
  commandText(error).onOneLine
}

/// Thrown where the first rank alone goes on.
private struct OtherRanksEnd: Error {}

extension Communicator {
  /// Ends the command on all ranks but the first, which draws and prints what they found together.
  package func endOthers() throws { if !isFirst { throw OtherRanksEnd() } }
}

/// Sends what this process prints to nobody.
///
/// - Returns: Where its errors went; nil where it still prints.
private func silence() -> Int32? {
  let (errors, nowhere) = (dup(STDERR_FILENO), unsafe open("/dev/null", O_WRONLY))
  guard errors >= 0, nowhere >= 0 else { return nil }
  for stream in [STDOUT_FILENO, STDERR_FILENO] { dup2(nowhere, stream) }
  close(nowhere)
  return errors
}
