package import Analyses
internal import Artifacts
internal import GradientRatios
internal import NeuralNetworks
package import Plotting
internal import Training

/// The share of gradient ratios below 0 over the epochs of trainings.
package struct RatioCourseFigure {
  private let course: RatioCourse

  /// Draws the courses of trainings.
  package init(_ course: RatioCourse) { self.course = course }

  /// The figure.
  package var figure: Figure {
    let chart = LineChart(
      series: course.runs.enumerated().flatMap { series($0.element, color: .ofSeries($0.offset)) },
      xAxis: Axis(course.numbering == .epoch ? "epoch" : "checkpoint"),
      leftAxis: Axis("ratios below 0 (%)", range: 0...100))
    return Figure(
      panels: [Panel(chart: .lines(chart))],
      title: course.runs.count == 1 ? "\(course.runs[0].name) (\(course.architecture))" : "",
      caption: caption)
  }

  /// One line for each kind of statistics, with its spread over the batches.
  private func series(_ run: RatioCourse.Run, color: Color) -> [Series] {
    let modes: [NormalizationMode?] = [.batch, .inference, nil]
    return modes.compactMap { mode in
      let points = run.points.filter { $0.batchNorm == mode }
      guard !points.isEmpty else { return nil }
      let means = points.map { 100 * ($0.batches?.mean ?? .nan) }
      let deviations = points.map { 100 * ($0.batches?.standardDeviation ?? 0) }
      return Series(
        [run.name, Self.text(mode)].compactMap(\.self).joined(separator: ", "),
        x: points.map { Double($0.number) }, y: means,
        band: .init(
          lower: zip(means, deviations).map { max($0 - $1, 0) },
          upper: zip(means, deviations).map { min($0 + $1, 100) }, label: "", style: .bars),
        color: color, dash: mode == .inference ? .dashed : .solid,
        dots: true)
    }
  }

  private static func text(_ mode: NormalizationMode?) -> String? {
    switch mode {
    case .batch?: "statistics of batches"
    case .inference?: "running statistics"
    case nil: nil
    }
  }

  private var caption: String {
    let batches = course.runs.flatMap(\.points).compactMap(\.batches?.count).max() ?? 1
    return
      "Share of the parameters whose gradient changes by less than itself under SAM's perturbation, rho "
      + "\(course.rho), of single batches of \(course.batchSize) samples: mean of \(batches) batches"
      + (batches > 1 ? ", bars: standard deviation over them." : ".")
      + " No weight decay. SAM's steps use the statistics of batches."
  }
}
