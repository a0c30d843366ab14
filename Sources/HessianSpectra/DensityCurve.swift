internal import Krylov

/// Density as a curve, with the checks of its moments.
struct DensityCurve {
  let grid: [Double]
  let values: [SpectralDensity.Estimate]
  let width: Double

  init(_ density: SpectralDensity, settings: SpectrumSettings) {
    width = density.width(settings.broadening)
    grid = density.grid(count: max(settings.points, 2), standardDeviation: width)
    values = density.density(at: grid, standardDeviation: width)
  }

  /// `integral of f(x) density(x) dx` by the trapezoidal rule.
  private func integral(of function: (Double) -> Double) -> Double {
    var total = 0.0
    for index in grid.indices.dropLast() {
      let (a, b) = (grid[index], grid[index + 1])
      total +=
        (b - a) / 2
        * (function(a) * values[index].value + function(b) * values[index + 1].value)
    }
    return total
  }

  /// The numbers for a report on the nodes that the curve was drawn from.
  ///
  /// `trace` comes from other products; nodes above minus a few `floor` are not negative.
  func summary(
    of density: SpectralDensity, trace: TraceEstimate?, floor: Double
  ) -> DensitySummary {
    let dimension = Double(density.dimension)
    let mean = density.mean
    let second = density.secondMoment
    let other = (trace?.value).map { $0 / dimension } ?? mean.value
    let otherError = (trace?.standardError ?? 0) / dimension
    // Var(z^T A z) = 2 (||A||_F^2 - sum_i A_ii^2) for a sign vector z.
    let single = (2 * max(second.value, 0) / dimension / Double(density.probes.count))
      .squareRoot()
    let error = max(mean.standardError ?? 0, single)
    let difference = (error * error + otherError * otherError).squareRoot()
    let rounding = 4 * floor
    let absolute = density.mean { abs($0) }
    let scale = absolute.value > 0 ? 1 / absolute.value : 0
    return DensitySummary(
      probes: density.probes.count, steps: density.probes.map(\.nodes.count).max() ?? 0,
      gaussianWidth: width, points: grid.count, integral: integral { _ in 1 }, mean: mean,
      curveMean: integral { $0 }, traceOverDimension: other, meanDifferenceError: difference,
      momentsAgree: abs(mean.value - other) <= 3 * difference + rounding,
      secondMoment: second,
      negativeMass: density.mean { $0 < 0 ? -$0 * scale : 0 },
      negativeShare: density.negativeMass(below: -rounding), negativeThreshold: -rounding)
  }
}
