import Analyses
public import ArgumentParser
import CommandSupport
import LossSurfaces

extension GridAxis: ExpressibleByArgument {
  /// Parses `FIRST:LAST:COUNT`.
  package init?(argument: String) { self.init(parsing: argument) }

  /// Text for `--help`.
  package var defaultValueDescription: String { description }
}

extension DirectionNormalization: ExpressibleByArgument {}
extension VectorTreatment: ExpressibleByArgument {}
extension SurfaceNormalization: ExpressibleByArgument {}

/// Directions and what is evaluated at the points.
struct SurfaceOptions: ParsableArguments {
  private static let defaults = SurfaceConfiguration()

  @Option(help: "Seed of the random directions.")
  var seed = Self.defaults.seed

  @Option(
    help: """
      Normalisation of the directions: dfilter gives filters norm 1, dlayer tensors norm 1, model \
      the whole direction the norm of the weights.
      """)
  var norm = Self.defaults.normalization

  @Option(
    help: "Tensors with one axis (biases, batch norm): biasbn leaves them out, none does not.")
  var ignore = Self.defaults.vectors

  @Option(
    help: """
      Directions from an .npz file: arrays x and y, or raw_x and raw_y to normalise, or the \
      eigenvectors.npz of hessian spectrum (the first two); or from an .h5 file of loss-landscape.
      """)
  var directions: String?

  @Flag(help: "Write the directions to directions.npz in the output folder.")
  var saveDirections = false

  @OptionGroup var point: PointOptions

  func validate() throws { try checkOptions { try configuration.validate() } }

  /// The configuration.
  var configuration: SurfaceConfiguration {
    var result = SurfaceConfiguration()
    result.seed = seed
    result.normalization = norm
    result.vectors = ignore
    result.directionsFile = directions
    result.savesDirections = saveDirections
    result.batchNorm = point.batchNorm
    result.batchSize = point.batchSize
    result.weightDecay = point.weightDecay
    return result
  }
}
