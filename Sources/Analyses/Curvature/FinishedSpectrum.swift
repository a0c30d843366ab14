internal import Artifacts
internal import FileFormats
internal import Foundation
internal import HessianSpectra
internal import Krylov

extension FinishedSpectrum {
  /// Reads what a run wrote, without its eigenvectors; needs neither model nor data.
  ///
  /// - Parameter folder: Path of the run's folder.
  /// - Throws: `ArtifactError` for files that are missing or damaged; `AnalysisError` for arrays that do
  ///   not fit each other.
  public init(folder: String) throws {
    let path = folder + "/spectrum.npz"
    summary = try JSON.read(SpectrumSummary.self, from: folder + "/summary.json")
    let file = try NPZFile(path: path)
    paths = [folder + "/summary.json", path]
    guard file.contains("nodes") else {
      spectrum = Spectrum(
        result: summary.spectrum, density: nil, grid: [], curve: [], eigenvectors: [])
      return
    }
    let nodes = try file.array("nodes")
    let weights = try file.array("weights")
    let (grid, values) = (try file.array("grid").doubles(), try file.array("density").doubles())
    let errors = try file.array("density_standard_error").doubles()
    guard nodes.shape.count == 2, nodes.shape == weights.shape, nodes.count > 0,
      grid.count == values.count, grid.count == errors.count
    else {
      throw AnalysisError(
        "has arrays that do not fit each other; make the run again", subject: path)
    }
    let (nodeValues, weightValues) = (nodes.doubles(), weights.doubles())
    let steps = nodes.shape[1]
    let probes = (0..<nodes.shape[0]).map { probe in
      // Rows are filled up with NaN.
      let kept = (probe * steps..<(probe + 1) * steps).filter {
        nodeValues[$0].isFinite && weightValues[$0].isFinite
      }
      return SpectralDensity.Quadrature(
        nodes: kept.map { nodeValues[$0] }, weights: kept.map { weightValues[$0] })
    }
    let density = SpectralDensity(
      dimension: summary.spectrum.dimension, probes: probes, applications: summary.products)
    spectrum = Spectrum(
      result: summary.spectrum, density: density, grid: grid,
      curve: zip(values, errors).map {
        SpectralDensity.Estimate(value: $0, standardError: $1.isFinite ? $1 : nil)
      }, eigenvectors: [])
  }
}
