internal import Analyses
internal import ArgumentParser
internal import FileFormats

/// Runs the body of a command and turns what it throws into one line and an exit code.
///
/// 0 done, 1 failed, 64 bad usage, 130 interrupted.
package func runCommand(_ body: () throws -> Void) throws {
  Interruption.watch()
  do {
    try LibraryCheck.passOrRestart()
    try body()
  } catch let error as ExitCode {
    throw error
  } catch let error as ValidationError {
    throw error
  } catch is Interrupted {
    standardError(
      "interrupted; finished work is kept, run the same command again to continue\n")
    throw ExitCode(130)
  } catch {
    let text = (error as? AnalysisError)?.commandText ?? "\(error)"
    standardError("error: \(text.onOneLine)\n")
    throw ExitCode.failure
  }
}
