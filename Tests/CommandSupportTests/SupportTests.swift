import Analyses
import ArgumentParser
import CommandSupport
import Settings
import Testing

@Suite struct OptionNameTests {
  @Test func settingsAreNamedAsTheirOptions() {
    let text = AnalysisError("\(.batchSize) 1, \(.steps), \(.normalization)", subject: "a.pt")
    #expect(commandText(text) == "a.pt: --batch-size 1, --lanczos, --normalize")
    #expect(Setting.roles.optionName == "--role" && Setting.x.optionName == "--x")
  }

  @Test func configurationsThatCannotBeUsedAreBadUsage() throws {
    let error = #expect(throws: ValidationError.self) {
      try checkOptions { throw AnalysisError("\(.batchSize) 1 is below 2") }
    }
    #expect(error?.message == "--batch-size 1 is below 2.")
  }
}

@Suite struct ProgressTests {
  @Test(arguments: [
    (0.04, "0.0 s"), (9.96, "10.0 s"), (59.4, "59 s"), (125, "2 min 5 s"),
    (7260, "2 h 1 min"), (.infinity, "unknown time"),
  ])
  func durationsHaveTheUnitThatFits(seconds: Double, text: String) {
    #expect(durationText(seconds) == text)
  }
}

@Suite struct CommandRunnerTests {
  private struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  @Test func errorsBecomeExitCodes() throws {
    func code(_ error: any Error) -> ExitCode? {
      #expect(throws: ExitCode.self) { try runCommand { throw error } }
    }
    #expect(code(Fault(description: "one\nline")) == .failure)
    #expect(code(Interrupted()) == ExitCode(130))
    #expect(code(ExitCode(7)) == ExitCode(7))
    #expect(throws: ValidationError.self) { try runCommand { throw ValidationError("usage") } }
    try runCommand {}
  }

  @Test(arguments: [["--threads", "0"], ["--threads", "1025"], ["--convolution", "fft"]])
  func engineOptionsOutOfRangeAreRefused(arguments: [String]) {
    #expect(throws: (any Error).self) { try EngineOptions.parse(arguments) }
  }

  @Test(arguments: [["--dpi", "9"], ["--dpi", "nan"], ["--format", "gif"]])
  func figureOptionsOutOfRangeAreRefused(arguments: [String]) {
    #expect(throws: (any Error).self) { try FigureFileOptions.parse(arguments) }
  }
}
