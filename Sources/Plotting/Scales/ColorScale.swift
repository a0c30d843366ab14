internal import Foundation

/// What colour a value gets, and at which values contours run; shared by panels that are compared.
package struct ColorScale: Sendable, Equatable {
  package var map: ColorMap
  package var normalization: Normalization
  package var levels: Levels
  /// Whether some shown value lies below the scale (it gets the lowest colour and an arrow).
  package var clipsBelow: Bool
  /// Whether some shown value lies above the scale.
  package var clipsAbove: Bool

  /// Ground colour of points whose value is not finite; hatched with `nonFiniteHatch`.
  static let nonFinite = Color(gray: 0.88)
  static let nonFiniteHatch = Stroke(color: Color(rgb: 0xc00000), width: 0.6)

  /// A scale with given levels; its range is that of the levels.
  package init(
    map: ColorMap = .viridis, kind: ScaleKind, levels: Levels, clipsBelow: Bool = false,
    clipsAbove: Bool = false
  ) throws(PlottingError) {
    self.map = map
    self.levels = levels
    self.normalization = try Normalization(
      kind, from: levels.values.first ?? 0, to: levels.values.last ?? 0)
    self.clipsBelow = clipsBelow
    self.clipsAbove = clipsAbove
  }

  /// A scale chosen from the data of one or several grids.
  ///
  /// - Parameters:
  ///   - grids: every grid that will be drawn with this scale.
  ///   - map: the colours.
  ///   - kind: `nil` chooses (see `DataRange`): logarithmic for positive values that span more than
  ///     a factor of 50, symmetric logarithmic where zeros or both signs do so, else linear.
  ///   - range: limits the colours; values outside are marked by an arrow on the colour bar.
  ///   - levelCount: about how many bands.
  /// - Throws: `PlottingError.noFiniteValues` where no value is finite.
  package init(
    fitting grids: [ScalarGrid], map: ColorMap = .viridis, kind: ScaleKind? = nil,
    range: ClosedRange<Double>? = nil, levelCount: Int = 14
  ) throws(PlottingError) {
    let finite = grids.flatMap { $0.values.filter(\.isFinite) }
    guard let lowest = finite.min(), let highest = finite.max() else {
      throw .noFiniteValues("none of the values is finite, so there is nothing to draw")
    }
    let suggestion = DataRange(finite)
    let kind = kind ?? Self.suitable(suggestion.kind, for: range)
    var lower = range?.lowerBound ?? suggestion.lower
    var upper = range?.upperBound ?? suggestion.upper
    if kind == .logarithmic, lower <= 0, range == nil {
      guard let leastPositive = finite.filter({ $0 > 0 }).min() else {
        throw .invalidScale("a logarithmic scale needs positive values, but none is above zero")
      }
      lower = leastPositive
      upper = max(upper, lower)
    }
    if map.isDiverging, lower < 0, upper > 0, range == nil {
      (lower, upper) = (-max(-lower, upper), max(-lower, upper))
    }
    if !DataRange.isResolved(lower, upper) {
      (lower, upper) = DataRange.padded(lower, isPositive: kind == .logarithmic)
    }
    let levels: Levels
    if let range {
      // Keep the ends that were asked for: only round levels between them.
      let inner = try Levels(kind, from: lower, to: upper, count: levelCount).values
        .filter { $0 > range.lowerBound && $0 < range.upperBound }
      levels = try Levels([range.lowerBound] + inner + [range.upperBound])
    } else {
      levels = try Levels(kind, from: lower, to: upper, count: levelCount)
    }
    try self.init(map: map, kind: kind, levels: levels)
    clipsBelow = lowest < normalization.lower
    clipsAbove = highest > normalization.upper
  }

  /// The suggested kind, unless the range that was asked for has no place on it.
  private static func suitable(_ kind: ScaleKind, for range: ClosedRange<Double>?) -> ScaleKind {
    if kind == .logarithmic, let range, range.lowerBound <= 0 { return .linear }
    return kind
  }

  /// The continuous colour of a value; the ground colour of hatching where it is not finite.
  package func color(of value: Double) -> Color {
    guard value.isFinite else { return Self.nonFinite }
    return map.color(at: normalization.fraction(of: value))
  }

  /// The colour of the band between level `index` and the next.
  func bandColor(_ index: Int) -> Color {
    let values = levels.values
    let low = normalization.fraction(of: values[index])
    let high = normalization.fraction(of: values[min(index + 1, values.count - 1)])
    return map.color(at: (low + high) / 2)
  }
}
