internal import Datasets
internal import GraphRuntime
package import LinearAlgebra
package import NeuralNetworks

/// Products of a curvature matrix at a fixed point.
///
/// With weight decay in the risk, `decay I` is part of every matrix. In batch mode g_r is the gradient
/// of row r's loss within its batch.
package final class CurvatureProduct: CurvatureEvaluator {
  private let settings: CurvatureSettings
  private let risk: EmpiricalRisk
  private let point: ModelPoint
  private let support: GradientSupport?
  /// Targets of each draw; one nil for the true ones.
  private let targets: [SampleArray?]
  /// What does not depend on the direction; nil when targets change within a product.
  private let kept: KeptValues?

  /// Prepares products.
  ///
  /// - Throws: `RiskError` when targets are to be drawn from outputs that are not finite, or from a
  ///   loss that is no likelihood.
  init(_ settings: CurvatureSettings, of risk: EmpiricalRisk, at point: ModelPoint) throws {
    self.settings = settings
    self.risk = risk
    self.point = point
    support = settings.support(of: risk.model.layout.segments.count)
    // Each draw has targets of its own, with which the backward pass changes.
    kept = settings.targetDraws == 1 ? KeptValues(bytes: settings.keptBytes) : nil
    targets =
      settings.matrix != .sampledFisher
      ? [nil]
      : try (0..<settings.targetDraws).map {
        try risk.drawnTargets(at: point, seed: settings.targetSeed, draw: $0)
      }
  }

  /// The products with several directions, which share all that does not depend on them.
  ///
  /// - Parameter directions: Elements outside the chosen tensors must be 0.
  /// - Returns: The products in the same order; 0 outside the chosen tensors.
  /// - Throws: `PlanError`, `OneDNNError` when the graph cannot be planned.
  /// - Complexity: For the Hessian about 3 + 6 k convolutions per layer for k directions, instead
  ///   of 9 k, as far as they go through the network together.
  package func products(with directions: [Vector<Float>]) throws -> [Vector<Float>] {
    var results: [Vector<Float>] = []
    let size = settings.directionsAtOnce
    for start in stride(from: 0, to: directions.count, by: size) {
      results += try group(Array(directions[start..<min(start + size, directions.count)]))
    }
    return results
  }

  private func group(_ directions: [Vector<Float>]) throws -> [Vector<Float>] {
    let count = risk.model.layout.count
    var joined = directions[0]
    if directions.count > 1 {
      joined = Vector(zeros: directions.count * count)
      for (number, direction) in directions.enumerated() {
        joined.setElements(from: number * count, to: direction)
      }
    }
    let key = risk.key(
      settings.matrix.quantity, support: support, directions: directions.count,
      keepsValues: kept != nil)
    let nothing = PassSums(numbers: 0, vectors: directions.count)
    var sums = nothing
    for target in targets {
      sums.add(
        try risk.sumOverPasses(
          key, at: point, direction: joined, targets: target, kept: kept, into: nothing
        ) { pass, sums in
          for number in directions.indices {
            pass.add(direction: number, to: &sums.vectors[number], risk.pool)
          }
        })
    }
    var results: [Vector<Float>] = []
    for number in directions.indices {
      results.append(sums.vectors[number].take() ?? Vector(zeros: count))
    }
    let decay = risk.options.weightDecay
    for (number, direction) in directions.enumerated() {
      if targets.count > 1 { results[number].scale(by: 1 / Float(targets.count)) }
      if decay != 0 { results[number].add(direction, scaledBy: Float(decay)) }
    }
    return results
  }
}

extension EmpiricalRisk {
  /// Prepares products of a curvature matrix.
  ///
  /// - Throws: `RiskError` when targets are to be drawn from outputs that are not finite, or from a
  ///   loss that is no likelihood, or when outputs are not the probabilities that the loss takes them
  ///   for.
  package func curvature(
    _ settings: CurvatureSettings, at point: ModelPoint
  ) throws -> any CurvatureEvaluator {
    // Products do not show the outputs.
    if loss.loss.kind.isOfProbabilities { _ = try value(at: point) }
    return try CurvatureProduct(settings, of: self, at: point)
  }

  /// Plans products of a block, with one direction at once, and says what memory they take.
  ///
  /// - Throws: `PlanError`, `OneDNNError` when the graph cannot be planned.
  package func curvatureMemory(_ settings: CurvatureSettings) throws -> CurvatureMemory {
    let keeps = settings.targetDraws == 1
    let (graph, runs) = try plan(
      key(
        settings.matrix.quantity, support: settings.support(of: model.layout.segments.count),
        keepsValues: keeps))
    // The product, the kept gradient, and sums that wait for their turn.
    let vectors = 3 * 4 * model.layout.count
    return CurvatureMemory(
      held: graph.memoryBytes,
      added: graph.largestMemoryBytes - graph.memoryBytes + vectors,
      keepable: keeps ? graph.keptBytes * runs : 0)
  }
}
