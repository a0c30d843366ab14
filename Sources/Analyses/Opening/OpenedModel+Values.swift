internal import Checkpoints
internal import Communication
public import Datasets
internal import FileFormats
public import HessianSpectra
public import LinearAlgebra
public import NeuralNetworks
public import Objectives

extension OpenedModel {
  /// A network, weights and samples that a program has made itself.
  ///
  /// - Parameters:
  ///   - network: The network; results and messages call it by its `modelName`.
  ///   - weights: Its parameters behind one another in the order in which it registers them; nil for
  ///     random ones.
  ///   - seed: Seed of random weights.
  ///   - samples: The samples, already normalised.
  ///   - loss: How outputs are compared with targets; nil for cross-entropy where targets are whole
  ///     numbers, and the squared error otherwise.
  /// - Throws: `ShapeError` where the network cannot be built, `RiskError` where loss, outputs and targets
  ///   do not fit each other, `AnalysisError` for another number of weights, `DatasetError` where
  ///   samples cannot be read.
  public init(
    _ network: some ModelDefinition, weights: Vector<Float>? = nil, seed: UInt64 = 0,
    samples: Samples, loss: Loss? = nil
  ) throws {
    let model = try Model(.definition(AnyModelDefinition(network)))
    var point = model.initialPoint(seed: seed)
    if let weights {
      guard weights.count == model.layout.count else {
        throw AnalysisError(
          "has \(model.layout.count) parameters, not \(weights.count)", subject: network.modelName)
      }
      point.weights.elements = weights
    }
    let data = ArrayDataset(memory: samples)
    self.init(
      path: network.modelName, sha256: Self.digest(of: point), format: "memory",
      isWholeCheckpoint: false, trained: TrainedModel(model: model, point: point),
      loss: try BoundLoss(loss, model: model, target: samples.target), data: .arrays(data),
      dataPath: data.source, dataDigest: try data.digest())
  }

  /// The same network, loss and samples at other weights or statistics.
  ///
  /// - Precondition: The point is one of the network.
  public func at(_ point: ModelPoint) -> OpenedModel {
    OpenedModel(
      path: path, sha256: Self.digest(of: point), format: format, isWholeCheckpoint: false,
      trained: TrainedModel(
        model: trained.model, point: point, hasStatistics: trained.hasStatistics),
      loss: loss, data: data, dataPath: dataPath, dataDigest: dataDigest, labels: labels,
      settings: settings, warnings: warnings, reading: reading, epoch: nil)
  }

  /// The mean loss over the samples as a function of the weights, with its gradient.
  ///
  /// Plans are kept between calls, so one risk serves a whole training.
  ///
  /// - Parameters:
  ///   - configuration: Which statistics batch norms use.
  ///   - engine: Threads and algorithms.
  /// - Returns: The risk.
  /// - Throws: `AnalysisError` for the configuration and for running statistics that are not there,
  ///   `RiskError` where batches are too small.
  public func risk(
    _ configuration: EvaluationConfiguration = EvaluationConfiguration(),
    engine: EngineSettings = EngineSettings()
  ) throws -> EmpiricalRisk {
    try configuration.validate()
    return try risk(
      RiskOptions(
        normalization: configuration.batchNorm, batchSize: configuration.batchSize,
        convolution: engine.convolution),
      pool: engine.pool())
  }

  /// A curvature matrix at the weights as an operator for Krylov methods.
  ///
  /// - Parameters:
  ///   - configuration: Which matrix, and which of its rows and columns.
  ///   - engine: Threads and algorithms.
  /// - Returns: The operator; its vectors have the chosen elements alone.
  /// - Throws: As `spectrum(_:of:in:context:)`.
  public func curvatureOperator(
    _ configuration: CurvatureConfiguration = CurvatureConfiguration(),
    engine: EngineSettings = EngineSettings()
  ) throws -> RiskOperator {
    try CurvatureRun("operator", of: self, configuration, in: nil, RunContext(engine: engine))
      .recordedOperator(vectors: 0, inBlocks: true).base
  }

  /// Digest of weights and buffers, which stands for that of a file.
  static func digest(of point: ModelPoint) -> String {
    unsafe point.weights.elements.withUnsafeBuffer { weights in
      unsafe point.buffers.elements.withUnsafeBuffer { buffers in
        unsafe SHA256.hexDigest(
          ofParts: [UnsafeRawBufferPointer(weights), UnsafeRawBufferPointer(buffers)])
      }
    }
  }
}
