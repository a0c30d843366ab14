internal import Objectives
internal import Datasets
internal import Artifacts
public import HessianSpectra
internal import Krylov
public import LinearAlgebra
internal import Settings

/// What `summary.json` of a spectrum holds.
public struct SpectrumSummary: Codable, Equatable, Sendable {
  /// `spectrum`.
  public var kind: String
  /// Where the numbers come from.
  public var source: CurvatureSource
  /// What was looked for.
  public var settings: SpectrumSettings
  /// The numbers.
  public var spectrum: SpectrumResult
  /// Products that the run took, those of an interrupted part included; without those of `subsets`.
  public var products: Int
  /// The same numbers over disjoint parts of the samples; absent unless asked for.
  public var subsets: SubsetSpread?
}

/// A spectrum with what is too large for its summary.
public struct FinishedSpectrum: Sendable {
  /// Numbers and provenance.
  public let summary: SpectrumSummary
  /// Density and eigenvectors.
  public let spectrum: Spectrum<Float>
  /// Paths of the files that were written, the summary first.
  public let paths: [String]
}

extension OpenedModel {
  /// Eigenvalues at both ends with error bounds, lambda1/lambda5, trace and density of a curvature
  /// matrix at the weights.
  ///
  /// - Parameters:
  ///   - configuration: Which part of the spectrum.
  ///   - curvature: The matrix.
  ///   - folder: Gets finished products while they are needed (`spectrum.products`, with which the same
  ///     call continues an interrupted run to the same bits), `summary.json`, `spectrum.npz` and, where
  ///     they are wanted, `eigenvectors.npz`; nil to keep nothing.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The spectrum.
  /// - Throws: `AnalysisError` for the configuration, the memory and a loss that is not finite;
  ///   `SpectrumError` for the selection and the folder; `KrylovError`, and what cancels the run.
  public func spectrum(
    _ configuration: SpectrumConfiguration = SpectrumConfiguration(),
    of curvature: CurvatureConfiguration = CurvatureConfiguration(), in folder: RunFolder?,
    context: RunContext = RunContext()
  ) throws -> FinishedSpectrum {
    try configuration.validate()
    let folder = context.own(folder)
    let run = try CurvatureRun("spectrum", of: self, curvature, in: folder, context)
    let settings = try configuration.settings(of: run)
    let parts = try sampleParts(configuration.subsets, seed: curvature.seed)
    let spectrum = try run.spectrum(
      settings, title: "spectrum", keepsEigenvectors: configuration.keepsEigenvectors)
    run.risk.releasePlans()
    let subsets = try parts.map { part in
      let run = try CurvatureRun("spectrum", of: self, curvature, in: folder, context, part: part)
      return (run: run, values: try run.subset(settings))
    }
    let summary = SpectrumSummary(
      kind: "spectrum", source: run.finishedSource, settings: settings,
      spectrum: spectrum.result, products: run.counter.total,
      subsets: SubsetSpread(subsets.map(\.values)))
    let paths = try folder.map {
      try SpectrumFiles.write(summary, spectrum, run.selection, to: $0)
    }
    for run in [run] + subsets.map(\.run) { run.finish() }
    return FinishedSpectrum(summary: summary, spectrum: spectrum, paths: paths ?? [])
  }
}

extension CurvatureRun {
  /// Eigenvalues and trace over the part of the samples.
  fileprivate func subset(_ settings: SpectrumSettings) throws -> SubsetSpread.Subset {
    var settings = settings
    settings.probes = 0
    let count = part?.identity.count ?? 1
    let title = "part \((part?.identity.index ?? 0) + 1) of \(count)"
    let result = try spectrum(settings, title: title, keepsEigenvectors: false).result
    risk.releasePlans()
    return SubsetSpread.Subset(samples: samples.count, loss: loss, result, products: counter.total)
  }

  /// The spectrum of the chosen block.
  fileprivate func spectrum(
    _ settings: SpectrumSettings, title: String, keepsEigenvectors: Bool
  ) throws -> Spectrum<Float> {
    let matrix = try recordedOperator(
      vectors: settings.maximumBasisSize ?? settings.steps, inBlocks: settings.traceSamples > 0)
    if let size = settings.maximumBasisSize, part == nil {
      context.remark(
        "\(size) of \(settings.steps) basis vectors fit in half of \(memoryText): "
          + "the basis is restarted, and the density has the resolution of \(size) steps")
    }
    return try context.work(title) { work in
      let total = settings.products + Self.checkProducts
      show(work, 0, of: total, detail: "checking that products repeat")
      try verifyDeterminism(of: matrix, seed: settings.seed)
      return try computeSpectrum(
        of: matrix, settings: settings, blockSize: matrix.base.directionsAtOnce,
        ranks: ranks, keepsEigenvectors: keepsEigenvectors,
        progress: { state in
          let detail = state.largest.map { "lambda1 \(fourDigits($0.value)) ± \(boundText($0))" }
          show(work, state.products + Self.checkProducts, of: total, detail: detail ?? "")
        },
        arithmeticError: { try arithmeticError(of: matrix, at: $0) })
    }
  }
}
