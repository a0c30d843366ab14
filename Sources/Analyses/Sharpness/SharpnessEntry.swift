extension SharpnessSummary.Entry {
  /// Sums up the ascents or perturbations of each part.
  init(
    _ measure: SharpnessMeasure, rho: Double, samples: Int,
    parts: [[(rise: Double, linearRise: Double, nonFinite: Int)]]
  ) {
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let isMaximum = measure.isMaximum
    let rises = parts.map { part in part.map(\.rise) }
    let values = rises.map { rises in
      let value = isMaximum ? rises.max() ?? .nan : mean(rises)
      return value.isFinite ? value : nil
    }
    let known = values.compactMap(\.self)
    self.measure = measure
    self.rho = rho
    self.samples = samples
    self.parts = values
    value = known.count == values.count ? mean(known) : nil
    spread = SpreadEstimate(values)
    nonFinite = parts.flatMap(\.self).reduce(0) { $0 + $1.nonFinite }
    // The same perturbations on all parts: their error is that of the mean over the parts.
    let draws = (rises.first ?? []).indices.map { draw in mean(rises.map { $0[draw] }) }
    drawError = isMaximum || nonFinite > 0 ? nil : SpreadEstimate(draws)?.standardError
    linearRise = isMaximum ? mean(parts.compactMap { $0.first?.linearRise }) : nil
    restartRange =
      isMaximum && draws.count > 1
      ? mean(rises.map { ($0.max() ?? 0) - ($0.min() ?? 0) }) : nil
  }
}
