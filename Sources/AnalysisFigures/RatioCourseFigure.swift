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

  /// The share over one training, with one kind of statistics.
  package struct Line {
    /// Name of the training and of the statistics.
    package let name: String
    /// Numbers of the checkpoints.
    package let numbers: [Double]
    /// Mean over the batches, in percent; NaN where no ratio is finite.
    package let means: [Double]
    /// One standard deviation over the batches to both sides.
    package let band: (lower: [Double], upper: [Double])
    /// Colour of the training.
    package let color: Color
    /// Whether it is drawn dashed: running statistics.
    package let isDashed: Bool
  }

  /// What the numbers of the checkpoints are.
  package var xLabel: String { course.numbering == .epoch ? "epoch" : "checkpoint" }

  /// One line for each training and kind of statistics.
  package var lines: [Line] {
    course.runs.enumerated().flatMap { index, run in
      [NormalizationMode.batch, .inference, nil].compactMap { mode -> Line? in
        let points = run.points.filter { $0.batchNorm == mode }
        guard !points.isEmpty else { return nil }
        let means = points.map { 100 * ($0.batches?.mean ?? .nan) }
        let deviations = points.map { 100 * ($0.batches?.standardDeviation ?? 0) }
        return Line(
          name: [run.name, Self.text(mode)].compactMap(\.self).joined(separator: ", "),
          numbers: points.map { Double($0.number) }, means: means,
          band: (
            zip(means, deviations).map { max($0 - $1, 0) },
            zip(means, deviations).map { min($0 + $1, 100) }
          ), color: .ofSeries(index), isDashed: mode == .inference)
      }
    }
  }

  /// The figure.
  package var figure: Figure {
    let chart = LineChart(
      series: lines.map { line in
        Series(
          line.name, x: line.numbers, y: line.means,
          band: .init(lower: line.band.lower, upper: line.band.upper, label: "", style: .bars),
          color: line.color, dash: line.isDashed ? .dashed : .solid, dots: true)
      },
      xAxis: Axis(xLabel), leftAxis: Axis("ratios below 0 (%)", range: 0...100))
    return Figure(
      panels: [Panel(chart: .lines(chart))],
      title: course.runs.count == 1 ? course.title : "", caption: caption)
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
