/// One curve or one histogram of a line chart.
package struct Series: Sendable, Equatable {
  package enum Side: Sendable, Equatable { case left, right }

  package enum Dash: Sendable, Equatable {
    case solid, dashed, dotted

    func lengths(width: Double) -> [Double] {
      switch self {
      case .solid: []
      case .dashed: [3.5 * width, 2 * width]
      case .dotted: [width, 1.5 * width]
      }
    }
  }

  package enum Geometry: Sendable, Equatable {
    /// Points `(x[i], y[i])`, joined unless only dots are asked for.
    case curve(x: [Double], y: [Double], dots: Bool, line: Bool)
    /// A step of `heights[i]` from `edges[i]` to `edges[i + 1]`.
    case steps(edges: [Double], heights: [Double], isFilled: Bool)
  }

  /// A range of values at each x of the curve, such as a standard error.
  package struct Band: Sendable, Equatable {
    package enum Style: Sendable, Equatable {
      /// A shaded area along the curve.
      case area
      /// An error bar at each point.
      case bars
    }

    package var lower: [Double]
    package var upper: [Double]
    /// What the range stands for, for the legend.
    package var label: String
    package var style: Style

    package init(lower: [Double], upper: [Double], label: String, style: Style = .area) {
      self.lower = lower
      self.upper = upper
      self.label = label
      self.style = style
    }
  }

  package var name: String
  package var geometry: Geometry
  package var band: Band?
  package var side: Side
  /// `nil`: the next of the series colours.
  package var color: Color?
  package var dash: Dash
  /// Line width in points.
  package var width: Double

  /// A curve through points; a point that is not finite opens the line and is marked.
  package init(
    _ name: String, x: [Double], y: [Double], band: Band? = nil, side: Side = .left,
    color: Color? = nil, dash: Dash = .solid, dots: Bool = false, line: Bool = true,
    width: Double = 1.4
  ) {
    self.name = name
    geometry = .curve(x: x, y: y, dots: dots, line: line)
    self.band = band
    self.side = side
    self.color = color
    self.dash = dash
    self.width = width
  }

  /// A histogram outline: one more edge than heights.
  package init(
    _ name: String, edges: [Double], heights: [Double], isFilled: Bool = true,
    side: Side = .left, color: Color? = nil
  ) {
    self.name = name
    geometry = .steps(edges: edges, heights: heights, isFilled: isFilled)
    band = nil
    self.side = side
    self.color = color
    dash = .solid
    width = 1
  }

  /// Throws unless the lists of the series belong together.
  func check() throws(PlottingError) {
    guard width > 0, width.isFinite else {
      throw .invalidFigure("the line width of series \"\(name)\" must be positive, got \(width)")
    }
    switch geometry {
    case .curve(let x, let y, _, _):
      guard x.count == y.count else {
        throw .invalidGrid("series \"\(name)\" has \(x.count) x but \(y.count) y values")
      }
      if let band, band.lower.count != x.count || band.upper.count != x.count {
        throw .invalidGrid(
          "the band of series \"\(name)\" needs \(x.count) values on both sides, got "
            + "\(band.lower.count) and \(band.upper.count)")
      }
    case .steps(let edges, let heights, _):
      guard edges.count == heights.count + 1, !heights.isEmpty else {
        throw .invalidGrid(
          "histogram \"\(name)\" needs one more edge than heights, got \(edges.count) edges "
            + "and \(heights.count) heights")
      }
      guard edges.allSatisfy(\.isFinite), zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 })
      else {
        throw .invalidGrid("the edges of histogram \"\(name)\" must be finite and ascending")
      }
    }
  }

  var xValues: [Double] {
    switch geometry {
    case .curve(let x, _, _, _): x
    case .steps(let edges, _, _): edges
    }
  }

  var yValues: [Double] {
    switch geometry {
    case .curve(_, let y, _, _): y + (band.map { $0.lower + $0.upper } ?? [])
    case .steps(_, let heights, _): heights
    }
  }

  var isHistogram: Bool {
    if case .steps = geometry { true } else { false }
  }
}

/// A vertical line at a value, named in the legend.
package struct VerticalMarker: Sendable, Equatable {
  package var x: Double
  package var label: String
  package var color: Color
  package var dash: Series.Dash

  package init(
    x: Double, label: String, color: Color = Color(gray: 0.25), dash: Series.Dash = .dashed
  ) {
    self.x = x
    self.label = label
    self.color = color
    self.dash = dash
  }
}

/// Short marks along the x axis, one for each value, such as Ritz values.
package struct Rug: Sendable, Equatable {
  package var values: [Double]
  package var label: String
  package var color: Color

  package init(values: [Double], label: String, color: Color = Color(gray: 0.25)) {
    self.values = values
    self.label = label
    self.color = color
  }
}
