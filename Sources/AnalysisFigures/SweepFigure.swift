package import Analyses
internal import Artifacts
internal import NeuralNetworks
internal import Objectives
package import Plotting
internal import Training

/// The metric against sparsity, with the dense optimizers as horizontal lines.
package struct SweepFigure {
  private let summary: SweepSummary

  /// Draws a sweep.
  package init(_ summary: SweepSummary) { self.summary = summary }

  private var rows: [SweepTable.Row] { summary.table.rows }

  private var metric: Metric { summary.table.metric ?? .accuracy }

  private var sparsities: [Double] { Set(rows.compactMap(\.sparsity)).sorted() }

  private var isTested: Bool { rows.allSatisfy { $0.testScore != nil } }

  private var hasSpread: Bool { rows.contains { $0.seeds.count > 1 } }

  /// The figure; nil where no optimizer has a mask.
  package var figure: Figure? {
    guard !sparsities.isEmpty else { return nil }
    let chart = LineChart(
      series: dense + sparse,
      xAxis: Axis(
        "sparsity of the mask", range: range,
        names: sparsities.enumerated().map {
          Tick(value: Double($0.offset), label: SweepMember.text($0.element))
        }),
      leftAxis: Axis((isTested ? "test " : "best held out, ") + metric.label))
    return Figure(
      panels: [Panel(chart: .lines(chart))], title: summary.title, caption: caption)
  }

  /// Sparsities stand at 0, 1, 2, ...: most are near 1, where a true scale would crowd them.
  private var range: ClosedRange<Double> { -0.4...(Double(sparsities.count) - 0.6) }

  private func spread(_ row: SweepTable.Row) -> Spread? {
    isTested ? row.testScore : row.bestValidationScore
  }

  private func color(_ optimizer: OptimizerName) -> Color {
    let order: [OptimizerName] = [
      .ssamF, .ssamD, .sam, .asam, .adamW, OptimizerName(.sam, base: .adamW),
      OptimizerName(.ssamF, base: .adamW), OptimizerName(.ssamD, base: .adamW),
      OptimizerName(.asam, base: .adamW),
    ]
    return order.firstIndex(of: optimizer).map { .ofSeries($0) } ?? Color(gray: 0.35)
  }

  private var sparse: [Series] {
    let optimizers = OptimizerName.allCases.filter { name in
      name.isSparse && rows.contains { $0.optimizer == name }
    }
    return optimizers.enumerated().map { index, optimizer in
      // Side by side, or their bars would cover each other.
      let shift = 0.1 * (Double(index) - Double(optimizers.count - 1) / 2)
      let points = sparsities.enumerated().compactMap { position, sparsity in
        rows.first { $0.optimizer == optimizer && $0.sparsity == sparsity }
          .flatMap(spread).map { (x: Double(position) + shift, value: $0) }
      }
      return Series(
        optimizer.rawValue.uppercased(), x: points.map(\.x),
        y: points.map { metric.drawn($0.value.mean) },
        band: band(points.map(\.value), style: .bars), color: color(optimizer), dots: true)
    }
  }

  private var dense: [Series] {
    rows.filter { $0.sparsity == nil }.compactMap { row in
      guard let value = spread(row) else { return nil }
      return Series(
        row.optimizer.rawValue.uppercased(), x: [range.lowerBound, range.upperBound],
        y: [metric.drawn(value.mean), metric.drawn(value.mean)],
        band: band([value, value], style: .area),
        color: color(row.optimizer), dash: .dashed)
    }
  }

  /// One standard deviation to both sides.
  private func band(_ values: [Spread], style: Series.Band.Style) -> Series.Band? {
    guard hasSpread else { return nil }
    func deviation(_ value: Spread) -> Double { value.standardDeviation ?? 0 }
    return Series.Band(
      lower: values.map { metric.drawn($0.mean - deviation($0)) },
      upper: values.map { metric.drawn($0.mean + deviation($0)) }, label: "", style: style)
  }

  private var caption: String {
    let what =
      isTested
      ? "Test \(metric.title) after the last epoch" : "Best \(metric.title) on the part held out"
    let over =
      hasSpread
      ? ", mean over the seeds; bars and bands: ± 1 standard deviation. " : ". "
    return what + over + "Sparsities are evenly spaced. "
      + summary.settings.prefix(1).uppercased() + summary.settings.dropFirst()
  }
}
