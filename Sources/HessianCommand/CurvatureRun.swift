import Artifacts
import Checkpoints
import CommandSupport
import Datasets
import FileFormats
import Foundation
import GraphRuntime
import HessianSpectra
import Krylov
import LinearAlgebra
import NeuralNetworks
import Objectives

/// What every curvature command says about where its numbers come from.
struct CurvatureSource: Codable {
  var provenance: Provenance
  var architecture: String
  /// Parameters of the network.
  var parameters: Int
  var matrix: CurvatureMatrix
  /// Which block of the matrix; absent for the whole.
  var selection: String?
  /// Rows of the block.
  var dimension: Int
  /// Mean loss at the weights.
  var loss: Double
  /// Share of right answers at the weights.
  var accuracy: Double

  /// Name for titles: the model's file and its architecture.
  var title: String {
    "\(provenance.models.first?.title ?? "") (\(architecture))"
  }

  /// Model and digest, for the metadata of figures.
  var sourceText: String {
    guard let model = provenance.models.first else { return "" }
    return "\(URL(filePath: model.path).lastPathComponent) sha256:\(model.sha256)"
  }

  /// One sentence about the loss and the samples, for captions.
  var caption: String {
    var parts: [String] = []
    if let data = provenance.data {
      parts.append(
        "Mean cross-entropy over the first \(data.samples) images of \(data.name) \(data.split)")
    }
    if let decay = provenance.weightDecay, decay > 0 {
      parts.append("weight decay \(decay) included")
    } else {
      parts.append("weight decay left out")
    }
    parts.append("batch norm: \(provenance.batchNormalization ?? "inference")")
    if let selection { parts.append("block of \(selection) (\(dimension) of \(parameters))") }
    return parts.joined(separator: "; ") + "."
  }
}

/// One model with its risk, ready for products.
struct CurvatureRun {
  let opened: OpenedModel
  let options: CurvatureOptions
  let engine: EngineOptions
  let folder: RunFolder
  let isQuiet: Bool
  let risk: EmpiricalRisk
  let selection: ParameterSelection
  let source: CurvatureSource
  let counter = ProductCounter()
  private let journal: ProductJournal
  private let started: Date

  /// Everything that the products depend on.
  private struct Configuration: Encodable {
    let command: String
    let model: String
    let data: String
    let samples: Int
    let normalization: String
    let matrix: CurvatureMatrix
    let parameters: String
    let labels: [UInt64]
    let batchNorm: NormalizationMode
    let batchSize: Int
    let microBatch: Int
    let weightDecay: Double
    let convolution: String
    let libraries: [String: String]
    let version: String
  }

  /// Prepares the risk and evaluates the loss.
  ///
  /// - Throws: `UsageError` when the loss is not finite; errors of the options and the journal.
  init(
    _ command: String, opened: OpenedModel, options: CurvatureOptions, engine: EngineOptions,
    folder: RunFolder, isQuiet: Bool
  ) throws {
    started = Date()
    self.opened = opened
    self.options = options
    self.engine = engine
    self.folder = folder
    self.isQuiet = isQuiet
    let model = opened.model
    let network = model.network
    selection = try options.selection(of: network.layout)
    risk = try EmpiricalRisk(
      network: network, samples: opened.sampleSet(), options: options.riskOptions(engine),
      pool: engine.pool())
    let value = try risk.value(at: model.parameters.elements, state: model.state.elements)
    risk.releasePlans()
    guard value.loss.isFinite else {
      throw UsageError(
        description: "\(opened.path): the loss at the weights is \(value.loss); they do not fit "
          + "the data or its normalisation (--data, --normalize, --batch-norm)")
    }
    var provenance = Provenance(
      command: CommandLine.arguments, version: Toolkit.version, threads: engine.threads,
      date: started)
    provenance.models = [.init(path: opened.path, sha256: opened.sha256)]
    provenance.data = .init(
      name: opened.dataset.name, split: opened.dataset.split.rawValue,
      digest: opened.dataset.digest, samples: opened.dataset.count)
    provenance.seeds = ["vectors": options.seed]
    if options.matrix == .sampledFisher { provenance.seeds["labels"] = options.seed }
    provenance.batchNormalization = options.batchNorm.rawValue
    provenance.weightDecay = options.weightDecay
    provenance.lossIncludesWeightDecay = options.weightDecay > 0
    provenance.libraries = EngineOptions.libraries
    provenance.settings = [
      "normalization": opened.normalization.description,
      "convolution": engine.convolution.rawValue, "batch size": "\(options.batchSize)",
      "micro-batch": "\(risk.microBatch)", "label draws": "\(options.labelDraws)",
    ]
    source = CurvatureSource(
      provenance: provenance, architecture: network.architecture.name,
      parameters: network.layout.count, matrix: options.matrix,
      selection: options.selectionText, dimension: selection.count, loss: value.loss,
      accuracy: value.accuracy)
    if !isQuiet {
      note(
        "\(source.title): loss \(short(value.loss)), \(value.correct) of \(value.samples) right "
          + "(\(String(format: "%.2f", 100 * value.accuracy)) %); \(options.matrix.title) of "
          + "dimension \(selection.count)")
    }
    let sampled = options.matrix == .sampledFisher
    journal = try ProductJournal(
      path: folder.file("\(command).products"),
      configuration: Configuration(
        command: command, model: opened.sha256, data: opened.dataset.digest,
        samples: opened.dataset.count, normalization: opened.normalization.description,
        matrix: options.matrix,
        parameters: SHA256.hexDigest(
          of: Array(selection.ranges.map { "\($0)" }.joined(separator: ",").utf8)),
        labels: sampled ? [options.seed, UInt64(options.labelDraws)] : [],
        batchNorm: options.batchNorm, batchSize: options.batchSize,
        microBatch: risk.microBatch, weightDecay: options.weightDecay,
        convolution: engine.convolution.rawValue, libraries: EngineOptions.libraries,
        version: Toolkit.version))
  }

