internal import Foundation
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
