import ArgumentParser
import Checkpoints
import CommandSupport
import Foundation
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import Objectives
import Plotting

/// `landscape line`.
struct Line: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate and draw the loss along one direction, or between two checkpoints.",
    discussion: """
      Between checkpoints the loss is taken at (1 - a) w + a w': 0 is the first checkpoint, 1 the \
      second. Running statistics go along between 0 and 1; outside they stay those of the nearer \
      checkpoint, since a variance that is extrapolated can become negative.
      """)

  @Argument(help: "Checkpoint at coordinate 0.")
  var modelPath = "model.ckpt"

  @Option(name: .customLong("to"), help: "Checkpoint at coordinate 1; default: a random direction.")
  var other: String?

  @Option(
    parsing: .unconditional,
    help: "Coordinates FIRST:LAST:COUNT; default: -1:1:51, between checkpoints -0.5:1.5:51.")
  var x: GridAxis?

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Line") var surface: SurfaceOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figures") var figures: FigureOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    if let x, x.count < 2 { throw ValidationError("--x \(x) has fewer than 2 points.") }
  }

  func run() throws {
    try runCommand {
      let opened = try OpenedModel(path: modelPath, options: model, isQuiet: output.quiet)
      let folder = try RunFolder(output.output ?? "line-\(opened.stem)")
      let between = other != nil
      let standard =
        between
        ? GridAxis(first: -0.5, last: 1.5, count: 51) : GridAxis(first: -1, last: 1, count: 51)
      guard let axis = x ?? standard else { return }
      var run = SurfaceRun(
        opened: opened, options: surface, engine: engine, x: axis, y: nil, folder: folder,
        isQuiet: output.quiet)
      let values: LossSurface
      let summary: SurfaceSummary
      if let other {
        let target = try OpenedModel(path: other, options: model, isQuiet: output.quiet)
        let (from, to) = (opened.trained, target.trained)
        guard to.model.layout == from.model.layout else {
          throw UsageError(
            description:
              "\(modelPath) is a \(from.model.name) and \(other) a \(to.model.name); a line "
              + "needs one architecture")
        }
        run.other = target
        var difference = to.point.weights.elements
        difference.add(from.point.weights.elements, scaledBy: -1)
        var bufferDifference = to.point.buffers.elements
        bufferDifference.add(from.point.buffers.elements, scaledBy: -1)
        (values, summary) = try run.evaluate(
          axes: [difference], bufferAxes: [bufferDifference],
          directions: .init(
            source: other, seed: nil, normalization: "none", ignore: "none",
            norms: [difference.norm], cosine: nil,
            statistics: statistics(of: from.model, along: axis)))
      } else {
        let pair = try surface.pair(for: opened.trained.point.weights, pool: engine.pool())
        if surface.saveDirections { try pair.write(to: folder.file("directions.npz")) }
        var directions = SurfaceSummary.Directions(pair)
        directions.norms = [pair.norms[0]]
        directions.cosine = nil
        (values, summary) = try run.evaluate(axes: [pair.axes[0]], directions: directions)
      }
      let paths = try LineFigure(runs: [(summary, values)], options: figures).write(to: folder)
      try printResult(
        summary, text: [line(summary)],
        paths: [folder.file("summary.json"), folder.file("line.npz")] + paths,
        asJSON: output.json)
    }
  }
}

extension Line {
  /// What running statistics are along a line between checkpoints; nil where they do not matter.
  private func statistics(of model: Model, along axis: GridAxis) -> String? {
    guard model.bufferLayout.count > 0, surface.batchNorm == .inference else { return nil }
    let isExtrapolated = axis.first < 0 || axis.last > 1
    return "running statistics between those of the checkpoints"
      + (isExtrapolated ? ", outside of 0 ... 1 those of the nearer one" : "")
  }
}

/// Draws loss (left axis) and metric (right axis) along lines.
struct LineFigure {
  let runs: [(summary: SurfaceSummary, surface: LossSurface)]
  let options: FigureOptions

  /// Writes the figure and returns its paths.
  func write(to folder: RunFolder) throws -> [String] {
    let isSingle = runs.count == 1
    let metric = runs[0].surface.metric
    var series: [Series] = []
    for (index, run) in runs.enumerated() {
      let prefix = isSingle ? "" : run.summary.title + ", "
      series.append(
        Series(
          prefix + "loss", x: run.surface.xs, y: run.surface.loss,
          color: isSingle ? nil : Color.ofSeries(index)))
      guard let metric, run.surface.metric == metric else { continue }
      series.append(
        Series(
          prefix + metric.title, x: run.surface.xs, y: run.surface.score.map(metric.drawn),
          side: .right, color: isSingle ? nil : Color.ofSeries(index),
          dash: .dashed))
    }
    let finite = runs.flatMap(\.surface.loss).filter { $0.isFinite && $0 > 0 }
    let all = runs.flatMap(\.surface.loss).filter(\.isFinite)
    let spans = (finite.max() ?? 1) / (finite.min() ?? 1) > 50 && finite.count == all.count
    let isBetween = runs.contains {
      $0.summary.directions.cosine == nil && $0.summary.directions.source != "random"
    }
    let chart = LineChart(
      series: series,
      xAxis: Axis(isBetween ? "position between the checkpoints" : "step along the direction"),
      leftAxis: Axis("loss", kind: spans ? .logarithmic : .linear),
      rightAxis: metric.map { Axis($0.label, range: $0.isShare ? 0...100 : nil) })
    let figure = Figure(
      panels: [Panel(chart: .lines(chart))], title: isSingle ? runs[0].summary.title : "",
      caption: runs[0].summary.caption())
    return try figure.write("line", options, runs.map(\.summary), to: folder)
  }
}
