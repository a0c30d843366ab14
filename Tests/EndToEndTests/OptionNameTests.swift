import Analyses
import CommandSupport
import Settings
import TestSupport
import Testing

@Suite struct OptionNameTests {
  @Test func everySettingThatATextCanNameIsAnOptionOfACommand() throws {
    let commands = [
      ("landscape", ["plot", "line", "trajectory", "connect", "curvature", "sharpness"]),
      ("hessian", ["spectrum", "trace", "layers"]), ("gradratio", ["histogram", "course"]),
      ("trainer", ["train"]),
    ]
    try withTemporaryFolder { folder in
      var words: Set<Substring> = []
      for (command, verbs) in commands {
        for verb in verbs {
          let help = try CommandRun(command, [verb, "--help"], in: folder).output
          words.formUnion(help.split { $0.isWhitespace || $0 == "," || $0 == "/" })
        }
      }
      for setting in Setting.allCases {
        #expect(words.contains(setting.optionName[...]), "\(setting)")
      }
    }
  }
}
