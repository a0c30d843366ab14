package import Analyses
internal import Artifacts
internal import Foundation
internal import HessianSpectra
internal import Krylov
package import Plotting

/// Densities of one or several models on one log axis.
package struct SpectrumFigure {
  private let runs: [FinishedSpectrum]

  /// Draws spectra.
  ///
  /// - Precondition: There is at least one.
  package init(_ runs: [FinishedSpectrum]) {
    precondition(!runs.isEmpty, "a figure shows at least one spectrum")
    self.runs = runs
  }

  private var isSingle: Bool { runs.count == 1 }

  /// The figure.
  package var figure: Figure {
    let curves = runs.indices.map(series)
    let chart = LineChart(
      series: curves,
      xAxis: Axis("eigenvalue"),
      leftAxis: Axis("density", kind: .logarithmic, range: range(curves)), verticalMarkers: markers,
      rug: isSingle
        ? Rug(values: runs[0].summary.spectrum.ritzValues.map(\.value), label: "Ritz values")
        : nil)
    let matrix = runs[0].summary.source.matrix.title
    return Figure(
      panels: [Panel(chart: .lines(chart))],
      title: isSingle
        ? "\(matrix.capitalizedFirst) of \(runs[0].summary.source.title)"
        : "Spectra of the \(matrix)", caption: caption)
  }

  private func color(_ index: Int) -> Color { Color.ofSeries(index) }

  private func name(_ index: Int) -> String {
    guard !isSingle else { return "spectral density" }
    let summary = runs[index].summary
    guard let first = summary.spectrum.largest.first else { return summary.source.title }
    var text = summary.source.title + ": λ₁ = \(fourDigits(first.value))"
    if let ratio = summary.spectrum.ratio { text += ", λ₁/λ₅ = \(fourDigits(ratio.value))" }
    return text
  }

  /// Width of the Gaussians: one for all curves, or they could not be compared.
  private var width: Double {
    runs.compactMap { $0.summary.spectrum.density?.gaussianWidth }.max() ?? 1
  }

  /// A curve that goes on until it has left the plot on both sides.
  private func curve(_ index: Int) -> (x: [Double], y: [SpectralDensity.Estimate]) {
    guard let density = runs[index].spectrum.density else { return ([], []) }
    let low = density.range.lowerBound - 7 * width
    let high = density.range.upperBound + 7 * width
    let count = 4000
    let x = (0..<count).map { low + (high - low) * Double($0) / Double(count - 1) }
    return (x, density.density(at: x, standardDeviation: width))
  }

  private func series(_ index: Int) -> Series {
    let (x, y) = curve(index)
    // Below the plot the curve only has to go on: a density that underflows is no defect.
    let floor = lowest * 1e-3
    let values = y.map { max($0.value, floor) }
    var band: Series.Band?
    if y.contains(where: { ($0.standardError ?? 0) > 0 }) {
      band = Series.Band(
        lower: y.map { max($0.value - ($0.standardError ?? 0), floor) },
        upper: y.map { max($0.value + ($0.standardError ?? 0), floor) },
        label: isSingle ? "± 1 standard error" : "")
    }
    return Series(name(index), x: x, y: values, band: band, color: color(index))
  }

  /// A tenth of what one single eigenvalue draws.
  private var lowest: Double {
    let dimension = runs.map(\.summary.spectrum.dimension).max() ?? 1
    return 0.1 / (Double(dimension) * width * (2 * Double.pi).squareRoot())
  }

  /// From what a single eigenvalue draws to the top of the highest curve.
  private func range(_ series: [Series]) -> ClosedRange<Double> {
    let highest =
      series.flatMap { item -> [Double] in
        if case .curve(_, let y, _, _) = item.geometry { return y }
        return []
      }.max() ?? 1
    return min(lowest, highest / 10)...(highest * 2)
  }

  private var markers: [VerticalMarker] {
    runs.indices.flatMap { index -> [VerticalMarker] in
      let values = runs[index].summary.spectrum.largest
      let color = isSingle ? Color(gray: 0.25) : color(index)
      var result: [VerticalMarker] = []
      if let first = values.first {
        result.append(
          VerticalMarker(
            x: first.value, label: isSingle ? "λ₁ = \(fourDigits(first.value))" : "", color: color))
      }
      if values.count >= 5 {
        result.append(
          VerticalMarker(
            x: values[4].value, label: isSingle ? "λ₅ = \(fourDigits(values[4].value))" : "",
            color: color, dash: .dotted))
      }
      return result
    }
  }

  private var caption: String {
    let first = runs[0].summary
    var text = first.source.caption
    let probes = first.settings.probes == 1 ? "1 probe" : "\(first.settings.probes) probes"
    text +=
      " Stochastic Lanczos quadrature, \(first.settings.steps) steps, \(probes), seed "
      + "\(first.settings.seed); Gaussian width "
      + fourDigits(width) + "."
    if isSingle {
      if let ratio = first.spectrum.ratio {
        text +=
          " λ₁/λ₅ = \(fourDigits(ratio.value)) ± \(String(format: "%.1g", ratio.bound))"
          + (ratio.isConverged ? "." : " (not converged).")
      }
      if let trace = first.spectrum.trace, let error = trace.standardError {
        text +=
          " Trace \(fourDigits(trace.value)) ± \(String(format: "%.2g", error)) (standard error)."
      }
    } else {
      text += " Dashed lines: λ₁; dotted lines: λ₅."
    }
    return text
  }
}
