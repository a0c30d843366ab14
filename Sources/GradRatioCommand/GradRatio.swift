import Analyses
import ArgumentParser
import CommandSupport

/// How different the gradient of SAM is from the plain one.
@main
struct GradRatio: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradratio",
    abstract: "Compare the gradient of SAM with the plain gradient, parameter by parameter.",
    discussion: """
      gradratio histogram draws the distribution of r = log |(g_SAM - g_SGD) / g_SGD| over the \
      parameters of a network, both gradients on the same batches and without weight decay.

      \(EngineOptions.engineDescription)
      """,
    version: Toolkit.version,
    subcommands: [HistogramCommand.self])
}
