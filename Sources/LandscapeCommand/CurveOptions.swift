import Analyses
public import ArgumentParser
import CommandSupport
import Training

extension CurveShape: ExpressibleByArgument {}

/// How the curve is made.
struct CurveOptions: ParsableArguments {
  private static let defaults = ConnectionConfiguration()

  @Option(help: "Shape of the curve: bezier, or polygon (straight pieces).")
  var curve = Self.defaults.curve.shape

  @Option(help: "Control points between the networks.")
  var bends = Self.defaults.curve.bends

  @Option(help: "Passes over the samples to train the bends.")
  var epochs = Self.defaults.curve.epochs

  @Option(help: "Samples of a step.")
  var batchSize = Self.defaults.curve.batchSize

  @Option(help: "Learning rate at the start; it falls to 0 as half a cosine.")
  var learningRate = Self.defaults.curve.learningRate

  @Option(help: "Share of the velocity that a step keeps.")
  var momentum = Self.defaults.curve.momentum

  @Option(help: "Weight decay of the points of the curve.")
  var weightDecay = Self.defaults.curve.weightDecay

  @Option(help: "Seed of the order of samples and of the places on the curve.")
  var seed = Self.defaults.curve.seed

  @Option(help: "Places on curve and line where the loss is taken, ends included.")
  var points = Self.defaults.points

  func validate() throws {
    do {
      try checkOptions { try configuration.validate() }
    } catch let error as TrainingError {
      throw ValidationError("\(error).")
    }
  }

  /// The configuration.
  var configuration: ConnectionConfiguration {
    var result = Self.defaults
    result.curve.shape = curve
    result.curve.bends = bends
    result.curve.epochs = epochs
    result.curve.batchSize = batchSize
    result.curve.learningRate = learningRate
    result.curve.momentum = momentum
    result.curve.weightDecay = weightDecay
    result.curve.seed = seed
    result.points = points
    return result
  }
}
