internal import Artifacts
internal import Checkpoints
internal import Datasets
internal import Foundation
internal import GraphRuntime
internal import LinearAlgebra
internal import LossSurfaces
internal import NeuralNetworks
internal import Objectives
internal import Training

extension OpenedModel {
  /// Trains a curve of low loss between two networks, and looks at the loss along it and along the line.
  ///
  /// Running statistics belong to no place between networks, so batch norms are re-estimated from the samples of the
  /// curve's training at every place (Garipov et al. 2018, arXiv:1802.10026).
  ///
  /// - Parameters:
  ///   - other: The network at `t = 1`, of the same architecture.
  ///   - testing: The same network as this one, opened on other samples, where the loss is looked at too.
  ///   - configuration: Shape and training of the curve.
  ///   - folder: Gets the state of the training after every epoch (`curve.safetensors`, with which the same call
  ///     continues an interrupted run to the same bits) and `summary.json`; nil to keep nothing.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The losses.
  /// - Throws: `AnalysisError` for the configuration and for other architectures, `TrainingError` for a loss that is
  ///   not finite any more, and what cancels the run.
  /// - Complexity: A gradient of all samples per epoch, then two evaluations per place and split.
  public func connection(
    to other: OpenedModel, testing: OpenedModel? = nil,
    _ configuration: ConnectionConfiguration = ConnectionConfiguration(), in folder: RunFolder?,
    context: RunContext = RunContext()
  ) throws -> ConnectionSummary {
    try configuration.validate()
    guard other.trained.model.layout == trained.model.layout else {
      throw AnalysisError(
        "\(path) is a \(trained.model.name) and \(other.path) a \(other.trained.model.name); a curve "
          + "needs one architecture")
    }
    guard other.trained.point.weights != trained.point.weights else {
      throw AnalysisError(
        "has the weights of \(path); a curve needs two networks", subject: other.path)
    }
    let record = RunRecord(
      models: [self, other], context: context, seeds: ["curve": configuration.curve.seed],
      batchNormalization: SurfaceNormalization.recalibrated.rawValue, weightDecay: .inLoss(0),
      settings: [:], started: Date())
    let pool = try context.engine.pool()
    let trainer = try trained(configuration.curve, to: other, in: folder, context, pool)
    let controls = trainer.controlPoints
    let shape = configuration.curve.shape
    let places = (0..<configuration.points).map { Double($0) / Double(configuration.points - 1) }
    func joined(_ points: [Vector<Float>], _ shape: CurveShape) -> ConnectionPath {
      ConnectionPath(
        start: trained.point, controls: points, shape: shape, places: places)
    }
    let (curve, line) = (
      joined(controls, shape), joined([controls[0], controls[controls.count - 1]], .polygon)
    )
    let statistics = try risk(RiskOptions(convolution: context.engine.convolution), pool: pool)
    let splits = [self] + (testing.map { [$0] } ?? [])
    let profiles = try context.work("connection") { work in
      let total = 2 * places.count * splits.count
      var done = 0
      return try splits.map { model in
        let meter = try ConnectionMeter(
          statistics: statistics, model: model, parts: configuration.parts,
          convolution: context.engine.convolution
        ) {
          try context.checkCancellation()
          done += 1
          work.show(done, of: total)
        }
        let (onCurve, onLine) = (try meter.profile(curve), try meter.profile(line))
        return ConnectionSummary.Profile(
          split: model.data.split.rawValue, samples: model.data.count, curve: onCurve.places,
          line: onLine.places, curveBarrier: onCurve.barrier, lineBarrier: onLine.barrier)
      }
    }
    let summary = ConnectionSummary(
      kind: "connection", provenance: record.finished(), architecture: trained.model.name,
      parameters: trained.model.layout.count, settings: configuration.curve,
      trainingLosses: trainer.state.losses, metric: loss.metric, distance: line.length(pool: pool),
      length: curve.length(pool: pool), profiles: profiles)
    if let folder { try JSON.write(summary, to: folder.file("summary.json")) }
    return summary
  }

  /// Everything that the curve depends on.
  private struct Origin: Encodable {
    let models: [String]
    let data: String
    let samples: Int
    let normalization: String
    let loss: Loss
    let settings: CurveTrainingSettings
    let convolution: String
    let libraries: [String: String]
    let version: String
  }

  /// Trains the curve, or goes on with what an interrupted run left.
  private func trained(
    _ settings: CurveTrainingSettings, to other: OpenedModel, in folder: RunFolder?,
    _ context: RunContext, _ pool: WorkerPool
  ) throws -> CurveTrainer {
    let origin = try JSON.encode(
      Origin(
        models: [sha256, other.sha256], data: dataDigest, samples: data.count,
        normalization: data.normalization, loss: loss.loss, settings: settings,
        convolution: context.engine.convolution.rawValue, libraries: Toolkit.libraries,
        version: Toolkit.version), onOneLine: true)
    let file = folder?.file("curve.safetensors")
    let state = try file.flatMap { file in
      try !FileManager.default.fileExists(atPath: file)
        ? nil
        : CurveFile.read(
          file, origin: origin, bends: settings.bends, count: trained.model.layout.count)
    }
    let trainer = try CurveTrainer(
      settings, model: trained.model, loss: loss.loss, data: data,
      ends: (trained.point, other.trained.point), state: state,
      convolution: context.engine.convolution, pool: pool)
    if let state, state.epoch > 0 {
      context.remark("continues after epoch \(state.epoch) of \(settings.epochs)")
    }
    try context.work("curve") { work in
      let steps = trainer.stepsPerEpoch
      while !trainer.isFinished {
        let epoch = trainer.state.epoch
        try trainer.runEpoch { step in
          try context.checkCancellation()
          let last = trainer.state.losses.last.map { "loss \(fourDigits($0))" } ?? ""
          work.show(epoch * steps + step, of: settings.epochs * steps, detail: last)
        }
        if let file { try CurveFile.write(trainer.state, origin: origin, to: file) }
      }
    }
    return trainer
  }
}
