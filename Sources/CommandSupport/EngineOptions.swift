package import Analyses
public import ArgumentParser
internal import Communication
package import GraphRuntime
package import LinearAlgebra
internal import MessagePassing

extension ConvolutionChoice: ExpressibleByArgument {}

/// How the work is done: threads and algorithms; results differ by rounding at most.
package struct EngineOptions: ParsableArguments {
  /// Number of worker threads.
  @Option(help: "Worker threads; the results have the same bits for any number.")
  package var threads: Int = EngineSettings().threads

  /// Which convolution algorithms may be used.
  @Option(help: "Convolution algorithms; automatic goes by a fixed rule on shapes.")
  package var convolution: ConvolutionChoice = EngineSettings().convolution

  /// Creates the options with their defaults.
  package init() {}

  /// The settings.
  package var settings: EngineSettings {
    EngineSettings(threads: threads, convolution: convolution)
  }

  /// Checks ranges.
  package func validate() throws { try checkOptions { try settings.validate() } }

  /// The threads.
  package func pool() -> WorkerPool { WorkerPool(threadCount: threads) }

  /// Lines for `--help`: what this machine uses, and how several do a run together.
  package static var engineDescription: String {
    """
    Arithmetic: oneDNN \(OneDNN.version) with \(OneDNN.instructionSet) on this machine; \
    \(GraphExecutor.convolutionRule)

    \(ranksDescription)
    """
  }

  /// How many ranks, threads and hosts there are, and how to start more.
  static var ranksDescription: String {
    let ranks = ProcessRank.count
    let here =
      "Ranks: \(ranks == 1 ? "one process" : "\(ranks) processes"), by default with "
      + "\(EngineSettings().threads) threads on \(ranks == 1 ? "" : "each host like ")"
      + "\(Communication.machineName()); "
    return here
      + (ProcessRank.isBuiltWithMPI
        ? "mpirun -n N or srun in front of a command starts several, on one host or many."
        : "several of them, on one host or many, need swift build --traits MPI, and mpirun.")
  }
}
