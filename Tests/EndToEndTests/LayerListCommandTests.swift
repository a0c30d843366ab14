import Foundation
import TestSupport
import Testing

/// Layer lists from the command line to a checkpoint and back.
@Suite(.serialized) struct LayerListCommandTests {
  private static let list = "conv(8,3,padding=1) batchnorm tanh avgpool(2) flatten linear(10)"

  @Test func aListTrainsAndItsCheckpointOpensWithoutOptions() throws {
    try withTemporaryFolder { folder in
      let training = try CommandRun(
        "trainer", ["train", "--architecture", Self.list, "--epochs", "3", "--quiet"], in: folder)
      #expect(training.status == 0, "\(training.errors)")
      let own = try CommandRun("trainer", ["evaluate", "--split", "test", "--json"], in: folder)
      #expect(own.status == 0 && own.output.contains(Self.list), "\(own.errors)")
      #expect(!own.errors.contains("tried"), "nothing is measured where the file says it all")
      let line = try CommandRun(
        "trainer", ["evaluate", "--split", "test", "--architecture", Self.list, "--quiet"],
        in: folder)
      let plain = try CommandRun("trainer", ["evaluate", "--split", "test", "--quiet"], in: folder)
      #expect(line.status == 0 && line.output == plain.output, "\(line.errors)")
    }
  }

  @Test func aListThatDoesNotFitIsOneLine() throws {
    try withTemporaryFolder { folder in
      for (list, message) in [
        ("conv(8,3) linear(10)", "layer 2, linear(10)"), ("conv(8,3) foo", "unknown layer \"foo\""),
        ("conv(8,30) flatten linear(10)", "layer 1, conv(8,30)"),
      ] {
        let run = try CommandRun(
          "trainer", ["train", "--architecture", list, "--epochs", "1"], in: folder)
        #expect(run.status == 1 && run.errors.contains(message), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1)
      }
    }
  }
}
