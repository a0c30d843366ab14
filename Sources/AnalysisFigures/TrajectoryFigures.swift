package import Analyses
internal import LossSurfaces
internal import Objectives
package import Plotting

/// Figures of paths of weights: the maps of the surface with the paths on them, and what a plane does not
/// show.
package struct TrajectoryFigures {
  private let trajectory: FinishedTrajectory
  private let drawing: SurfaceDrawing

  /// Draws paths.
  package init(_ trajectory: FinishedTrajectory, drawing: SurfaceDrawing = SurfaceDrawing()) {
    self.trajectory = trajectory
    self.drawing = drawing
  }

  private var summary: TrajectorySummary { trajectory.summary }

  /// The figures with their names: those of the surface with the paths on its maps, then `trajectory`.
  ///
  /// - Throws: As `SurfaceFigures.figures`.
  package var figures: [(name: String, figure: Figure)] {
    get throws {
      try SurfaceFigures([trajectory.surface], drawing: drawing).figures.map { name, figure in
        (name, onTheMap(figure))
      } + [("trajectory", TrajectoryDetails(summary).figure)]
    }
  }

  private func onTheMap(_ figure: Figure) -> Figure {
    var figure = figure
    figure.title = summary.title
    figure.caption = caption
    figure.panels = figure.panels.map { panel in
      var panel = panel
      switch panel.chart {
      case .contour(var chart):
        (chart.xLabel, chart.yLabel) = (axis(0), axis(1))
        (chart.paths, chart.markers) = (paths, markers)
        panel.chart = .contour(chart)
      case .heatMap(var chart):
        (chart.xLabel, chart.yLabel) = (axis(0), axis(1))
        (chart.paths, chart.markers) = (paths, markers)
        panel.chart = .heatMap(chart)
      case .surface(var chart):
        // Long names would lie over the surface; the caption and the maps have the shares.
        (chart.xLabel, chart.yLabel) = ("first component", "second component")
        panel.chart = .surface(chart)
      case .lines, .histogram: break
      }
      return panel
    }
    return figure
  }

  private func axis(_ component: Int) -> String {
    "\(component == 0 ? "first" : "second") principal component "
      + "(\(summary.percent(summary.shares[component])) of the variance)"
  }

  private var paths: [MapPath] {
    summary.paths.enumerated().map { index, path in
      MapPath(
        points: path.points.map { Point(x: $0.x, y: $0.y) }, label: path.name,
        color: TrajectorySummary.color(of: index), notes: notes(path))
    }
  }

  /// The first and the last number, then round ones, the rounder first.
  private func notes(_ path: TrajectorySummary.Path) -> [MapPath.Note] {
    let numbers = path.points.map { Double($0.number) }
    let last = numbers.count - 1
    var chosen = [0, last]
    let range = numbers[last] - numbers[0]
    guard range > 0, range < 0x1p53 else { return [] }
    var step = 1.0
    while step < range { step *= 10 }
    for parts in [1.0, 2, 5, 10, 20, 50] {
      let step = step / parts
      guard step >= 1, range / step <= 12 else { break }
      chosen += numbers.indices.filter { index in
        numbers[index].truncatingRemainder(dividingBy: step) == 0 && !chosen.contains(index)
      }
    }
    return chosen.enumerated().map { place, index in
      let point = path.points[index]
      return MapPath.Note(
        index: index, text: place == 0 ? summary.name(of: point) : "\(point.number)")
    }
  }

  private var markers: [MapMarker] {
    summary.paths.enumerated().flatMap { index, path in
      let (first, last) = (path.points[0], path.points[path.points.count - 1])
      return [
        MapMarker(x: first.x, y: first.y, label: index == 0 ? "start" : "", shape: .square),
        MapMarker(x: last.x, y: last.y, label: index == 0 ? "end" : ""),
      ]
    }
  }

  private var caption: String {
    let distances = summary.paths.map { path in
      let farthest = path.points.max { $0.distance < $1.distance } ?? path.points[0]
      let place = (summary.paths.count == 1 ? "" : path.name + ", ") + summary.name(of: farthest)
      return "\(fourDigits(farthest.distance)) (\(place))"
    }
    return trajectory.surface.summary.caption()
      + " Points are projections of the checkpoints, which are up to \(distances.joined(separator: ", ")) "
      + "away from the plane and have other losses. \(summary.walkText)"
  }
}

extension TrajectorySummary {
  /// The names of the trainings and the network.
  var title: String {
    "\(paths.prefix(4).map(\.name).joined(separator: ", "))\(paths.count > 4 ? ", ..." : "") (\(architecture))"
  }

  /// Colours that stand out from each other and from the colour maps.
  package static func color(of path: Int) -> Color {
    let colors: [UInt32] = [0xd55e00, 0xcc79a7, 0x111111, 0x56b4e9, 0xe69f00]
    return Color(rgb: colors[path % colors.count])
  }

  /// A share in percent.
  func percent(_ share: Double) -> String { "\(fourDigits((1000 * share).rounded() / 10)) %" }

  /// What random walks would show.
  var walkText: String {
    let parts = paths.map { path in
      "\(paths.count == 1 ? "" : path.name + " ")"
        + "\(percent(path.walks.shares[0])) and \(percent(path.walks.shares[1]))"
    }
    return
      "Random walks of the same steps have \(parts.joined(separator: ", ")) along their first two "
      + "components."
  }
}
