import ArgumentParser
import Checkpoints
import CommandSupport
import Foundation
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
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
        guard target.model.network.layout == opened.model.network.layout else {
          throw UsageError(
            description: "\(modelPath) is a \(opened.model.network.architecture.name) and \(other) "
              + "a \(target.model.network.architecture.name); a line needs one architecture")
        }
        run.other = target
        var difference = target.model.parameters.elements
        difference.add(opened.model.parameters.elements, scaledBy: -1)
        var stateDifference = target.model.state.elements
        stateDifference.add(opened.model.state.elements, scaledBy: -1)
        (values, summary) = try run.evaluate(
          axes: [difference], stateAxes: [stateDifference],
          directions: .init(
            source: other, seed: nil, normalization: "none", ignore: "none",
            norms: [difference.norm], cosine: nil,
            statistics: statistics(of: opened.model.network, along: axis)))
      } else {
        let pair = try surface.pair(for: opened.model.parameters, pool: engine.pool())
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
  private func statistics(of network: Network, along axis: GridAxis) -> String? {
    guard network.stateLayout.count > 0, surface.batchNorm == .inference else { return nil }
    let isExtrapolated = axis.first < 0 || axis.last > 1
    return "running statistics between those of the checkpoints"
      + (isExtrapolated ? ", outside of 0 ... 1 those of the nearer one" : "")
  }
}

/// Draws loss (left axis) and accuracy (right axis) along lines.
struct LineFigure {
  let runs: [(summary: SurfaceSummary, surface: LossSurface)]
  let options: FigureOptions

  /// Writes the figure and returns its paths.
  func write(to folder: RunFolder) throws -> [String] {
    let isSingle = runs.count == 1
    var series: [Series] = []
    for (index, run) in runs.enumerated() {
      let prefix = isSingle ? "" : run.summary.title + ", "
      series.append(
        Series(
          prefix + "loss", x: run.surface.xs, y: run.surface.loss,
          color: isSingle ? nil : Color.ofSeries(index)))
      series.append(
        Series(
          prefix + "accuracy", x: run.surface.xs, y: run.surface.accuracy.map { 100 * $0 },
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
      rightAxis: Axis("accuracy (%)", range: 0...100))
    let figure = Figure(
      panels: [Panel(chart: .lines(chart))], title: isSingle ? runs[0].summary.title : "",
      caption: runs[0].summary.caption())
    return try figure.write("line", options, runs.map(\.summary), to: folder)
  }
}
