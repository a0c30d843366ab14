internal import Analyses
internal import AnalysisFigures
internal import Foundation
internal import HessianSpectra
internal import Krylov
internal import Plotting

/// Eigenvalues, traces and densities.
struct SpectrumSection: ReportSection {
  let runs: [FinishedSpectrum]
  let traces: [TraceSummary]

  let id = "spectra"
  let title = "Spectrum"
  var isEmpty: Bool { runs.isEmpty && traces.isEmpty }

  func contents() throws -> [HTML] {
    var parts = [
      HTML.reading(
        says:
          "How curved the loss is: lambda1 is the curvature in the steepest direction, the trace the sum over "
          + "all, lambda1/lambda5 how much one direction stands out. The density says what share of all "
          + "eigenvalues lies where. Each eigenvalue lies within its bound of an exact one.",
        saysNot:
          "Small curvature is no proof of generalisation, and numbers over other samples, losses or batch-norm "
          + "modes cannot be compared. What has not converged is a bound, not an eigenvalue. The density is "
          + "smoothed: its peaks are as wide as the Gaussians, and negative parts near 0 may be rounding."
      )
    ]
    let drawn = runs.filter { $0.spectrum.density != nil }
    if !drawn.isEmpty {
      parts.append(
        try InteractiveFigure.html(
          views: [("view-spectra", chart(drawn))], picture: SpectrumFigure(drawn).figure,
          description: "Density of the eigenvalues for \(titles(drawn)), on a logarithmic axis."))
    }
    if !runs.isEmpty { parts += [overview, eigenvalues] }
    if !traces.isEmpty { parts.append(traceTable) }
    parts += runs.compactMap(subsets)
    for run in runs {
      parts += run.summary.spectrum.warnings.map { .warning("\(run.summary.source.title): \($0)") }
    }
    return parts
  }

  private func titles(_ runs: [FinishedSpectrum]) -> String {
    runs.map(\.summary.source.title).joined(separator: " and ")
  }

  private func chart(_ runs: [FinishedSpectrum]) -> ChartView {
    // One width for all, as in the figure: otherwise heights could not be compared.
    let width = runs.compactMap { $0.summary.spectrum.density?.gaussianWidth }.max() ?? 1
    let dimension = runs.map(\.summary.spectrum.dimension).max() ?? 1
    var markers: [ChartView.Marker] = []
    let series = runs.enumerated().compactMap { index, run -> ChartView.Series? in
      guard let density = run.spectrum.density else { return nil }
      let color = Color.ofSeries(index).hexadecimal
      let grid = density.grid(count: 1500, standardDeviation: width)
      let curve = density.density(at: grid, standardDeviation: width)
      if let first = run.summary.spectrum.largest.first {
        markers.append(
          ChartView.Marker(
            x: first.value, label: "lambda1 = \(fourDigits(first.value))", color: color, row: index)
        )
      }
      if run.summary.spectrum.largest.count >= 5 {
        markers.append(
          ChartView.Marker(
            x: run.summary.spectrum.largest[4].value, color: color, isDotted: true))
      }
      let hasBand = curve.contains { ($0.standardError ?? 0) > 0 }
      func edge(_ sign: Double) -> [Double] {
        curve.map { ($0.value + sign * ($0.standardError ?? 0)).drawn ?? 0 }
      }
      return ChartView.Series(
        name: run.summary.source.title, color: color, x: grid.map { $0.drawn ?? 0 },
        y: curve.map { $0.value > 0 ? $0.value.drawn : nil }, low: hasBand ? edge(-1) : nil,
        high: hasBand ? edge(1) : nil)
    }
    // A tenth of what one single eigenvalue draws.
    let floor = 0.1 / (Double(dimension) * width * (2 * Double.pi).squareRoot())
    return ChartView(
      title: title, x: "eigenvalue", y: "density", log: true, floor: floor, series: series,
      markers: markers)
  }

  private var overview: HTML {
    .comparison(
      "Spectra in numbers",
      columns: [
        "network", "matrix", "loss", "dimension", "lambda1/lambda5", "trace", "negative mass",
        "smallest", "error floor", "products", "ended",
      ],
      rows: runs.map { run in
        let (source, result) = (run.summary.source, run.summary.spectrum)
        return [
          source.title, source.matrix.title, fourDigits(source.loss), "\(result.dimension)",
          Self.ratio(result.ratio), Self.trace(result.trace),
          result.density.map { RatioText.percent($0.negativeMass.value) } ?? "none",
          result.smallest.first.map { fourDigits($0.value) } ?? "none",
          Self.error(result.errorFloor), "\(run.summary.products)", result.stopReason,
        ]
      })
  }

  /// The networks side by side; what one has fewer of stays empty.
  private var eigenvalues: HTML {
    func rows(_ name: (Int) -> String, _ values: (SpectrumResult) -> [RitzValue]) -> [[String]] {
      let count = runs.map { values($0.summary.spectrum).count }.max() ?? 0
      return (0..<count).map { index in
        [name(index)]
          + runs.map { run in
            let result = run.summary.spectrum
            guard index < values(result).count else { return "" }
            let value = values(result)[index]
            return "\(fourDigits(value.value)) ± \(boundText(value, floor: result.errorFloor))"
              + (value.isConverged ? "" : " (not converged)")
          }
      }
    }
    return .table(
      "Eigenvalues with their bounds", columns: ["eigenvalue"] + runs.map(\.summary.source.title),
      rows: rows({ "lambda\($0 + 1)" }, \.largest)
        + rows({ $0 == 0 ? "smallest" : "smallest, \($0 + 1)." }, \.smallest))
  }

  private var traceTable: HTML {
    .table(
      "Traces", columns: ["network", "matrix", "trace", "mean eigenvalue", "method", "products"],
      rows: traces.map {
        [
          $0.source.title, $0.source.matrix.title, Self.trace($0.trace),
          fourDigits($0.meanEigenvalue),
          $0.trace.method.rawValue, "\($0.products)",
        ]
      })
  }

  /// The spread over parts of the samples, where it was measured.
  private func subsets(_ run: FinishedSpectrum) -> HTML? {
    guard let spread = run.summary.subsets else { return nil }
    let rows = [
      ("lambda1", spread.lambda1), ("lambda1/lambda5", spread.ratio), ("trace", spread.trace),
    ]
    return .table(
      "\(run.summary.source.title): over \(spread.subsets.count) disjoint parts of "
        + "\(spread.subsets.first?.samples ?? 0) samples (lambda1 of fewer samples is larger on average)",
      columns: ["number", "mean", "± standard error", "smallest", "largest"],
      rows: rows.compactMap { name, estimate in
        estimate.map {
          [
            name, fourDigits($0.mean), Self.error($0.standardError), fourDigits($0.smallest),
            fourDigits($0.largest),
          ]
        }
      })
  }

  static func error(_ value: Double) -> String { String(format: "%.1e", value) }

  static func trace(_ trace: TraceEstimate?) -> String {
    guard let trace else { return "none" }
    return fourDigits(trace.value)
      + (trace.standardError.map { " ± " + String(format: "%.2g", $0) } ?? "")
  }

  static func ratio(_ ratio: EigenvalueRatio?) -> String {
    guard let ratio else { return "none" }
    return "\(fourDigits(ratio.value)) ± \(String(format: "%.1g", ratio.bound))"
      + (ratio.isConverged ? "" : " (not converged)")
  }
}
