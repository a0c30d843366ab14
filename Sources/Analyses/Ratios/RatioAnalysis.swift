internal import Artifacts
internal import Checkpoints
internal import Datasets
internal import Foundation
internal import GradientRatios
internal import LinearAlgebra
internal import NeuralNetworks
internal import Objectives
internal import Training
internal import Settings

extension OpenedModel {
  /// Distribution of `log |(g_SAM - g_SGD) / g_SGD|` over the parameters.
  ///
  /// Both gradients are those of the same batches and without weight decay.
  ///
  /// - Parameters:
  ///   - configuration: How the gradients are computed and counted.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The histogram of the network, of its layers, and of both sides of a mask.
  /// - Throws: `AnalysisError` for the configuration and for gradients that are not finite;
  ///   `TrainingError`, `CheckpointError`, and what cancels the run.
  public func gradientRatios(
    _ configuration: RatioConfiguration = RatioConfiguration(), context: RunContext = RunContext()
  ) throws -> RatioSummary {
    try configuration.validate()
    let record = RunRecord(
      models: [self], context: context, seeds: [:],
      batchNormalization: configuration.batchNorm.rawValue, weightDecay: .inLoss(0),
      settings: ["batch size": "\(configuration.batchSize)"], started: Date())
    let model = trained.model
    let mask = try mask(configuration.mask)
    let gradients = try context.work("gradients") { work in
      try ratio(at: trained.point, configuration, context) { done, wanted in
        try context.checkCancellation()
        work.show(done, of: wanted)
      }
    }
    // The gradients are over whole batches, which may be fewer samples than were opened.
    let used = try data.prefix(samples: gradients.samples)
    let source = Provenance.DataSource(
      name: used.name, split: used.split.rawValue, digest: try used.digest, samples: used.count,
      path: dataPath)
    let layers = model.layout.segments.enumerated().map { index, segment in
      RatioSummary.Part(
        name: segment.name, parameters: segment.range.count,
        histogram: configuration.histogram(gradients, positions: Array(segment.range)),
        batches: gradients.batches.map { $0[index] })
    }
    let whole = gradients.batches.map { $0.reduce(RatioCount(), +) }
    var difference = gradients.perturbed
    difference.add(gradients.plain, scaledBy: -1)
    return RatioSummary(
      provenance: record.finished(data: source), architecture: model.name,
      parameters: model.layout.count, rho: configuration.rho, batchSize: configuration.batchSize,
      samples: gradients.samples, loss: gradients.loss, plainNorm: gradients.plain.norm,
      perturbedNorm: gradients.perturbed.norm, differenceNorm: difference.norm,
      histogram: configuration.histogram(gradients), batches: Spread(whole.compactMap(\.share)),
      layers: layers,
      mask: mask.map { configuration.parts(of: gradients, mask: $0.mask, path: $0.path) })
  }

  /// Both gradients at a point.
  ///
  /// - Parameters:
  ///   - point: Weights and running statistics.
  ///   - configuration: How they are computed.
  ///   - context: Threads and algorithms.
  ///   - report: Called after each batch with their number and that of all; what it throws ends the work.
  /// - Returns: The gradients.
  /// - Throws: `AnalysisError` for gradients that are not finite, `TrainingError`.
  func ratio(
    at point: ModelPoint, _ configuration: RatioConfiguration, _ context: RunContext,
    report: (Int, Int) throws -> Void
  ) throws -> GradientRatio {
    try checkStatistics(for: configuration.batchNorm)
    let samples = data.samples
    let available = (samples.count - 1) / configuration.batchSize + 1
    let wanted = min(configuration.batches ?? available, available)
    let ratio = try GradientRatio.compute(
      samples, batchSize: configuration.batchSize, batches: wanted, rho: configuration.rho,
      model: trained.model, loss: loss.loss,
      options: TrainingStepOptions(
        normalization: configuration.batchNorm, convolution: context.engine.convolution),
      at: point, pool: try context.engine.pool()
    ) { try report($0, wanted) }
    guard ratio.plain.firstNonFiniteIndex == nil, ratio.perturbed.firstNonFiniteIndex == nil else {
      throw AnalysisError("a gradient is not finite; lower \(.rho)", subject: path)
    }
    return ratio
  }

  /// The mask of a checkpoint, or that of the model itself if it has one.
  private func mask(_ file: String?) throws -> (mask: PerturbationMask, path: String)? {
    // A graph, or one of several networks in a file, is no training of ours.
    guard isWholeCheckpoint || file != nil else { return nil }
    let path = file ?? path
    let contents = try CheckpointFile.read(path)
    if let mask = try TrainingCheckpoint.readMask(contents, layout: trained.model.layout) {
      return (mask, path)
    }
    guard file == nil else {
      throw AnalysisError(
        "holds no mask; \(.mask) takes a checkpoint of ssam-f or ssam-d", subject: path)
    }
    return nil
  }
}

extension RatioConfiguration {
  /// The ratios on both sides of a mask.
  fileprivate func parts(
    of ratio: GradientRatio, mask: PerturbationMask, path: String
  ) -> RatioSummary.MaskParts {
    func part(_ name: String, _ positions: [Int]) -> RatioSummary.Part {
      RatioSummary.Part(
        name: name, parameters: positions.count,
        histogram: histogram(ratio, positions: positions))
    }
    return RatioSummary.MaskParts(
      path: path, inside: part("inside", mask.positions),
      outside: part("outside", mask.elements.array.indices.filter { mask.elements[$0] == 0 }))
  }
}
