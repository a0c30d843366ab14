internal import Artifacts
internal import FileFormats
internal import HessianSpectra
internal import Krylov

/// Arrays and summary of a spectrum.
enum SpectrumFiles {
  /// Writes `summary.json`, `spectrum.npz` and, where there are any, `eigenvectors.npz`.
  ///
  /// The summary first: what is large must not take what is small with it when the disk is full.
  static func write(
    _ summary: SpectrumSummary, _ spectrum: Spectrum<Float>, _ selection: ParameterSelection,
    to folder: RunFolder
  ) throws -> [String] {
    var paths = [folder.file("summary.json"), folder.file("spectrum.npz")]
    try JSON.write(summary, to: paths[0])
    try arrays(spectrum).write(to: paths[1])
    if !spectrum.eigenvectors.isEmpty {
      let path = folder.file("eigenvectors.npz")
      try EigenvectorFile.write(
        spectrum.eigenvectors,
        values: summary.spectrum.largest + summary.spectrum.smallest,
        selection: selection, to: path)
      paths.append(path)
    }
    return paths
  }

  /// `ritz_values`, `ritz_bounds`; `grid`, `density`, `density_standard_error`; `nodes` and
  /// `weights`, one row per probe, filled up with NaN and 0.
  private static func arrays(_ spectrum: Spectrum<Float>) -> NPZWriter {
    var writer = NPZWriter(isCompressed: true)
    let ritz = spectrum.result.ritzValues
    writer.add("ritz_values", NumericArray(ritz.map(\.value)))
    writer.add("ritz_bounds", NumericArray(ritz.map(\.residualBound)))
    writer.add(
      "ritz_converged", NumericArray(ritz.map { $0.isConverged ? UInt8(1) : 0 }))
    guard let density = spectrum.density else { return writer }
    writer.add("grid", NumericArray(spectrum.grid))
    writer.add("density", NumericArray(spectrum.curve.map(\.value)))
    writer.add(
      "density_standard_error", NumericArray(spectrum.curve.map { $0.standardError ?? .nan }))
    let steps = density.probes.map(\.nodes.count).max() ?? 0
    func rows(_ filler: Double, _ values: (SpectralDensity.Quadrature) -> [Double]) -> [Double] {
      density.probes.flatMap { probe in
        values(probe) + [Double](repeating: filler, count: steps - probe.nodes.count)
      }
    }
    let shape = [density.probes.count, steps]
    writer.add("nodes", NumericArray(rows(.nan, \.nodes), shape: shape))
    writer.add("weights", NumericArray(rows(0, \.weights), shape: shape))
    return writer
  }
}
