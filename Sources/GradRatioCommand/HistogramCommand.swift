import ArgumentParser
import Artifacts
import Checkpoints
import CommandSupport
import Datasets
import FileFormats
import Foundation
import GradientRatios
import LinearAlgebra
import NeuralNetworks
import Plotting

extension LogarithmBase: ExpressibleByArgument {}
extension NormalizationMode: ExpressibleByArgument {}
extension FigureFormat: ExpressibleByArgument {}

/// `gradratio histogram`.
struct HistogramCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "histogram",
    abstract: "Distribution of log |(g_SAM - g_SGD) / g_SGD| over the parameters.")

  @Argument(help: "Checkpoints: PyTorch, safetensors, or written by trainer.")
  var models: [String] = ["model.ckpt"]

  @Option(help: "Radius of SAM's perturbation.")
  var rho = 0.1

  @Option(help: "Samples that share a perturbation.")
  var batchSize = 128

  @Option(help: "Batches from the start of the data; default: one, or as many as --samples fill.")
  var batches: Int?

  @Option(help: "Batch norm: inference (running statistics) or batch (those of each batch).")
  var batchNorm = NormalizationMode.inference

  @Option(help: "Base of the logarithm: e, 10 or 2.")
  var base = LogarithmBase.e

  @Option(help: "Number of bins between -12 and 12 natural units.")
  var bins = 100

  @Option(parsing: .upToNextOption, help: "File formats of the figure: png, svg, pdf.")
  var format: [FigureFormat] = [.png]

  @Option(help: "Pixels per inch of PNG files.")
  var dpi = 300.0

  @OptionGroup(title: "Model and data") var model: ModelOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    guard rho >= 0, rho.isFinite else { throw ValidationError("--rho \(rho) is negative.") }
    guard batchSize >= 2 else { throw ValidationError("--batch-size \(batchSize) is below 2.") }
    guard (1...100_000).contains(bins) else {
      throw ValidationError("--bins \(bins) is outside 1 ... 100000.")
    }
    if let batches, batches < 1 { throw ValidationError("--batches \(batches) is below 1.") }
    guard (10...2400).contains(dpi) else {
      throw ValidationError("--dpi \(dpi) is outside 10 ... 2400.")
    }
  }

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
      paths += try writeFigure(summaries, to: folder)
      try printResult(
        summaries, text: summaries.map(\.line), paths: paths, asJSON: output.json)
    }
  }

  private func summary(of opened: OpenedModel, pool: WorkerPool) throws -> RatioSummary {
    let started = ContinuousClock.now
    let data = try NormalizedDataset(opened.dataset, opened.normalization)
    let available = data.batches(of: batchSize).count
    let wanted = batches ?? (model.samples == nil ? 1 : available)
    let progress = Progress("gradients", isQuiet: output.quiet)
    let network = opened.model.network
    let ratio = try GradientRatio.compute(
      data, batchSize: batchSize, batches: wanted, rho: rho, network: network, mode: batchNorm,
      weights: opened.model.parameters.elements, state: opened.model.state.elements, pool: pool
    ) { done in
      try Interruption.check()
      progress.show(done, of: min(wanted, available))
    }
    progress.end()
    guard ratio.plain.firstNonFiniteIndex == nil, ratio.perturbed.firstNonFiniteIndex == nil else {
      throw UsageError(description: "\(opened.path): a gradient is not finite; lower --rho")
    }
    var provenance = Provenance(
      command: CommandLine.arguments, version: Toolkit.version, threads: engine.threads)
    provenance.models = [.init(path: opened.path, sha256: opened.sha256)]
    provenance.data = .init(
      name: opened.dataset.name, split: opened.dataset.split.rawValue,
      digest: opened.dataset.digest, samples: ratio.samples)
    provenance.batchNormalization = batchNorm.rawValue
    provenance.lossIncludesWeightDecay = false
    provenance.libraries = EngineOptions.libraries
    provenance.settings = ["normalization": opened.normalization.description]
    provenance.wallSeconds = (ContinuousClock.now - started) / .seconds(1)
    let layers = network.layout.segments.map { segment in
      let part = histogram(ratio, positions: segment.range)
      return RatioSummary.Layer(
        name: segment.name, parameters: segment.range.count, finite: part.finite,
        zeroGradients: part.zeroGradients, equalGradients: part.equalGradients,
        shareBelowZero: part.shareBelowZero, median: part.median)
    }
    var difference = ratio.perturbed
    difference.add(ratio.plain, scaledBy: -1)
    return RatioSummary(
      provenance: provenance, architecture: network.architecture.name,
      parameters: network.layout.count, rho: rho, batchSize: batchSize, samples: ratio.samples,
      loss: ratio.loss, plainNorm: ratio.plain.norm, perturbedNorm: ratio.perturbed.norm,
      differenceNorm: difference.norm, histogram: histogram(ratio), layers: layers)
  }

  private func histogram(_ ratio: GradientRatio, positions: Range<Int>? = nil) -> RatioHistogram {
    let end = 12 / base.naturalLogarithm
    return RatioHistogram(
      plain: ratio.plain, perturbed: ratio.perturbed, positions: positions, base: base,
      range: -end...end, bins: bins)
  }

  /// Shares of all models on one pair of axes.
  private func writeFigure(_ summaries: [RatioSummary], to folder: RunFolder) throws -> [String] {
    let series = summaries.enumerated().map { index, summary in
      Series(
        summary.title, edges: summary.histogram.edges,
        heights: summary.histogram.counts.map {
          100 * Double($0) / Double(max(summary.histogram.finite, 1))
        }, isFilled: summaries.count == 1, color: Color.series[index % Color.series.count])
    }
    let logarithm = base == .e ? "log" : "log\(base.rawValue)"
    let chart = LineChart(
      series: series, xAxis: Axis("\(logarithm) |(g_SAM - g_SGD) / g_SGD|"),
      leftAxis: Axis("parameters (%)"))
    let shares = summaries.map {
      "\($0.title): \(String(format: "%.1f", 100 * $0.histogram.shareBelowZero)) % below 0, "
        + "median \($0.histogram.median.map { String(format: "%.2f", $0) } ?? "none")"
    }.joined(separator: "; ")
    let floor = summaries.first?.histogram.roundingFloor ?? 0
    let figure = Figure(
      panels: [Panel(chart: .lines(chart))],
      title: summaries.count == 1 ? "\(summaries[0].title) (\(summaries[0].architecture))" : "",
      caption: "Both gradients on the first \(summaries[0].samples) images, rho \(rho), batch norm "
        + "\(batchNorm.rawValue), no weight decay. \(shares). Ratios below "
        + "\(String(format: "%.1f", floor)) would be rounding alone.")
    let metadata = [
      "Software": "Basin \(Toolkit.version)", "Comment": figure.caption,
      "Source": summaries.compactMap { $0.provenance.models.first?.sha256 }
        .joined(separator: "; "),
    ]
    return try format.map { format in
      let path = folder.file("histogram.\(format.fileExtension)")
      try AtomicFile.write(
        try figure.render(format: format, dpi: dpi, metadata: metadata), to: path)
      return path
    }
  }
}
