import Analyses
public import ArgumentParser
import CommandSupport
import GradientRatios
import NeuralNetworks

extension LogarithmBase: ExpressibleByArgument {}
extension NormalizationMode: ExpressibleByArgument {}

/// How the two gradients are computed.
struct GradientOptions: ParsableArguments {
  private static let defaults = RatioConfiguration()

  @Option(help: "Radius of SAM's perturbation.")
  var rho = Self.defaults.rho

  @Option(help: "Samples that share a perturbation.")
  var batchSize = Self.defaults.batchSize

  @Option(help: "Batches from the start of the data; default: one, or as many as --samples fill.")
  var batches: Int?

  @Option(
    help:
      "Batch norm: batch (statistics of each batch, as in a training step) or inference (running statistics)."
  )
  var batchNorm = Self.defaults.batchNorm

  @Option(
    help: """
      Checkpoint of ssam-f or ssam-d whose mask divides the parameters, like last.ckpt; default: \
      the model's own mask, if it has one.
      """)
  var mask: String?

  func validate() throws {
    var configuration = Self.defaults
    set(&configuration, samplesAreGiven: false)
    try checkOptions { try configuration.validate() }
  }

  /// Sets what these options say; where samples are given, all batches of them are used.
  func set(_ configuration: inout RatioConfiguration, samplesAreGiven: Bool) {
    configuration.rho = rho
    configuration.batchSize = batchSize
    configuration.batches = batches ?? (samplesAreGiven ? nil : 1)
    configuration.batchNorm = batchNorm
    configuration.mask = mask
  }
}

/// How the ratios are counted.
struct HistogramOptions: ParsableArguments {
  @Option(help: "Base of the logarithm.")
  var base = RatioConfiguration().base

  @Option(help: "Number of bins between -18 and 12 natural units.")
  var bins = RatioConfiguration().bins

  func validate() throws {
    var configuration = RatioConfiguration()
    set(&configuration)
    try checkOptions { try configuration.validate() }
  }

  /// Sets what these options say.
  func set(_ configuration: inout RatioConfiguration) {
    configuration.base = base
    configuration.bins = bins
  }
}
