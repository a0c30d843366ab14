import Analyses
import ArgumentParser
import CommandSupport

/// Curvature of the loss of trained networks.
@main
struct Hessian: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hessian",
    abstract: "Measure the curvature of the loss of a trained network at its weights.",
    discussion: """
      hessian spectrum model.ckpt --lanczos 100 takes 100 exact products of the Hessian with \
      vectors and reports the eigenvalues at both ends, each with an error bound, lambda1/lambda5, \
      the trace with its standard error, and the spectral density as a figure. A checkpoint \
      written by trainer needs no further option; for one that somebody else wrote, --data and \
      --normalize say what it was trained with. An interrupted run continues when the same \
      command is given again.

      \(EngineOptions.engineDescription)
      """,
    version: Toolkit.version,
    subcommands: [SpectrumCommand.self, TraceCommand.self, LayersCommand.self])
}
