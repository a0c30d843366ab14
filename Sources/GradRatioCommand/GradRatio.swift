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
      parameters of a network, both gradients on the same batches and without weight decay. Batch \
      norms use the statistics of each batch, as SAM's own steps do; with running statistics \
      (--batch-norm inference) far fewer ratios are below 0 late in a training.

      \(EngineOptions.engineDescription)
      """,
    version: Toolkit.version,
    subcommands: [HistogramCommand.self, CourseCommand.self])
}
