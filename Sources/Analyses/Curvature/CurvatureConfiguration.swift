internal import FileFormats
internal import Foundation
internal import HessianSpectra
internal import LinearAlgebra
public import NeuralNetworks
public import Objectives
internal import Settings

/// Which matrix is looked at, at which weights of which loss, and in how much memory.
public struct CurvatureConfiguration: Codable, Equatable, Sendable {
  /// The matrix.
  public var matrix = CurvatureMatrix.hessian
  /// Only the block of parameters with names that fit one of these patterns, like `layer3.*`; empty for
  /// all.
  public var parameters: [String] = []
  /// Only the block of parameters with these roles; empty for all.
  public var roles: [ParameterRole] = []
  /// File `.npz` whose array `mask` is not 0 where parameters are in the block; nil for none.
  public var mask: String?
  /// Which statistics batch norms use.
  public var batchNorm = NormalizationMode.inference
  /// Samples per batch where batch norms use statistics of batches.
  public var batchSize = 128
  /// Factor of `||w||^2 / 2` in the loss; 0 leaves weight decay out.
  public var weightDecay = 0.0
  /// Seed of the random vectors, and of the labels of the sampled Fisher matrix.
  public var seed: UInt64 = 0
  /// Labels per sample of the sampled Fisher matrix.
  public var labelDraws = 1
  /// Samples that a worker takes through the network at once; nil for `GraphWork`'s rule.
  ///
  /// Changes rounding only.
  public var microBatch: Int?
  /// Memory of the process: at most half for the vectors of a basis, and what is left for activations
  /// that need not be computed again for every product.
  public var memory = ByteCount.halfOfFreeMemory

  /// Creates the configuration of the whole Hessian on running statistics.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate() throws(AnalysisError) {
    try checkPoint(batchSize: batchSize, weightDecay: weightDecay)
    guard (2...4096).contains(microBatch ?? 2) else {
      throw AnalysisError("\(.microBatch) \(microBatch ?? 2) is outside 2 ... 4096")
    }
    guard (1...10_000).contains(labelDraws) else {
      throw AnalysisError("\(.labelDraws) \(labelDraws) is outside 1 ... 10000")
    }
    guard mask == nil || (parameters.isEmpty && roles.isEmpty) else {
      throw AnalysisError(
        "\(.mask) and \(.parameters) or \(.roles) choose parameters in two ways")
    }
  }

  func riskOptions(_ engine: EngineSettings) -> RiskOptions {
    RiskOptions(
      normalization: batchNorm, batchSize: batchSize, microBatch: microBatch,
      weightDecay: weightDecay, convolution: engine.convolution)
  }

  /// The rows and columns that are looked at.
  func selection(of layout: ParameterLayout) throws -> ParameterSelection {
    guard let mask else {
      return try ParameterSelection(layout, patterns: parameters, roles: roles)
    }
    do {
      let elements = try NPZFile(path: mask).array("mask").floats()
      return try ParameterSelection(layout, mask: Vector(elements))
    } catch let error as SpectrumError {
      throw AnalysisError("\(error)", subject: mask)
    }
  }

  /// The choice of parameters in words; nil for all.
  var selectionText: String? {
    if let mask { return "parameters of the mask \(URL(filePath: mask).lastPathComponent)" }
    var parts: [String] = []
    if !parameters.isEmpty { parts.append(parameters.joined(separator: ", ")) }
    if !roles.isEmpty { parts.append(roles.map(\.rawValue).joined(separator: ", ")) }
    return parts.isEmpty ? nil : "parameters \(parts.joined(separator: "; "))"
  }
}

extension CurvatureMatrix {
  /// Name for titles and captions.
  public var title: String {
    switch self {
    case .hessian: "Hessian"
    case .gaussNewton: "Gauss-Newton matrix"
    case .fisher: "empirical Fisher matrix"
    case .sampledFisher: "sampled Fisher matrix"
    }
  }
}
