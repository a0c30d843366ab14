import Analyses
public import ArgumentParser
import CommandSupport
import NeuralNetworks

extension SharpnessMeasure: ExpressibleByArgument {}
extension NormalizationMode: ExpressibleByArgument {}

/// Which sharpness, in which balls.
struct SharpnessOptions: ParsableArguments {
  private static let defaults = SharpnessConfiguration()

  @Option(
    parsing: .upToNextOption,
    help: "Measures: max-l2, max-linf, avg-sphere, avg-l2, avg-linf.")
  var measure = Self.defaults.measures

  @Option(
    parsing: .upToNextOption,
    help: """
      Radii; default: those of Andriushchenko et al. 2023 for CNNs, like 0.25 0.5 1 2 for max-l2. SAM is \
      mostly trained with 0.05 to 0.2.
      """)
  var rho: [Double] = []

  @Flag(help: "Perturbations in units of each weight's magnitude.")
  var adaptive = false

  @Option(help: "Steps of an ascent.")
  var ascentSteps = Self.defaults.steps

  @Option(help: "Ascents of each maximum: one from the weights, the others from random points.")
  var restarts = Self.defaults.restarts

  @Option(help: "Random perturbations of each mean, each with both signs.")
  var draws = Self.defaults.draws

  @Option(parsing: .upToNextOption, help: "m-sharpness with batches of that many samples.")
  var m: [Int] = []

  @Option(help: "Measure everything over that many disjoint parts of the samples too; 0 for none.")
  var subsets = Self.defaults.subsets

  @Option(
    help: "Batch norm: inference (running statistics) or batch (statistics of each batch).")
  var batchNorm = Self.defaults.batchNorm

  @Option(help: "Samples per batch where batch norm uses statistics of batches.")
  var batchSize = Self.defaults.batchSize

  @Option(help: "Adds weight decay, this factor times ||w||^2 / 2, to the loss.")
  var weightDecay = Self.defaults.weightDecay

  @Option(help: "Seed of starts, perturbations and the division into parts.")
  var seed = Self.defaults.seed

  func validate() throws { try checkOptions { try configuration.validate() } }

  /// The configuration.
  var configuration: SharpnessConfiguration {
    var result = SharpnessConfiguration()
    result.measures = measure
    result.radii = rho
    result.isAdaptive = adaptive
    result.steps = ascentSteps
    result.restarts = restarts
    result.draws = draws
    result.batches = m
    result.subsets = subsets
    result.batchNorm = batchNorm
    result.batchSize = batchSize
    result.weightDecay = weightDecay
    result.seed = seed
    return result
  }
}
