package import Analyses
public import ArgumentParser
package import GraphRuntime
package import LinearAlgebra

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

  /// One line for `--help`: what this machine uses.
  package static var engineDescription: String {
    "Arithmetic: oneDNN \(OneDNN.version) with \(OneDNN.instructionSet) on this machine; "
      + GraphExecutor.convolutionRule
  }
}
