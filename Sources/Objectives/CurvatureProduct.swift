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
  ///   - labelDraws: Labels drawn per sample; the product takes that many times longer.
  /// - Throws: `RiskError` when labels are to be drawn from logits that are not finite.
  package init(
    _ matrix: CurvatureMatrix, of risk: EmpiricalRisk, at parameters: Vector<Float>,
    state: Vector<Float>, segments: [Int]? = nil, labelSeed: UInt64 = 0, labelDraws: Int = 1
  ) throws {
    precondition(labelDraws > 0, "at least one draw")
    self.matrix = matrix
    self.risk = risk
    self.parameters = parameters
    self.state = state
    let isWhole = segments.map { $0.count == risk.network.layout.segments.count } ?? true
    self.segments = isWhole ? nil : segments
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
    let quantity: RiskQuantity =
      switch matrix {
      case .hessian: .hessianProduct
      case .gaussNewton: .gaussNewtonProduct
      case .fisher, .sampledFisher: .fisherProduct
      }
    var result = Vector<Float>(zeros: direction.count)
    for rows in targets {
      let passes = try risk.passes(
        quantity, at: parameters, state: state, direction: direction, segments: segments,
        targets: rows)
      for pass in passes { add(pass, to: &result) }
    }
    if targets.count > 1 { result.scale(by: 1 / Float(targets.count)) }
    if risk.options.weightDecay != 0 {
      result.add(direction, scaledBy: Float(risk.options.weightDecay))
    }
    return result
  }

  private func add(_ pass: EmpiricalRisk.Pass, to result: inout Vector<Float>) {
    let layout = risk.network.layout.segments
    result.withUnsafeMutableBuffer { target in
      for (output, index) in zip(pass.outputs, segments ?? Array(layout.indices)) {
        output.elements.withUnsafeBuffer { source in
          for (offset, place) in layout[index].range.enumerated() {
            target[place] += source[offset]
          }
        }
      }
    }
  }
}
