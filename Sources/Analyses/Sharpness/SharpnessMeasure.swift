internal import LossSurfaces

/// What is measured of the loss in a ball of radius rho around the weights.
public enum SharpnessMeasure: String, Codable, CaseIterable, Sendable {
  /// Maximum over the Euclidean ball: what SAM descends on.
  case maximumL2 = "max-l2"
  /// Maximum over the cube.
  case maximumLinf = "max-linf"
  /// Mean over the Euclidean sphere.
  case averageSphere = "avg-sphere"
  /// Mean over normal noise of standard deviation rho for each weight.
  case averageL2 = "avg-l2"
  /// Mean over the cube.
  case averageLinf = "avg-linf"

  /// Whether it is a maximum.
  public var isMaximum: Bool { self == .maximumL2 || self == .maximumLinf }

  var norm: PerturbationBall.Norm {
    self == .maximumLinf || self == .averageLinf ? .linf : .l2
  }

  /// The usual radii, for the sphere those of the maximum.
  ///
  /// Those of Andriushchenko et al. 2023 for CNNs on CIFAR-10.
  public func standardRadii(isAdaptive: Bool) -> [Double] {
    switch self {
    case .maximumL2, .averageSphere: [0.25, 0.5, 1, 2]
    case .maximumLinf:
      isAdaptive ? [0.001, 0.002, 0.004, 0.008] : [0.0005, 0.001, 0.002, 0.004]
    case .averageL2: [0.05, 0.1, 0.2, 0.4]
    case .averageLinf: [0.1, 0.2, 0.4, 0.8]
    }
  }

  /// Name for tables and figures.
  public var title: String {
    switch self {
    case .maximumL2: "maximum, L2 ball"
    case .maximumLinf: "maximum, L∞ ball"
    case .averageSphere: "mean, L2 sphere"
    case .averageL2: "mean, normal noise"
    case .averageLinf: "mean, L∞ cube"
    }
  }
}
