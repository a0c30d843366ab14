/// Counts or densities in bins, on linear or logarithmic axes, with markers and a rug.
package struct Histogram: Sendable, Equatable {
  /// One histogram: `edges` has one more element than `heights`.
  package struct Bins: Sendable, Equatable {
    package var name: String
    package var edges: [Double]
    package var heights: [Double]
    /// `nil`: the next of the series colours.
    package var color: Color?

    package init(name: String, edges: [Double], heights: [Double], color: Color? = nil) {
      self.name = name
      self.edges = edges
      self.heights = heights
      self.color = color
    }
  }

  package var bins: [Bins]
  package var xAxis: Axis
  package var yAxis: Axis
  package var verticalMarkers: [VerticalMarker]
  package var rug: Rug?
  /// Filled steps, or outlines only, which stay readable where several histograms overlap.
  package var isFilled: Bool
  package var plotAspect: Double

  package init(
    bins: [Bins], xAxis: Axis, yAxis: Axis, verticalMarkers: [VerticalMarker] = [],
    rug: Rug? = nil, isFilled: Bool = true, plotAspect: Double = 0.62
  ) {
    self.bins = bins
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.verticalMarkers = verticalMarkers
    self.rug = rug
    self.isFilled = isFilled
    self.plotAspect = plotAspect
  }

  /// The same picture as a line chart with step series.
  var lineChart: LineChart {
    LineChart(
      series: bins.map {
        Series(
          $0.name, edges: $0.edges, heights: $0.heights, isFilled: isFilled, color: $0.color)
      }, xAxis: xAxis, leftAxis: yAxis, verticalMarkers: verticalMarkers, rug: rug,
      plotAspect: plotAspect)
  }
}
