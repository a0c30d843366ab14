import Analyses
import ArgumentParser

/// What is evaluated at the points of a surface.
struct PointOptions: ParsableArguments {
  private static let defaults = SurfaceConfiguration()

  @Option(
    help: """
      Batch norm: inference (running statistics), batch (statistics of each batch) or \
      recalibrated (running statistics estimated anew at every point).
      """)
  var batchNorm = Self.defaults.batchNorm

  @Option(help: "Samples per batch where batch norm uses statistics of batches.")
  var batchSize = Self.defaults.batchSize

  @Option(help: "Adds weight decay, this factor times ||w||^2 / 2, to the loss.")
  var weightDecay = Self.defaults.weightDecay
}
