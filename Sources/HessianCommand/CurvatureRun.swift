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

/// One model with its risk, ready for products.
struct CurvatureRun {
  let opened: OpenedModel
  let options: CurvatureOptions
  let engine: EngineOptions
  let folder: RunFolder
  let isQuiet: Bool
  let risk: EmpiricalRisk
  let selection: ParameterSelection
  private let source: CurvatureSource
  private let record: RunRecord
  let counter = ProductCounter()
  private let journal: ProductJournal

  /// Everything that the products depend on.
  private struct Configuration: Encodable {
    let command: String
    let model: String
    let data: String
    let samples: Int
    let normalization: String
    let loss: Loss
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
    let started = Date()
    self.opened = opened
    self.options = options
    self.engine = engine
    self.folder = folder
    self.isQuiet = isQuiet
    let model = opened.trained.model
    selection = try options.selection(of: model.layout)
    risk = try opened.risk(options.riskOptions(engine), pool: engine.pool())
    let value = try risk.value(at: opened.trained.point)
    risk.releasePlans()
    guard value.loss.isFinite else {
      throw UsageError(
        description: "\(opened.path): the loss at the weights is \(value.loss); they do not fit "
          + "the data or its normalisation (--data, --normalize, --batch-norm)")
    }
    let sampled = options.matrix == .sampledFisher
    record = RunRecord(
      models: [opened], engine: engine,
      seeds: ["vectors": options.seed].merging(sampled ? ["labels": options.seed] : [:]) { $1 },
      batchNormalization: options.batchNorm.rawValue, weightDecay: .inLoss(options.weightDecay),
      settings: [
        "batch size": "\(options.batchSize)", "micro-batch": "\(risk.microBatch)",
        "label draws": "\(options.labelDraws)",
      ], started: started)
    source = CurvatureSource(
      provenance: record.finished(), architecture: model.name, parameters: model.layout.count,
      matrix: options.matrix,
      selection: options.selectionText, dimension: selection.count,
      lossFunction: opened.loss.loss, loss: value.loss, metric: value.metric,
      score: value.finiteScore)
    if !isQuiet {
      note(
        "\(source.title): loss \(short(value.loss))" + (value.text.map { ", \($0)" } ?? "")
          + "; \(options.matrix.title) of dimension \(selection.count)")
    }
    journal = try ProductJournal(
      path: folder.file("\(command).products"),
      configuration: Configuration(
        command: command, model: opened.sha256, data: opened.dataDigest,
        samples: opened.data.count, normalization: opened.data.normalization,
        loss: opened.loss.loss,
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
    var settings = CurvatureSettings(
      options.matrix, segments: selection.segments, targetSeed: options.seed,
      targetDraws: options.labelDraws)
    let plan = try risk.curvatureMemory(settings)
    // Beside a basis live its direction, a product and the remainder, and at the end other weights,
    // at which a second plan in the place of this one tells how exact the products are.
    let check = 4 * risk.model.layout.count
    let needed =
      Double(ProcessMemory.resident + plan.added + check) + 4 * Double(selection.count)
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
    settings.keptBytes = Int(max(0, free))
    settings.directionsAtOnce = isBlocked ? RiskOperator.blockSize : 1
    return RecordedOperator(
      try RiskOperator(settings, of: risk, at: opened.trained.point, selection: selection),
      journal: journal, counter: counter, beforeProduct: { try Interruption.check() })
  }

  /// Products that a run takes beside those of its method: two that must repeat, and one that is
  /// computed otherwise too.
  static let checkProducts = 3

  /// Error of the products of an operator in single precision, as a distance of eigenvalues.
  ///
  /// The product with a vector is compared with one from direct instead of Winograd's convolutions,
  /// at weights of which half have moved to a neighbouring number. Gives back the memory of the plans
  /// that the products had.
  ///
  /// - Parameters:
  ///   - matrix: What `recordedOperator` gave.
  ///   - x: The unit vector of an eigenvalue.
  /// - Returns: Three times the distance of the two products.
  /// - Throws: `Interrupted`, and the errors of products.
  func arithmeticError(
    of matrix: RecordedOperator<RiskOperator>, at x: Vector<Float>
  ) throws -> Double {
    let product = try matrix.product(with: x)
    risk.releasePlans()
    try Interruption.check()
    var direct = risk.options
    direct.convolution = .direct
    var moved = opened.trained.point
    moved.weights.elements = moved.weights.elements.movedByRounding(seed: options.seed)
    let other = try RiskOperator(
      CurvatureSettings(
        options.matrix, targetSeed: options.seed, targetDraws: options.labelDraws,
        directionsAtOnce: 1),
      of: opened.risk(direct, pool: risk.pool), at: moved, selection: matrix.base.selection)
    return try HessianSpectra.arithmeticError(ofProduct: product, against: other, at: x)
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

  /// Reports progress; while products are only played back, how many have been read.
  func show(_ progress: CommandSupport.Progress, _ products: Int, of total: Int, detail: String) {
    if let share = journal.playedBackShare {
      let percent = Int((100 * share).rounded(.down))
      progress.showPreparation(
        "resuming: \(counter.playedBack) products read, \(percent) % of those kept", share: share)
    } else {
      progress.show(products, of: total, detail: detail)
    }
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
    result.provenance = record.finished()
    return result
  }
}

/// Four digits.
func short(_ value: Double) -> String { String(format: "%.4g", value) }

/// A residual bound, at least the error of the products where that is known already.
func boundText(_ value: RitzValue, floor: Double = 0) -> String {
  String(format: "%.1e", max(value.residualBound, floor, Double(Float.ulpOfOne) * abs(value.value)))
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
