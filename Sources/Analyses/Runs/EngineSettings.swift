public import Foundation
public import GraphRuntime
public import LinearAlgebra
internal import Settings

/// How the work is done: threads and algorithms; results differ by rounding at most.
public struct EngineSettings: Codable, Equatable, Sendable {
  /// Number of worker threads; the results have the same bits for any number.
  public var threads: Int
  /// Which convolution algorithms may be used.
  public var convolution: ConvolutionChoice

  /// Creates settings; by default as many threads as there are processors.
  public init(
    threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    convolution: ConvolutionChoice = .automatic
  ) {
    self.threads = threads
    self.convolution = convolution
  }

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    guard (1...1024).contains(threads) else {
      throw AnalysisError("\(.threads) \(threads) is outside 1 ... 1024")
    }
  }

  /// The threads.
  ///
  /// - Throws: `AnalysisError` when their number is out of range.
  public func pool() throws(AnalysisError) -> WorkerPool {
    try validate()
    return WorkerPool(threadCount: threads)
  }
}