  /// The operator of the chosen block, or of a part of it, with its products kept on disk.
  ///
  /// - Parameters:
  ///   - part: The rows and columns; nil for the whole selection.
  ///   - vectors: Vectors that an analysis needs memory for; what `--memory` leaves beside them, the
  ///     plan and all that there is already is for values that do not depend on the direction.
  ///   - inBlocks: Whether it can have several multiplied at once.
  /// - Returns: The operator.
  /// - Throws: `RiskError` when labels cannot be drawn.
  func recordedOperator(
    _ part: ParameterSelection? = nil, vectors: Int, inBlocks: Bool
  ) throws -> RecordedOperator<RiskOperator> {
    let selection = part ?? selection
    let plan = try CurvatureProduct.plan(
      options.matrix, of: risk, segments: selection.segments, labelDraws: options.labelDraws)
    // Beside a basis live its direction, a product and the remainder.
    let needed =
      Double(ProcessMemory.resident + plan.added) + 4 * Double(selection.count)
      * Double(vectors + 3)
    var free = Double(options.memory.bytes) - needed
    if free < 0, part == nil, !isQuiet {
      note(
        "--memory \(options.memory) is less than the \(ByteCount(bytes: Int(needed))) or so that "
          + "this takes without anything kept between products")
    }
    // Where all is kept there is nothing left for directions to share.
    let together = Double(RiskOperator.blockSize * (plan.held + plan.added))
    let isBlocked = inBlocks && free < Double(plan.keepable) && free >= together
    if isBlocked { free -= together }
    return RecordedOperator(
      try RiskOperator(
        options.matrix, of: risk, at: opened.model.parameters.elements,
        state: opened.model.state.elements, selection: selection, labelSeed: options.seed,
        labelDraws: options.labelDraws, keptBytes: Int(max(0, free)),
        directionsAtOnce: isBlocked ? RiskOperator.blockSize : 1),
      journal: journal, counter: counter, beforeProduct: { try Interruption.check() })
  }

  /// Basis vectors that fit in half of the memory; nil when all steps do.
  ///
  /// A function of the option and the sizes alone, since results depend on it.
  ///
  /// - Parameters:
  ///   - steps: Lanczos steps.
  ///   - wanted: Number of eigenvalues.
  /// - Returns: A limit for the basis.
  /// - Throws: `UsageError` when the memory is too small to restart with.
  func basisSize(steps: Int, wanted: Int) throws -> Int? {
    let size = LanczosSettings.basisSize(
      fitting: options.memory.bytes / 2, dimension: selection.count, bytesPerElement: 4)
    guard size < steps else { return nil }
    guard size > wanted + 1 else {
      throw UsageError(
        description: "half of --memory \(options.memory) holds \(size) vectors of "
          + "\(selection.count) elements, too few to find \(wanted) eigenvalues with; give more, or ask for fewer "
          + "with --top and --bottom")
    }
    return size
  }

  /// Reports progress unless products are only played back.
  func show(_ progress: CommandSupport.Progress, _ products: Int, of total: Int, detail: String) {
    if counter.computed > 0 { progress.show(products, of: total, detail: detail) }
  }

  /// Ends the run: the source with its time, and no journal, since the results are written.
  func finish() {
    if let error = counter.recordingError, !isQuiet {
      note("products were not kept, an interrupted run would have started again: \(error)")
    }
    journal.remove()
  }

  /// The source with the time that the run took.
  var finishedSource: CurvatureSource {
    var result = source
    result.provenance.wallSeconds = Date().timeIntervalSince(started)
    return result
  }
}

/// Four digits.
func short(_ value: Double) -> String { String(format: "%.4g", value) }

/// A residual bound, at least the rounding error of a product.
func boundText(_ value: RitzValue) -> String {
  String(format: "%.1e", max(value.residualBound, Double(Float.ulpOfOne) * abs(value.value)))
}

/// Opens models and gives each a folder of its own inside that of the run.
func openRuns(
  _ command: String, models: [String], model: ModelOptions, curvature: CurvatureOptions,
  engine: EngineOptions, output: OutputOptions
) throws -> (folder: RunFolder, runs: [() throws -> CurvatureRun]) {
  let opened = try models.map {
    try OpenedModel(path: $0, options: model, isQuiet: output.quiet)
  }
  let base =
    output.output
    ?? (opened.count == 1 ? "hessian-\(opened[0].stem)" : "hessian")
  let folder = try RunFolder(base)
  var names: Set<String> = []
  let runs = try opened.map { one -> () throws -> CurvatureRun in
    var name = one.stem
    var number = 2
    while !names.insert(name).inserted {
      name = "\(one.stem)-\(number)"
      number += 1
    }
    let own = opened.count == 1 ? folder : try RunFolder(folder.file(name))
    return {
      try CurvatureRun(
        command, opened: one, options: curvature, engine: engine, folder: own,
        isQuiet: output.quiet)
    }
  }
  return (folder, runs)
}
