internal import GraphRuntime
package import LinearAlgebra
internal import NeuralNetworks

/// A curvature matrix of an empirical risk.
package enum CurvatureMatrix: String, Sendable, Codable, CaseIterable {
  /// Second derivatives of the mean loss.
  case hessian
  /// `1/N sum_n J_n^T (diag(p_n) - p_n p_n^T) J_n`, positive semidefinite.
  ///
  /// For cross-entropy it is the Fisher matrix of the model.
  case gaussNewton = "gauss-newton"
  /// Empirical Fisher `1/N sum_n g_n g_n^T` with g_n the gradient of one sample's loss.
  case fisher
  /// The same with labels drawn from the model: a Monte Carlo estimate of its Fisher matrix.
  case sampledFisher = "sampled-fisher"

  /// What a product with it is.
  fileprivate var quantity: RiskQuantity {
    switch self {
    case .hessian: .hessianProduct
    case .gaussNewton: .gaussNewtonProduct
    case .fisher, .sampledFisher: .fisherProduct
    }
  }
}

/// Products of a curvature matrix at fixed weights.
///
/// With weight decay in the risk, `decay I` is part of every matrix. In batch mode g_n is the
/// gradient of sample n's loss within its batch.
package final class CurvatureProduct {
  /// Which matrix.
  package let matrix: CurvatureMatrix
  /// The risk whose curvature it is.
  package let risk: EmpiricalRisk
  private let parameters: Vector<Float>
  private let state: Vector<Float>
  /// Tensors of the block, ascending; nil for all.
  private let segments: [Int]?
  /// Target rows of each draw of labels; one nil for the true labels.
  private let targets: [Vector<Float>?]
  /// What does not depend on the direction; nil when targets change within a product.
  private let kept: KeptValues?
  private let directionsAtOnce: Int

  /// Prepares products.
  ///
  /// - Parameters:
  ///   - matrix: Which matrix.
  ///   - risk: The mean loss over samples.
  ///   - parameters: The weights.
  ///   - state: Running statistics.
  ///   - segments: Indices of the tensors whose block is wanted, ascending; nil for all. What
  ///     other tensors would need is not computed.
  ///   - labelSeed: Seed of the labels of a sampled Fisher matrix.
  ///   - labelDraws: Labels drawn per sample; the product takes that many times longer, and
  ///     nothing is kept.
  ///   - keptBytes: Memory for what does not depend on the direction: activations, cotangents and
  ///     transformed weights of as many samples as fit are computed once for all products. The
  ///     gradient, of which a product needs parts, is always kept.
  ///   - directionsAtOnce: Most directions that go through the network together, each with memory of
  ///     its own.
  /// - Throws: `RiskError` when labels are to be drawn from logits that are not finite.
  package init(
    _ matrix: CurvatureMatrix, of risk: EmpiricalRisk, at parameters: Vector<Float>,
    state: Vector<Float>, segments: [Int]? = nil, labelSeed: UInt64 = 0, labelDraws: Int = 1,
    keptBytes: Int = 0, directionsAtOnce: Int = 4
  ) throws {
    precondition(labelDraws > 0 && directionsAtOnce > 0, "at least one draw and direction")
    self.directionsAtOnce = directionsAtOnce
    self.matrix = matrix
    self.risk = risk
    self.parameters = parameters
    self.state = state
    self.segments = Self.proper(segments, of: risk)
    // Each draw has targets of its own, with which the backward pass changes.
    kept = labelDraws == 1 ? KeptValues(bytes: keptBytes) : nil
    targets =
      matrix != .sampledFisher
      ? [nil]
      : try (0..<labelDraws).map { draw in
        risk.targetRows(
          of: try risk.sampledLabels(at: parameters, state: state, seed: labelSeed, draw: draw))
      }
  }

  /// The product with a direction in the space of all parameters.
  ///
  /// - Parameter direction: Elements outside the chosen tensors must be 0.
  /// - Returns: The product; 0 outside the chosen tensors.
  /// - Throws: `PlanError`, `OneDNNError` when the graph cannot be planned.
  package func product(with direction: Vector<Float>) throws -> Vector<Float> {
    try products(with: [direction])[0]
  }

  /// The products with several directions, which share all that does not depend on them.
  ///
  /// - Parameter directions: Elements outside the chosen tensors must be 0.
  /// - Returns: The products in the same order.
  /// - Throws: `PlanError`, `OneDNNError` when the graph cannot be planned.
  /// - Complexity: For the Hessian about 3 + 6 k convolutions per layer for k directions, instead
  ///   of 9 k, as far as they go through the network together.
  package func products(with directions: [Vector<Float>]) throws -> [Vector<Float>] {
    var results: [Vector<Float>] = []
    for start in stride(from: 0, to: directions.count, by: directionsAtOnce) {
      let end = min(start + directionsAtOnce, directions.count)
      results += try group(Array(directions[start..<end]))
    }
    return results
  }

  /// Nil where the block is everything.
  private static func proper(_ segments: [Int]?, of risk: EmpiricalRisk) -> [Int]? {
    segments?.count == risk.network.layout.segments.count ? nil : segments
  }

  /// Memory of products, in bytes.
  package struct Memory {
    /// What the plan holds.
    package let held: Int
    /// What the first product adds at its largest moment, beside its direction.
    package let added: Int
    /// What could be kept for the others.
    package let keepable: Int
  }

  /// Plans products of a block and says what memory they take.
  ///
  /// - Parameters:
  ///   - matrix: Which matrix.
  ///   - risk: The mean loss over samples.
  ///   - segments: Indices of the tensors whose block is wanted, ascending; nil for all.
  ///   - labelDraws: Labels drawn per sample of a sampled Fisher matrix.
  /// - Returns: The memory, with one direction at once.
  /// - Throws: `PlanError`, `OneDNNError` when the graph cannot be planned.
  package static func plan(
    _ matrix: CurvatureMatrix, of risk: EmpiricalRisk, segments: [Int]? = nil,
    labelDraws: Int = 1
  ) throws -> Memory {
    let (executor, runs) = try risk.plan(
      matrix.quantity, segments: proper(segments, of: risk), keepsValues: labelDraws == 1)
    // The product, the kept gradient, and sums that wait for their turn.
    let vectors = 3 * 4 * risk.network.layout.count
    return Memory(
      held: executor.memoryBytes,
      added: executor.largestMemoryBytes - executor.memoryBytes + vectors,
      keepable: labelDraws == 1 ? executor.keptBytes * runs : 0)
  }

  private func group(_ directions: [Vector<Float>]) throws -> [Vector<Float>] {
    let count = risk.network.layout.count
    var joined = directions[0]
    if directions.count > 1 {
      joined = Vector(zeros: directions.count * count)
      for (number, direction) in directions.enumerated() {
        joined.setElements(from: number * count, to: direction)
      }
    }
    let chosen = segments ?? Array(risk.network.layout.segments.indices)
    var results = directions.map { _ in Vector<Float>(zeros: count) }
    for rows in targets {
      try risk.forEachPass(
        matrix.quantity, at: parameters, state: state, direction: joined, segments: segments,
        targets: rows, kept: kept
      ) { pass in
        for number in directions.indices {
          pass.add(outputsFrom: number * chosen.count, of: chosen, to: &results[number])
        }
      }
    }
    for (number, direction) in directions.enumerated() {
      if targets.count > 1 { results[number].scale(by: 1 / Float(targets.count)) }
      if risk.options.weightDecay != 0 {
        results[number].add(direction, scaledBy: Float(risk.options.weightDecay))
      }
    }
    return results
  }
}
