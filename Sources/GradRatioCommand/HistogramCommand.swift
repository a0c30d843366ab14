import ArgumentParser
import Artifacts
import Checkpoints
import CommandSupport
import Datasets
import Foundation
import GradientRatios
import LinearAlgebra
import NeuralNetworks
import Objectives
import Plotting
import Training

/// `gradratio histogram`.
struct HistogramCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "histogram",
    abstract: "Distribution of log |(g_SAM - g_SGD) / g_SGD| over the parameters.")

  @Argument(help: "Checkpoints: PyTorch, safetensors, or written by trainer.")
  var models: [String] = ["model.ckpt"]

  @OptionGroup(title: "Gradients") var gradients: GradientOptions
  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Figures") var scale: HistogramOptions
  @OptionGroup(title: "Figures") var figures: FigureFileOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    try runCommand {
      let pool = engine.pool()
      let opened = try models.map {
        try OpenedModel(path: $0, options: model, isQuiet: output.quiet)
      }
      let folder = try RunFolder(
        output.output ?? (opened.count == 1 ? "gradratio-\(opened[0].stem)" : "gradratio"))
      let summaries = try opened.map { try summary(of: $0, pool: pool) }
      try JSON.write(summaries, to: folder.file("summary.json"))
      var paths = [folder.file("summary.json")]
      for (index, summary) in summaries.enumerated() {
        let name = summaries.count == 1 ? "histogram.csv" : "histogram-\(index + 1).csv"
        try summary.table.write(to: folder.file(name))
        paths.append(folder.file(name))
      }
      paths += try figures.write(
        RatioFigure(summaries: summaries).figure, "histogram", sources: summaries.map(\.source),
        to: folder)
      try printResult(
        summaries, text: summaries.flatMap(\.lines), paths: paths, asJSON: output.json)
    }
  }

  private func summary(of opened: OpenedModel, pool: WorkerPool) throws -> RatioSummary {
    let record = RunRecord(
      models: [opened], engine: engine, seeds: [:],
      batchNormalization: gradients.batchNorm.rawValue, weightDecay: .inLoss(0),
      settings: ["batch size": "\(gradients.batchSize)"], started: Date())
    let samples = opened.data.samples
    let available = (samples.count - 1) / gradients.batchSize + 1
    let wanted = gradients.batches ?? (self.model.samples == nil ? 1 : available)
    let progress = Progress("gradients", isQuiet: output.quiet)
    let model = opened.trained.model
    try opened.checkStatistics(for: gradients.batchNorm)
    let mask = try mask(of: opened)
    let ratio = try GradientRatio.compute(
      samples, batchSize: gradients.batchSize, batches: wanted, rho: gradients.rho, model: model,
      loss: opened.loss.loss,
      options: TrainingStepOptions(
        normalization: gradients.batchNorm, convolution: engine.convolution),
      at: opened.trained.point, pool: pool
    ) { done in
      try Interruption.check()
      progress.show(done, of: min(wanted, available))
    }
    progress.end()
    guard ratio.plain.firstNonFiniteIndex == nil, ratio.perturbed.firstNonFiniteIndex == nil else {
      throw UsageError(description: "\(opened.path): a gradient is not finite; lower --rho")
    }
    // The gradients are over whole batches, which may be fewer samples than were opened.
    let used = try opened.data.prefix(samples: ratio.samples)
    let source = Provenance.DataSource(
      name: used.name, split: used.split.rawValue, digest: try used.digest, samples: used.count,
      path: opened.dataPath)
    let layers = model.layout.segments.map { segment in
      RatioSummary.Part(
        name: segment.name, parameters: segment.range.count,
        histogram: histogram(ratio, positions: Array(segment.range)))
    }
    var difference = ratio.perturbed
    difference.add(ratio.plain, scaledBy: -1)
    return RatioSummary(
      provenance: record.finished(data: source), architecture: model.name,
      parameters: model.layout.count, rho: gradients.rho, batchSize: gradients.batchSize,
      samples: ratio.samples, loss: ratio.loss, plainNorm: ratio.plain.norm,
      perturbedNorm: ratio.perturbed.norm, differenceNorm: difference.norm,
      histogram: histogram(ratio), layers: layers,
      mask: mask.map { parts(of: ratio, mask: $0.mask, path: $0.path) })
  }

  private func histogram(_ ratio: GradientRatio, positions: [Int]? = nil) -> RatioHistogram {
    let unit = scale.base.naturalLogarithm
    return RatioHistogram(
      plain: ratio.plain, perturbed: ratio.perturbed, positions: positions, base: scale.base,
      range: -18 / unit...12 / unit, bins: scale.bins)
  }

  /// The mask that --mask names, or that of the checkpoint itself if it has one.
  private func mask(of opened: OpenedModel) throws -> (mask: PerturbationMask, path: String)? {
    // A graph, or one of several networks in a file, is no training of ours.
    if opened.isGraph || model.graph.weights != nil, gradients.mask == nil { return nil }
    let path = gradients.mask ?? opened.path
    let contents = try CheckpointFile.read(path)
    if let mask = try TrainingCheckpoint.readMask(
      contents, layout: opened.trained.model.layout)
    {
      return (mask, path)
    }
    guard gradients.mask == nil else {
      throw UsageError(
        description: "\(path): holds no mask; --mask takes a checkpoint of ssam-f or ssam-d")
    }
    return nil
  }

  private func parts(
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
