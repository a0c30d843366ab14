import ArgumentParser
import CommandSupport
import FileFormats
import Foundation
import HessianSpectra
import Krylov
import LinearAlgebra
import NeuralNetworks
import Objectives

extension CurvatureMatrix: ExpressibleByArgument {}
extension NormalizationMode: ExpressibleByArgument {}
extension ParameterRole: ExpressibleByArgument {}

/// Which matrix is looked at, and at which weights of which loss.
struct CurvatureOptions: ParsableArguments {
  @Option(
    help: """
      Matrix: hessian, gauss-newton, fisher (empirical) or sampled-fisher (labels drawn from the \
      model).
      """)
  var matrix: CurvatureMatrix = .hessian

  @Option(
    parsing: .upToNextOption,
    help: "Only the block of parameters with such names, like 'layer3.*'; default: all.")
  var parameters: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Only the block of parameters with such roles: weight, bias, normScale, normShift.")
  var role: [ParameterRole] = []

  @Option(help: "Only the block of parameters where the array mask of an .npz file is not 0.")
  var mask: String?

  @Option(
    help: "Batch norm: inference (running statistics) or batch (statistics of each batch).")
  var batchNorm: NormalizationMode = .inference

  @Option(help: "Samples per batch where batch norm uses statistics of batches.")
  var batchSize: Int = 128

  @Option(help: "Adds weight decay, this factor times ||w||^2 / 2, to the loss.")
  var weightDecay: Double = 0

  @Option(help: "Seed of the random vectors, and of the labels of sampled-fisher.")
  var seed: UInt64 = 0

  @Option(help: "Labels per sample of sampled-fisher.")
  var labelDraws: Int = 1

  @Option(
    help: """
      Samples that a worker takes through the network at once; changes rounding only. (default: 16, \
      up to 512 where matrix products prevail)
      """)
  var microBatch: Int?

  @Option(
    help: """
      Memory of the process, like 8G or 500M: at most half for the vectors of a basis, and what \
      is left for activations that need not be computed again for every product.
      """)
  var memory: ByteCount = .halfOfFreeMemory

  func validate() throws {
    guard batchSize >= 2 else { throw ValidationError("--batch-size \(batchSize) is below 2.") }
    guard (2...4096).contains(microBatch ?? 2) else {
      throw ValidationError("--micro-batch \(microBatch ?? 2) is outside 2 ... 4096.")
    }
    guard (1...10_000).contains(labelDraws) else {
      throw ValidationError("--label-draws \(labelDraws) is outside 1 ... 10000.")
    }
    guard weightDecay >= 0, weightDecay.isFinite else {
      throw ValidationError("--weight-decay \(weightDecay) is negative or not finite.")
    }
    guard mask == nil || (parameters.isEmpty && role.isEmpty) else {
      throw ValidationError("--mask and --parameters or --role choose parameters in two ways.")
    }
  }

  func riskOptions(_ engine: EngineOptions) -> RiskOptions {
    RiskOptions(
      normalization: batchNorm, batchSize: batchSize, microBatch: microBatch,
      weightDecay: weightDecay, convolution: engine.convolution)
  }

  /// The rows and columns that are looked at.
  func selection(of layout: ParameterLayout) throws -> ParameterSelection {
    guard let mask else {
      return try ParameterSelection(layout, patterns: parameters, roles: role)
    }
    do {
      let elements = try NPZFile(path: mask).array("mask").floats()
      return try ParameterSelection(layout, mask: Vector(elements))
    } catch let error as SpectrumError {
      throw UsageError(description: "\(mask): \(error)")
    }
  }

  /// The choice of parameters in words; nil for all.
  var selectionText: String? {
    if let mask { return "parameters of the mask \(URL(filePath: mask).lastPathComponent)" }
    var parts: [String] = []
    if !parameters.isEmpty { parts.append(parameters.joined(separator: ", ")) }
    if !role.isEmpty { parts.append(role.map(\.rawValue).joined(separator: ", ")) }
    return parts.isEmpty ? nil : "parameters \(parts.joined(separator: "; "))"
  }
}

extension CurvatureMatrix {
  /// Name for titles and captions.
  var title: String {
    switch self {
    case .hessian: "Hessian"
    case .gaussNewton: "Gauss-Newton matrix"
    case .fisher: "empirical Fisher matrix"
    case .sampledFisher: "sampled Fisher matrix"
    }
  }
}
