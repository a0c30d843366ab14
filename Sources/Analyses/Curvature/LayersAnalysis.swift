internal import Artifacts
internal import HessianSpectra
internal import Krylov
internal import LinearAlgebra
internal import NeuralNetworks
internal import Settings

/// What counts as one layer.
public enum LayerDivision: String, Codable, CaseIterable, Sendable {
  /// Weight and bias together.
  case layer
  /// Every tensor by itself.
  case tensor
}

/// How each layer's own block is looked at.
public struct LayersConfiguration: Codable, Equatable, Sendable {
  /// What counts as one layer.
  public var division = LayerDivision.layer
  /// Lanczos steps per layer at most.
  public var steps = 20
  /// Products per layer for the part of the trace outside the Lanczos basis.
  public var traceSamples = 8
  /// Largest residual of a converged eigenvalue, relative to it.
  public var tolerance = 1e-2

  /// Creates the configuration with 20 steps for each layer.
  public init() {}

  /// Checks ranges.
  ///
  /// - Parameter curvature: The matrix whose blocks are wanted.
  /// - Throws: `AnalysisError` naming the setting that is out of range.
  public func validate(with curvature: CurvatureConfiguration) throws(AnalysisError) {
    guard (1...10_000).contains(steps) else {
      throw AnalysisError("\(.steps) \(steps) is outside 1 ... 10000")
    }
    guard (2...100_000).contains(traceSamples) else {
      throw AnalysisError("\(.traceSamples) \(traceSamples) is outside 2 ... 100000")
    }
    guard tolerance > 0, tolerance < 1 else {
      throw AnalysisError("\(.tolerance) \(tolerance) is outside 0 ... 1")
    }
    guard curvature.mask == nil else {
      throw AnalysisError("layers are whole; \(.mask) cannot divide them")
    }
  }
}

extension OpenedModel {
  /// Trace and largest eigenvalue of each layer's own block.
  ///
  /// Each layer gets a Lanczos run of its own on its block: it gives the largest eigenvalue, and a
  /// basis on which the trace is exact; a few products more estimate the rest of the trace.
  ///
  /// - Parameters:
  ///   - configuration: What counts as a layer, and how hard to try.
  ///   - curvature: The matrix.
  ///   - folder: Gets finished products while they are needed (`layers.products`), `layers.json` and
  ///     `layers.csv`; nil to keep nothing.
  ///   - context: Threads, progress and cancellation.
  /// - Returns: The layers in the order of the network.
  /// - Throws: As for a spectrum.
  public func layers(
    _ configuration: LayersConfiguration = LayersConfiguration(),
    of curvature: CurvatureConfiguration = CurvatureConfiguration(), in folder: RunFolder?,
    context: RunContext = RunContext()
  ) throws -> LayersSummary {
    try configuration.validate(with: curvature)
    let folder = context.own(folder)
    let run = try CurvatureRun("layers", of: self, curvature, in: folder, context)
    let layers = try run.layers(configuration)
    let summary = LayersSummary(
      kind: "layers", source: run.finishedSource, traceSamples: configuration.traceSamples,
      layers: layers, products: run.counter.total)
    if let folder {
      try summary.table.write(to: folder.file("layers.csv"))
      try JSON.write(summary, to: folder.file("layers.json"))
    }
    run.finish()
    return summary
  }
}

extension CurvatureRun {
  /// Layers of the selection as groups of tensors.
  private func groups(_ division: LayerDivision) -> [(name: String, segments: [Int])] {
    let layout = selection.layout
    let chosen = Set(selection.segments)
    let all =
      division == .layer
      ? layout.layers : layout.segments.indices.map { (layout.segments[$0].name, [$0]) }
    return all.map { ($0.name, $0.segments.filter(chosen.contains)) }
      .filter { !$0.segments.isEmpty }
  }

  /// The blocks of all layers.
  fileprivate func layers(_ settings: LayersConfiguration) throws -> [LayerCurvature] {
    try context.work("layers") { work in
      let groups = groups(settings.division)
      let perLayer = settings.steps + 1 + settings.traceSamples
      try verifyDeterminism(
        of: recordedOperator(vectors: 2, inBlocks: false), seed: configuration.seed)
      return try groups.enumerated().map { index, group in
        try layer(group.name, group.segments, settings) { products, detail in
          show(
            work, 2 + index * perLayer + products, of: 2 + groups.count * perLayer,
            detail: "\(group.name): \(detail)")
        }
      }
    }
  }

  /// The block of one layer; `progress` receives the products so far, with a detail.
  private func layer(
    _ name: String, _ segments: [Int], _ settings: LayersConfiguration,
    progress: (Int, String) -> Void
  ) throws -> LayerCurvature {
    let part = ParameterSelection(selection.layout, segments: segments)
    let block = try recordedOperator(part, vectors: settings.steps, inBlocks: true)
    let limits = try LanczosSettings(
      largest: 1, maximumSteps: min(settings.steps, block.dimension),
      tolerance: settings.tolerance)
    var iteration = try LanczosIteration<Float>(
      dimension: block.dimension, seed: configuration.seed, ranks: ranks)
    let result = try extremalEigenpairs(
      of: block, continuing: &iteration, settings: limits
    ) { step, _ in
      progress(
        step.step, "lambda1 \(fourDigits(step.largest.value)) ± \(boundText(step.largest))")
    }
    let trace = try lanczosTrace(
      of: block, outside: iteration.factorization, samples: settings.traceSamples,
      seed: configuration.seed, blockSize: block.base.directionsAtOnce
    ) { progress(settings.steps + $0, "trace") }
    let arithmetic = try iteration.extremeRitzVector().map {
      try arithmeticError(of: block, at: $0)
    }
    return LayerCurvature(
      name: name, tensors: segments.map { part.layout.segments[$0].name },
      parameters: part.count, trace: trace, largest: result.largest[0],
      arithmeticFloor: arithmetic ?? 0, products: result.applications)
  }
}
