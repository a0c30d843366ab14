import Analyses
import ArgumentParser
import CommandSupport

/// Which part of a spectrum is wanted, and how hard to try.
struct SpectrumOptions: ParsableArguments {
  private static let defaults = SpectrumConfiguration()

  @Option(help: "Lanczos steps; each takes one product with the matrix.")
  var lanczos = Self.defaults.steps

  @Option(help: "Random starts of the density, each with as many steps; 0 for no density.")
  var probes = Self.defaults.probes

  @Option(help: "Number of largest eigenvalues; default: 10, or as many as there are steps.")
  var top: Int?

  @Option(help: "Number of smallest eigenvalues; default: 2, or as many as there are steps.")
  var bottom: Int?

  @Option(help: "Largest residual of a converged eigenvalue, relative to it.")
  var tolerance = Self.defaults.tolerance

  @Option(help: "Products for the part of the trace outside the Lanczos basis; 0 for no trace.")
  var traceSamples = Self.defaults.traceSamples

  @Option(help: "Standard deviation of the density's Gaussians; default: range / steps / 1.48.")
  var width: Double?

  @Option(
    help: """
      Disjoint parts of the samples, drawn by --seed, over which eigenvalues and trace are computed once \
      more: how much of a number is the choice of samples; 0 for none.
      """)
  var subsets = Self.defaults.subsets

  @Flag(help: "Write eigenvectors.npz, which landscape --directions takes as axes.")
  var saveEigenvectors = false

  func validate() throws { try checkOptions { try configuration.validate() } }

  /// The configuration.
  var configuration: SpectrumConfiguration {
    var result = SpectrumConfiguration()
    result.steps = lanczos
    result.probes = probes
    result.top = top
    result.bottom = bottom
    result.tolerance = tolerance
    result.traceSamples = traceSamples
    result.width = width
    result.subsets = subsets
    result.keepsEigenvectors = saveEigenvectors
    return result
  }
}
