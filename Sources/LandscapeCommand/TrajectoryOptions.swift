import Analyses
import ArgumentParser
import CommandSupport
import LossSurfaces

/// What is evaluated in the plane of a path.
struct TrajectoryOptions: ParsableArguments {
  private static let defaults = TrajectoryConfiguration()

  @Option(
    parsing: .unconditional,
    help:
      "Coordinates along the first component, FIRST:LAST:COUNT; default: the range of the paths and a margin."
  )
  var x: GridAxis?

  @Option(
    parsing: .unconditional,
    help:
      "Coordinates along the second component, FIRST:LAST:COUNT; default: the range of the paths and a margin."
  )
  var y: GridAxis?

  @Option(help: "Points along an axis that --x or --y do not give.")
  var points = Self.defaults.points

  @OptionGroup var point: PointOptions

  @Flag(help: "Write the components to directions.npz in the output folder, for plot --directions.")
  var saveDirections = false

  @Option(help: "Random walks that each path is compared with.")
  var walks = Self.defaults.walks

  @Option(help: "Seed of the random walks.")
  var seed = Self.defaults.seed

  @Option(
    help:
      "Memory for the weights of checkpoints, like 8G; where it holds fewer, files are read several times."
  )
  var memory = Self.defaults.memory

  func validate() throws { try checkOptions { try configuration.validate() } }

  /// The configuration.
  var configuration: TrajectoryConfiguration {
    var result = TrajectoryConfiguration()
    result.x = x
    result.y = y
    result.points = points
    result.batchNorm = point.batchNorm
    result.batchSize = point.batchSize
    result.weightDecay = point.weightDecay
    result.savesDirections = saveDirections
    result.walks = walks
    result.seed = seed
    result.memory = memory
    return result
  }
}
