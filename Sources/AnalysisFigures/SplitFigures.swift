package import Analyses
internal import Artifacts
internal import Foundation
internal import LossSurfaces
package import Plotting

/// Figures of surfaces over several parts of the data: all on one scale, and the gaps between them.
package struct SplitFigures {
  private let runs: [FinishedSurface]
  private let drawing: SurfaceDrawing

  /// Draws surfaces side by side.
  ///
  /// - Precondition: There is at least one.
  package init(_ runs: [FinishedSurface], drawing: SurfaceDrawing = SurfaceDrawing()) {
    self.runs = runs
    self.drawing = drawing
  }

  /// The figures with their names: those of the surfaces, and `gap-contour` where there are gaps.
  ///
  /// - Throws: As `SurfaceFigures.figures`.
  package var figures: [(name: String, figure: Figure)] {
    get throws {
      let surfaces = try SurfaceFigures(runs, drawing: drawing).figures
      let gaps = FinishedGap.all(of: runs)
      guard !gaps.isEmpty else { return surfaces }
      return surfaces.map { ($0.name, named($0.figure)) } + [("gap-contour", try figure(of: gaps))]
    }
  }

  /// A figure whose panels say which part of the data they show, in a row for each network.
  private func named(_ figure: Figure) -> Figure {
    var figure = figure
    for (index, run) in runs.enumerated() {
      figure.panels[index].title = "\(run.summary.title), \(run.split)"
    }
    let parts = Set(runs.map(\.split)).count
    if runs.count > parts, runs.count % parts == 0 { figure.columns = parts }
    figure.caption += otherParts { "Panels named \($0):" }
    return figure
  }

  /// What the caption of the first surface leaves out of the others.
  ///
  /// - Parameter subject: What is said of a part, by its name.
  /// - Returns: A sentence for each other part.
  private func otherParts(_ subject: (String) -> String) -> String {
    var told = [runs[0].split]
    var text = ""
    for run in runs where !told.contains(run.split) {
      told.append(run.split)
      guard let data = run.summary.provenance.data else { continue }
      text +=
        " \(subject(run.split)) the first \(data.samples) samples of \(data.name) \(data.split)."
    }
    return text
  }

  private func figure(of gaps: [FinishedGap]) throws -> Figure {
    let grids = try gaps.map {
      try ScalarGrid(xs: $0.surface.xs, ys: $0.surface.ys, values: $0.surface.loss)
    }
    let isSingle = gaps.count == 1
    let pairs = Set(gaps.map { "\($0.summary.to) loss - \($0.summary.from) loss" })
    let map = drawing.colors.isDiverging ? drawing.colors : .coolwarm
    return try Figure.landscape(
      .contour,
      surfaces: zip(gaps, grids).map { gap, grid in
        let parts = pairs.count == 1 ? "" : ", \(gap.summary.to) - \(gap.summary.from)"
        return (isSingle ? "" : gap.summary.title + parts, grid)
      },
      scale: try ColorScale(fitting: grids, map: map),
      valueLabel: pairs.count == 1 ? pairs.first ?? "" : "difference of losses",
      xLabel: "first direction", yLabel: "second direction",
      title: isSingle ? gaps[0].summary.title : "",
      caption: caption(of: gaps))
  }

  private func caption(of gaps: [FinishedGap]) -> String {
    let first = runs[0].summary.caption()
    let values = gaps.map { gap in
      "\(gaps.count == 1 ? "" : gap.summary.title + ": ")\(fourDigits(gap.summary.center)) at the centre, "
        + "\(fourDigits(gap.summary.mean)) in the mean over the plane"
    }
    return (first.components(separatedBy: " At the centre:").first ?? first)
      + otherParts { _ in "It is subtracted from that over" }
      + " Difference: \(values.joined(separator: "; "))."
  }
}
