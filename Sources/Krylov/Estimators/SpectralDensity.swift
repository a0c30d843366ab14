internal import Foundation

/// Spectrum of an operator as weighted nodes, one Gauss quadrature per random probe.
///
/// Probe p says that a share `weights[k]` of the d eigenvalues lies near `nodes[k]`; the mean over
/// probes is an unbiased estimate of the spectral distribution's moments up to degree 2 m - 1.
public struct SpectralDensity: Sendable, Hashable, Codable {
  /// Gauss quadrature of one probe.
  public struct Quadrature: Sendable, Hashable, Codable {
    /// Ritz values, ascending.
    public let nodes: [Double]
    /// Squared first entries of the Ritz vectors; they sum to 1.
    public let weights: [Double]

    /// Joins nodes, ascending, and their weights.
    public init(nodes: [Double], weights: [Double]) {
      precondition(nodes.count == weights.count, "\(nodes.count) nodes, \(weights.count) weights")
      self.nodes = nodes
      self.weights = weights
    }

    /// `sum_k weights_k f(nodes_k)`.
    public func integral(of function: (Double) -> Double) -> Double {
      zip(nodes, weights).reduce(0) { $0 + $1.1 * function($1.0) }
    }
  }

  /// Number with the standard error over the probes.
  public struct Estimate: Sendable, Hashable, Codable {
    /// Mean over the probes.
    public let value: Double
    /// Standard error of the mean; `nil` with one probe.
    public let standardError: Double?

    /// Joins number and error.
    public init(value: Double, standardError: Double?) {
      self.value = value
      self.standardError = standardError
    }
  }

  /// Standard deviation of the Gaussian that each node is drawn as.
  public enum Broadening: Sendable, Hashable, Codable {
    /// In units of the eigenvalues.
    case standardDeviation(Double)
    /// As a share of the range of the nodes.
    case fractionOfRange(Double)
    /// Range / (steps - 1) / sqrt(2 ln 3): neighbouring nodes, evenly spread, merge to within a
    /// factor 3 (Lin, Saad and Yang 2016, doi:10.1137/130934283, with kappa = 3).
    case resolution
  }

  /// Number of eigenvalues, d.
  public let dimension: Int
  /// One quadrature per probe, in the order of the probes.
  public let probes: [Quadrature]
  /// Number of products with the operator.
  public let applications: Int

  /// Joins the probes of an operator.
  public init(dimension: Int, probes: [Quadrature], applications: Int) {
    self.dimension = dimension
    self.probes = probes
    self.applications = applications
  }

  /// Smallest and largest node; the spectrum may reach further inside the residuals.
  public var range: ClosedRange<Double> {
    let low = probes.compactMap(\.nodes.first).min() ?? 0
    let high = probes.compactMap(\.nodes.last).max() ?? 0
    return min(low, high)...max(low, high)
  }

  /// Mean of a function of the eigenvalues, `tr f(A) / d`.
  public func mean(of function: (Double) -> Double) -> Estimate {
    let sample = SampleMean(probes.map { $0.integral(of: function) })
    return Estimate(value: sample.mean, standardError: sample.standardError)
  }

  /// Mean eigenvalue, trace / d.
  public var mean: Estimate { mean { $0 } }

  /// Trace; each probe is one Hutchinson sample.
  public var trace: Estimate { mean { $0 * Double(dimension) } }

  /// Mean squared eigenvalue, `||A||_F^2 / d`.
  public var secondMoment: Estimate { mean { $0 * $0 } }

  /// Share of the eigenvalues below a threshold (negative curvature).
  ///
  /// - Parameter threshold: 0 or a little below it: nodes at 0 scatter by rounding.
  /// - Returns: The share, from 0 to 1.
  public func negativeMass(below threshold: Double = 0) -> Estimate {
    mean { $0 < threshold ? 1 : 0 }
  }

  /// Width of the Gaussians for a broadening; positive also when all nodes are equal.
  public func width(_ broadening: Broadening) -> Double {
    let extent = range.upperBound - range.lowerBound
    let steps = probes.map(\.nodes.count).max() ?? 1
    let width =
      switch broadening {
      case .standardDeviation(let sigma): sigma
      case .fractionOfRange(let fraction): fraction * extent
      case .resolution: extent / Double(max(steps - 1, 1)) / (2 * log(3.0)).squareRoot()
      }
    let magnitude = max(abs(range.lowerBound), abs(range.upperBound))
    return max(width, max(magnitude * 1e-6, 1e-12))
  }

  /// Evenly spaced points that cover the nodes and the tails of their Gaussians.
  ///
  /// - Parameters:
  ///   - count: Number of points, 2 or more.
  ///   - standardDeviation: Width of the Gaussians; the grid ends 5 of them outside the nodes.
  /// - Returns: The points in ascending order.
  public func grid(count: Int, standardDeviation: Double) -> [Double] {
    precondition(count >= 2, "a grid has two ends")
    let low = range.lowerBound - 5 * standardDeviation
    let high = range.upperBound + 5 * standardDeviation
    return (0..<count).map { low + (high - low) * Double($0) / Double(count - 1) }
  }

  /// The density on a grid: Gaussians at the nodes, mean over the probes; it integrates to 1.
  ///
  /// - Parameters:
  ///   - grid: Where to evaluate.
  ///   - standardDeviation: Width of the Gaussians, above 0.
  /// - Returns: Density at each point and its standard error over the probes.
  /// - Complexity: O(grid nodes).
  public func density(at grid: [Double], standardDeviation: Double) -> [Estimate] {
    precondition(standardDeviation > 0, "width \(standardDeviation)")
    let height = 1 / (standardDeviation * (2 * Double.pi).squareRoot())
    return grid.map { point in
      mean { node in
        let distance = (point - node) / standardDeviation
        return height * exp(-distance * distance / 2)
      }
    }
  }
}
