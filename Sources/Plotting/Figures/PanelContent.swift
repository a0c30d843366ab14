/// What the figure needs to know of a chart to place it.
protocol PanelContent {
  /// Height over width of the plot rectangle.
  var aspectRatio: Double { get }
  /// Entries for the legend, in order.
  var legend: [LegendEntry] { get }
  /// Equal for panels that have the same axes, so that inner labels can be left out; `nil` for a
  /// chart that never shares them.
  var frameIdentity: FrameIdentity? { get }
  /// The room needed around a plot rectangle of this size.
  func edges(plot: Size, labels: AxisVisibility, measure: some TextMeasure)
    throws(PlottingError) -> Edges
  /// The chart, with its axes around `plot`.
  func commands(in plot: Rectangle, labels: AxisVisibility, measure: some TextMeasure)
    throws(PlottingError) -> [DrawCommand]
}

/// The axes of a map: equal identities mean the same numbers in the same places.
struct FrameIdentity: Equatable {
  let xLabel: String
  let yLabel: String
  let x: ClosedRange<Double>
  let y: ClosedRange<Double>
}
