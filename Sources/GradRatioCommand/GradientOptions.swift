import ArgumentParser
import GradientRatios
import NeuralNetworks

extension LogarithmBase: ExpressibleByArgument {}
extension NormalizationMode: ExpressibleByArgument {}

/// How the two gradients are computed.
struct GradientOptions: ParsableArguments {
  @Option(help: "Radius of SAM's perturbation.")
  var rho = 0.1

  @Option(help: "Samples that share a perturbation.")
  var batchSize = 128

  @Option(help: "Batches from the start of the data; default: one, or as many as --samples fill.")
  var batches: Int?

  @Option(help: "Batch norm: inference (running statistics) or batch (those of each batch).")
  var batchNorm = NormalizationMode.inference

  @Option(
    help: """
      Checkpoint of ssam-f or ssam-d whose mask divides the parameters, like last.ckpt; default: \
      the model's own mask, if it has one.
      """)
  var mask: String?

  func validate() throws {
    guard rho >= 0, rho.isFinite else { throw ValidationError("--rho \(rho) is negative.") }
    guard batchSize >= 2 else { throw ValidationError("--batch-size \(batchSize) is below 2.") }
    if let batches, batches < 1 { throw ValidationError("--batches \(batches) is below 1.") }
  }
}

/// How the ratios are counted.
struct HistogramOptions: ParsableArguments {
  @Option(help: "Base of the logarithm.")
  var base = LogarithmBase.e

  @Option(help: "Number of bins between -18 and 12 natural units.")
  var bins = 125

  func validate() throws {
    guard (1...100_000).contains(bins) else {
      throw ValidationError("--bins \(bins) is outside 1 ... 100000.")
    }
  }
}
