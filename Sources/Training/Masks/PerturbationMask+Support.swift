internal import LinearAlgebra
package import NeuralNetworks
package import Objectives

extension PerturbationMask {
  /// The tensors and filters of a layout that hold at least one 1.
  ///
  /// - Complexity: One pass over the mask.
  package func support(of layout: ParameterLayout) -> GradientSupport {
    let values = elements.array
    let parts = layout.segments.enumerated().compactMap { index, segment in
      let live = (0..<segment.filterCount).filter { filter in
        segment.filterRanges(filter).contains { values[$0].contains { $0 != 0 } }
      }
      guard !live.isEmpty else { return nil as GradientSupport.Part? }
      return GradientSupport.Part(
        segment: index, filters: live.count < segment.filterCount ? live : nil)
    }
    return GradientSupport(parts)
  }
}

extension PerturbationScope {
  /// Tensors that hold one of some parameters, with the whole first gradient.
  ///
  /// - Parameters:
  ///   - positions: Parameters that may be perturbed, ascending.
  ///   - layout: All parameters.
  init(_ positions: [Int], of layout: ParameterLayout) {
    let tensors = layout.segments.indices.filter {
      let range = layout.segments[$0].range
      return positions.countBelow(range.lowerBound) < positions.countBelow(range.upperBound)
    }
    self.init(perturbed: tensors)
  }
}
