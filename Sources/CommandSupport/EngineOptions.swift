package import ArgumentParser
package import GraphRuntime
package import LinearAlgebra
internal import Foundation

extension ConvolutionChoice: ExpressibleByArgument {}

/// How the work is done: threads and algorithms; results differ by rounding at most.
package struct EngineOptions: ParsableArguments {
  /// Number of worker threads.
  @Option(help: "Worker threads; the results have the same bits for any number.")
  package var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  /// Which convolution algorithms may be used.
  @Option(help: "Convolution algorithms; automatic goes by a fixed rule on shapes.")
  package var convolution: ConvolutionChoice = .automatic

  /// Creates the options with their defaults.
  package init() {}

  /// Checks ranges.
  package func validate() throws {
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads \(threads) is outside 1 ... 1024.")
    }
  }

  /// The threads.
  package func pool() -> WorkerPool { WorkerPool(threadCount: threads) }

  /// Versions of the libraries that do the arithmetic, for reports.
  package static var libraries: [String: String] {
    [
      "oneDNN": OneDNN.version, "OpenBLAS": OpenBLAS.version,
      "instruction set": OneDNN.instructionSet,
    ]
  }

  /// One line for `--help`: what this machine uses.
  package static var engineDescription: String {
    "Arithmetic: oneDNN \(OneDNN.version) with \(OneDNN.instructionSet) on this machine; "
      + GraphExecutor.convolutionRule
  }
}

/// Version of the toolkit.
package enum Toolkit {
  /// Version like `0.1.0`.
  package static let version = "0.1.0"
}
