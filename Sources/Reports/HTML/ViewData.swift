internal import Analyses
internal import Foundation
internal import LossSurfaces
internal import Objectives
internal import Plotting

/// What the script draws as curves over one axis.
struct ChartView: Encodable {
  /// One curve.
  struct Series: Encodable {
    var name: String
    var color: String
    var x: [Double]
    /// Absent where there is no number.
    var y: [Double?]
    /// Lower and upper edge of a band.
    var low: [Double]?
    var high: [Double]?
    var dash = false
    /// Whether a value holds up to the next x: a histogram.
    var steps = false
  }

  /// A vertical line with a text.
  struct Marker: Encodable {
    var x: Double
    var label = ""
    var color: String?
    var isDotted = false
    /// Which line of text the label stands on, so that labels do not lie on each other.
    var row = 0
  }

  var kind = "chart"
  var title: String
  var x: String
  var y: String
  /// Whether y is logarithmic.
  var log = false
  /// Lowest y that is shown.
  var floor: Double?
  var series: [Series]
  var markers: [Marker] = []
}

/// What the script draws as surfaces, all with the same colours.
struct SurfacesView: Encodable {
  struct Surface: Encodable {
    var title: String
    var x: [Double]
    var y: [Double]
    var loss: [Double?]
    var score: [Double?]
    /// Paths over the surface.
    var paths: [Path]?
  }

  /// A training over the surface of its plane.
  struct Path: Encodable {
    var name: String
    var color: String
    var x: [Double]
    var y: [Double]
    /// At the projections of its checkpoints, in the units of the surface.
    var loss: [Double?]
    var score: [Double?]
  }

  var kind = "surfaces"
  /// Label of the metric, in whose units scores are; absent for the loss alone.
  var metric: String?
  var xLabel = "first direction"
  var yLabel = "second direction"
  /// Colours from the smallest value to the largest.
  var colors: [String]
  var surfaces: [Surface]
}

extension SurfacesView {
  /// Surfaces with the metric that all of them have.
  init(_ runs: [FinishedSurface]) {
    let metric = Self.metric(of: runs)
    self.init(
      metric: metric?.label,
      colors: (0..<64).map { ColorMap.viridis.color(at: Double($0) / 63).hexadecimal },
      surfaces: runs.map { run in
        Surface(
          title: run.summary.title, x: run.surface.xs, y: run.surface.ys,
          loss: run.surface.loss.map(\.drawn),
          score: run.surface.score.map { score in metric?.drawn(score).drawn })
      })
  }

  /// The metric that all surfaces have, if they have the same.
  static func metric(of runs: [FinishedSurface]) -> Metric? {
    let metrics = Set(runs.map(\.surface.metric))
    return metrics.count == 1 ? metrics.first ?? nil : nil
  }
}

extension Double {
  /// The number with six significant digits, which is what a picture needs; nil where it is not finite.
  var drawn: Double? { isFinite ? Double(String(format: "%.6g", self)) : nil }
}

extension Color {
  /// The colour as style sheets write it.
  var hexadecimal: String {
    "#" + [red, green, blue].map { String(format: "%02x", Int(($0 * 255).rounded())) }.joined()
  }
}
