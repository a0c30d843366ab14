import Analyses
import ArgumentParser
import CommandSupport

/// Training and evaluation of networks.
@main
struct TrainerTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trainer",
    abstract: "Train networks with SGD, AdamW, SAM and sparse SAM, and evaluate them.",
    discussion: """
      trainer train --data digits trains a small network on the digits that come with the program \
      and writes model.ckpt, which the other commands read without any option. An interrupted \
      training continues when the same command is given again, with the bits of an undisturbed one, on any \
      number of threads and ranks.

      \(EngineOptions.engineDescription)
      """,
    version: Toolkit.version,
    subcommands: [
      Train.self, Sweep.self, Curves.self, Evaluate.self, DataReport.self, Operators.self,
    ])
}
