internal import Checkpoints
internal import Communication
internal import HessianSpectra
internal import Krylov
internal import LinearAlgebra
internal import NeuralNetworks
internal import Objectives
internal import Settings

/// What a run does with the memory that it may take.
extension CurvatureRun {
  /// The operator of the chosen block, or of a part of it, with its products kept on disk.
  ///
  /// - Parameters:
  ///   - block: The rows and columns; nil for the whole selection.
  ///   - vectors: Vectors that an analysis needs memory for; what the limit leaves beside them, the
  ///     plan and all that there is already is for values that do not depend on the direction.
  ///   - inBlocks: Whether it can have several multiplied at once.
  ///   - point: Weights and running statistics; nil for those of the model.
  ///   - warns: Whether memory that is too small is told.
  /// - Returns: The operator.
  /// - Throws: `RiskError` when labels cannot be drawn.
  func recordedOperator(
    _ block: ParameterSelection? = nil, vectors: Int, inBlocks: Bool, at point: ModelPoint? = nil,
    warns: Bool = true
  ) throws -> RecordedOperator<RiskOperator> {
    let selection = block ?? selection
    var settings = CurvatureSettings(
      configuration.matrix, segments: selection.segments, targetSeed: configuration.seed,
      targetDraws: configuration.labelDraws)
    let plan = try risk.curvatureMemory(settings)
    // Beside its rows of a basis a rank has a direction, a product and the remainder, and at the end other
    // weights, at which a second plan in the place of this one tells how exact the products are.
    let check = 4 * risk.model.layout.count
    let rows = LanczosSettings.largestShare(of: selection.count, among: ranks.size)
    let needed =
      Double(ProcessMemory.resident + plan.added + check)
      + 4 * (Double(rows) * Double(vectors) + 3 * Double(selection.count))
    var free = Double(configuration.memory.bytes) - needed
    if free < 0, block == nil, part == nil, warns {
      context.remark(
        "\(.memory) \(configuration.memory) is less than the \(ByteCount(bytes: Int(needed))) or so "
          + "that this takes without anything kept between products")
    }
    // Where all is kept there is nothing left for directions to share.
    let together = Double(RiskOperator.blockSize * (plan.held + plan.added))
    let isBlocked = try ranks.all(
      inBlocks && free < Double(plan.keepable) && free >= together)
    if isBlocked { free -= together }
    settings.keptBytes = Int(max(0, free))
    settings.directionsAtOnce = isBlocked ? RiskOperator.blockSize : 1
    return RecordedOperator(
      try RiskOperator(
        settings, of: risk, at: point ?? model.trained.point, selection: selection),
      journal: journal, counter: counter, ranks: ranks,
      beforeProduct: { try context.checkCancellation() })
  }

  /// Basis vectors that fit in half of the memory; nil when all steps do.
  ///
  /// A function of the limit, the number of ranks and the sizes alone, since results depend on it.
  ///
  /// - Parameters:
  ///   - steps: Lanczos steps.
  ///   - wanted: Number of eigenvalues.
  /// - Returns: A limit for the basis.
  /// - Throws: `AnalysisError` when the memory is too small to restart with.
  func basisSize(steps: Int, wanted: Int) throws(AnalysisError) -> Int? {
    let size = basisVectorsInHalfOfMemory
    guard size < steps else { return nil }
    guard size > wanted + 1 else {
      throw AnalysisError(
        "half of \(memoryText) holds \(size) vectors of \(selection.count) elements, too few "
          + "to find \(wanted) eigenvalues with; give more, or ask for fewer with \(.top) and "
          + "\(.bottom)")
    }
    return size
  }

  /// Basis vectors of which half of the memory of all ranks holds all rows.
  var basisVectorsInHalfOfMemory: Int {
    LanczosSettings.basisSize(
      fitting: configuration.memory.bytes / 2, dimension: selection.count, bytesPerElement: 4,
      ranks: ranks.size)
  }

  /// The memory that a basis may take part of, for messages.
  var memoryText: String {
    "\(.memory) \(configuration.memory)" + (ranks.size > 1 ? " on \(ranks.size) ranks" : "")
  }
}
