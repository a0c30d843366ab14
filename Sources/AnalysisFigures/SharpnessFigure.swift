package import Analyses
internal import Artifacts
internal import Foundation
package import Plotting

/// Sharpness against rho: a panel for each measure, a line for each network and size of the parts.
package struct SharpnessFigure {
  private let summaries: [SharpnessSummary]
  private let titles: [String]

  /// Draws the sharpness of networks.
  ///
  /// - Precondition: There is at least one.
  package init(_ summaries: [SharpnessSummary]) {
    precondition(!summaries.isEmpty, "a figure shows at least one network")
    self.summaries = summaries
    titles = SharpnessSummary.titles(of: summaries)
  }

  private var isSingle: Bool { summaries.count == 1 }

  /// The figure.
  package var figure: Figure {
    let measures = SharpnessMeasure.allCases.filter { measure in
      summaries.contains { $0.entries.contains { $0.measure == measure } }
    }
    return Figure(
      panels: measures.map { Panel(title: $0.title, chart: .lines(chart($0))) },
      title: isSingle ? summaries[0].title : "", caption: caption)
  }

  private func chart(_ measure: SharpnessMeasure) -> LineChart {
    let series = summaries.enumerated().flatMap { lines(measure, of: $1, number: $0) }
    let values = series.flatMap { series -> [Double] in
      if case .curve(_, let y, _, _) = series.geometry { return y }
      return []
    }
    let isPositive = values.allSatisfy { $0 > 0 }
    return LineChart(
      series: series, xAxis: Axis("rho", kind: .logarithmic),
      leftAxis: Axis("rise of the loss", kind: isPositive ? .logarithmic : .linear),
      plotAspect: 0.8)
  }

  private func lines(
    _ measure: SharpnessMeasure, of summary: SharpnessSummary, number: Int
  ) -> [Series] {
    let entries = summary.entries.filter { $0.measure == measure && $0.value != nil }
    let sizes = Set(entries.map(\.samples)).sorted(by: >)
    var result = sizes.enumerated().map { place, size in
      let line = entries.filter { $0.samples == size }
      let values = line.map { $0.value ?? .nan }
      let errors = line.map { $0.spread?.standardError ?? $0.drawError ?? 0 }
      let name =
        "\(size) samples" + (line.first.map { $0.parts.count > 1 } ?? false ? " a part" : "")
      return Series(
        isSingle ? name : titles[number] + ", " + name, x: line.map(\.rho), y: values,
        band: errors.allSatisfy { $0 == 0 }
          ? nil
          : Series.Band(
            lower: zip(values, errors).map { $0 - $1 }, upper: zip(values, errors).map { $0 + $1 },
            label: "", style: .bars),
        color: .ofSeries(isSingle ? place : number),
        dash: isSingle || place == 0 ? .solid : .dashed, dots: true)
    }
    let whole = entries.filter { $0.samples == sizes.first }
    if isSingle, measure.isMaximum {
      result.append(
        Series(
          "first order, rho ||g||", x: whole.map(\.rho), y: whole.map { $0.linearRise ?? .nan },
          color: Color(gray: 0.35), dash: .dotted, width: 0.9))
    }
    return result
  }

  private var caption: String {
    let settings = summaries[0].configuration
    var text = SharpnessSummary.setting(of: summaries) + " "
    if settings.measures.contains(where: \.isMaximum) {
      text +=
        "Maxima: best of \(settings.restarts) ascents of \(settings.steps) steps, a lower bound. "
    }
    if settings.measures.contains(where: { !$0.isMaximum }) {
      text += "Means: over \(settings.draws) random perturbations with both signs. "
    }
    return text
      + "Bars: standard error, over the parts or, for all samples, over the perturbations. "
      + SharpnessSummary.meaning
  }
}
