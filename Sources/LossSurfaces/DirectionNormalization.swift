package import LinearAlgebra
package import NeuralNetworks

/// How a random direction is scaled to the weights.
///
/// Without it the picture depends on the scale of the weights, which a network with batch norm is
/// free to choose (Li et al. 2018, section 4).
public enum DirectionNormalization: String, Sendable, Codable, CaseIterable {
  /// Each filter of the direction gets the norm of the filter: `d_i <- d_i ||w_i|| / ||d_i||`.
  case filter
  /// Each tensor of the direction gets the norm of the tensor.
  case layer
  /// Each element is multiplied by the weight: `d <- d w`.
  case weight
  /// Each filter of the direction gets norm 1.
  case unitFilter = "dfilter"
  /// Each tensor of the direction gets norm 1.
  case unitLayer = "dlayer"
  /// The whole direction gets the norm of all weights.
  case model
  /// As drawn.
  case none
}

/// What a direction is in tensors with one axis: biases and batch-norm scale and shift.
public enum VectorTreatment: String, Sendable, Codable, CaseIterable {
  /// Zero, as in the published figures.
  case biasbn
  /// Scaled as one filter.
  case none
}

extension DirectionNormalization {
  /// The normalised direction.
  ///
  /// A filter of zeros in the direction stays zero. With `.biasbn` tensors with one axis become 0;
  /// otherwise they are treated as one filter.
  ///
  /// - Parameters:
  ///   - raw: Direction as drawn, in the order of the parameters.
  ///   - weights: The weights it is normalised by.
  ///   - treatment: What happens to tensors with one axis.
  /// - Returns: The scaled direction.
  /// - Complexity: Two passes over the weights.
  package func apply(
    to raw: Vector<Float>, weights: ParameterVector, vectors treatment: VectorTreatment
  ) -> Vector<Float> {
    precondition(raw.count == weights.layout.count, "direction of another network")
    var result = raw
    for segment in weights.layout.segments {
      if treatment == .biasbn && segment.isVector {
        result.clear(segment.range)
        continue
      }
      let perFilter = self == .filter || self == .unitFilter
      if perFilter {
        for filter in 0..<segment.filterCount {
          scale(&result, segment.filterRanges(filter), weights.elements)
        }
      } else {
        scale(&result, [segment.range], weights.elements)
      }
    }
    if self == .model {
      let norm = result.norm
      if norm > 0 { result.scale(by: Float(weights.elements.norm / norm)) }
    }
    return result
  }

  private func scale(
    _ direction: inout Vector<Float>, _ ranges: [Range<Int>], _ weights: Vector<Float>
  ) {
    switch self {
    case .none, .model: return
    case .weight: for range in ranges { direction.multiplyElements(in: range, by: weights) }
    case .filter, .layer, .unitFilter, .unitLayer:
      let norm = Self.norm(of: direction, ranges)
      guard norm > 0 else { return }
      let target = self == .filter || self == .layer ? Self.norm(of: weights, ranges) : 1
      for range in ranges { direction.scale(range, by: Float(target / norm)) }
    }
  }

  private static func norm(of vector: Vector<Float>, _ ranges: [Range<Int>]) -> Double {
    if ranges.count == 1 { return vector.norm(of: ranges[0]) }
    return ranges.reduce(0) { sum, range in
      let norm = vector.norm(of: range)
      return sum + norm * norm
    }.squareRoot()
  }
}
