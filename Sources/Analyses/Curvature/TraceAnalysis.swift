internal import Artifacts
internal import HessianSpectra
public import Krylov
internal import Settings

/// How a trace is estimated.
public enum TraceMethod: String, Codable, CaseIterable, Sendable {
  /// Random sign vectors; can stop at a wanted error.
  case hutchinson
  /// Large eigenvalues first, random sign vectors for the rest.
  case hutchPlusPlus = "hutch++"
  /// Large eigenvalues first, each vector in turn left out for an estimate of the rest.
  case xTrace = "xtrace"
}

/// How a trace is estimated, and with how many products.
public struct TraceConfiguration: Codable, Equatable, Sendable {
  /// The method.
  public var method = TraceMethod.hutchPlusPlus
  /// Products with the matrix.
  public var products = 60
  /// With Hutchinson's method: standard error to stop at, relative to the trace; nil for all products.
  public var relativeError: Double?

  /// Creates the configuration with Hutch++ and 60 products.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    guard (4...1_000_000).contains(products) else {
      throw AnalysisError("\(.products) \(products) is outside 4 ... 1000000")
    }
    if let relativeError {
      guard relativeError > 0, relativeError < 1 else {
        throw AnalysisError("\(.relativeError) \(relativeError) is outside 0 ... 1")
      }
      guard method == .hutchinson else {
        throw AnalysisError("\(.relativeError) needs \(.method) hutchinson")
      }
    }
  }
}

/// What `trace.json` holds.
public struct TraceSummary: Codable, Equatable, Sendable {
  /// `trace`.
  public var kind: String
  /// Where the numbers come from.
  public var source: CurvatureSource
  /// The trace with its standard error.
  public var trace: TraceEstimate
  /// Mean eigenvalue, trace / dimension.
  public var meanEigenvalue: Double
  /// Products that the run took, those of an interrupted part included.
  public var products: Int
}

extension OpenedModel {
  /// The trace of a curvature matrix at the weights, with its standard error.
  ///
  /// - Parameters:
  ///   - configuration: The method.
  ///   - curvature: The matrix.
  ///   - folder: Gets finished products while they are needed (`trace.products`), and `trace.json`; nil
  ///     to keep nothing.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The trace.
  /// - Throws: As for a spectrum.
  public func trace(
    _ configuration: TraceConfiguration = TraceConfiguration(),
    of curvature: CurvatureConfiguration = CurvatureConfiguration(), in folder: RunFolder?,
    context: RunContext = RunContext()
  ) throws -> TraceSummary {
    try configuration.validate()
    let folder = context.own(folder)
    let run = try CurvatureRun("trace", of: self, curvature, in: folder, context)
    let estimate = try run.trace(configuration)
    let summary = TraceSummary(
      kind: "trace", source: run.finishedSource, trace: estimate,
      meanEigenvalue: estimate.value / Double(run.selection.count), products: run.counter.total)
    if let folder { try JSON.write(summary, to: folder.file("trace.json")) }
    run.finish()
    return summary
  }
}

extension CurvatureRun {
  /// The trace of the chosen block.
  fileprivate func trace(_ settings: TraceConfiguration) throws -> TraceEstimate {
    let (products, seed) = (settings.products, configuration.seed)
    return try context.work("trace") { work in
      let recorded = try recordedOperator(vectors: products, inBlocks: true)
      let blockSize = recorded.base.directionsAtOnce
      let matrix = ObservedOperator(recorded) { done in
        show(work, done, of: products + 2, detail: "")
      }
      try verifyDeterminism(of: matrix, seed: seed)
      switch settings.method {
      case .hutchinson:
        return try hutchinsonTrace(
          of: matrix, samples: products, seed: seed,
          targetRelativeError: settings.relativeError, blockSize: blockSize)
      case .hutchPlusPlus:
        return try hutchPlusPlusTrace(
          of: matrix, applications: products, seed: seed, blockSize: blockSize)
      case .xTrace:
        return try xTrace(of: matrix, applications: products, seed: seed, blockSize: blockSize)
      }
    }
  }
}
