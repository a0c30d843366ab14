/// One of the kinds of chart a panel can hold.
package enum Chart: Sendable, Equatable {
  case contour(ContourChart)
  case heatMap(HeatMap)
  case surface(Surface3D)
  case lines(LineChart)
  case histogram(Histogram)

  var content: any PanelContent {
    switch self {
    case .contour(let chart): chart
    case .heatMap(let chart): chart
    case .surface(let chart): chart
    case .lines(let chart): chart
    case .histogram(let chart): chart.lineChart
    }
  }

  /// Whether the chart fills the square of its plot; the others need more width to look as large.
  var isMap: Bool {
    switch self {
    case .contour, .heatMap: true
    case .surface, .lines, .histogram: false
    }
  }
}

/// A chart with a title of its own.
package struct Panel: Sendable, Equatable {
  package var title: String
  package var chart: Chart

  package init(title: String = "", chart: Chart) {
    self.title = title
    self.chart = chart
  }
}

/// A page: panels in a grid, a colour bar they share, a title above and a caption below.
package struct Figure: Sendable, Equatable {
  package var panels: [Panel]
  /// `nil`: all in one row up to four, then in rows of three or four.
  package var columns: Int?
  package var title: String
  /// Small print under the panels, broken into lines as needed: samples, seed, settings.
  package var caption: String
  package var colorBar: ColorBar?
  /// Width of the page in points; `nil`: what comfortable panels need.
  package var width: Double?

  package init(
    panels: [Panel], columns: Int? = nil, title: String = "", caption: String = "",
    colorBar: ColorBar? = nil, width: Double? = nil
  ) {
    self.panels = panels
    self.columns = columns
    self.title = title
    self.caption = caption
    self.colorBar = colorBar
    self.width = width
  }
}
