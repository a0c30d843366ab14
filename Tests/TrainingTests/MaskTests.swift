import ComputationGraph
import LinearAlgebra
import NeuralNetworks
import Objectives
import Testing
import Training

@Suite struct MaskTests {
  private static let layout = ParameterLayout([
    ParameterTensor("a.weight", [4, 3, 2, 2], .weight),
    ParameterTensor("a.bias", [4], .bias),
    ParameterTensor("b.weight", [5, 4], .weight),
  ])

  private static func stream(_ index: Int = 0) -> RandomStream {
    RandomStream(seed: 7, label: "test.mask", index: index)
  }

  @Test func largestAgreesWithASortAndTakesTheFirstOfEqualValues() {
    var stream = Self.stream()
    // Many ties, zeros, subnormals and large numbers.
    let values = (0..<500).map { _ in
      [0, 1, 2, 2 * Double.leastNonzeroMagnitude, 1e300, stream.uniform()][stream.integer(below: 6)]
    }
    let sorted = values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
    for count in [0, 1, 2, 99, 250, 251, 499, 500] {
      #expect(MaskSelection.largest(count, of: values) == sorted.prefix(count).sorted())
      let rest = Set(sorted.suffix(count))
      #expect(Set(MaskSelection.smallest(count, of: values)) == rest)
    }
  }

  @Test(arguments: [0.0, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0])
  func everyMaskHasExactlyItsShareOfOnes(sparsity: Double) {
    let allowed = Array(0..<1000)
    let expected = Int((1000 * (1 - sparsity)).rounded())
    var stream = Self.stream()
    let fisher = Vector((0..<1000).map { _ in stream.uniform() })
    let layout = ParameterLayout([ParameterTensor("w", [10, 100], .weight)])
    let best = PerturbationMask(
      fisher: fisher, allowed: allowed, sparsity: sparsity, structure: .element, layout: layout)
    var random = PerturbationMask(
      randomAmong: allowed, sparsity: sparsity, count: 1000, using: &stream)
    #expect(best.ones == expected)
    #expect(best.elements.sum == Double(expected))
    for index in 0..<3 {
      #expect(random.ones == expected)
      #expect(random.elements.sum == Double(expected))
      var slopes = Self.stream(1 + index)
      random = random.exchanging(
        share: 0.4, gradient: slopes.normalVector(count: 1000), allowed: allowed,
        using: &stream)
    }
  }

  @Test func fisherMaskKeepsTheLargestGloballyAmongTheAllowedRoles() {
    let layout = Self.layout
    var values = [Double](repeating: 0.1, count: layout.count)
    values[50] = 9  // a bias
    values[3] = 5
    values[60] = 7
    let allowed = PerturbationMask.positions(of: [.weight], in: layout)
    #expect(allowed.count == 68)
    let mask = PerturbationMask(
      fisher: Vector(values), allowed: allowed, sparsity: 1 - 3.0 / 68, structure: .element,
      layout: layout)
    #expect(mask.positions == [0, 3, 60])
  }

  @Test func exchangeDropsTheSmallestGradientsAndGrowsWhereNothingWasLive() {
    let mask = PerturbationMask(ones: [0, 2, 4, 6], count: 8)
    let gradient = Vector<Float>([-5, 0, 0.1, 0, -0.2, 0, 3, 0])
    var stream = Self.stream()
    let next = mask.exchanging(
      share: 0.5, gradient: gradient, allowed: Array(0..<8), using: &stream)
    let positions = Set(next.positions)
    #expect(positions.isSuperset(of: [0, 6]))
    #expect(positions.isDisjoint(with: [2, 4]))
    #expect(positions.count == 4)
  }

  @Test func dropShareFallsAsACosine() {
    #expect(PerturbationMask.dropShare(rate: 0.5, progress: 0) == 0.5)
    #expect(abs(PerturbationMask.dropShare(rate: 0.5, progress: 0.5) - 0.25) < 1e-15)
    #expect(PerturbationMask.dropShare(rate: 0.5, progress: 1) == 0)
  }

  @Test func filtersAndLayersAreKeptWhole() {
    let layout = Self.layout
    var stream = Self.stream()
    let fisher = Vector((0..<layout.count).map { _ in stream.uniform() })
    let allowed = Array(0..<layout.count)
    for structure in [MaskSettings.Structure.filter, .layer] {
      let mask = PerturbationMask(
        fisher: fisher, allowed: allowed, sparsity: 0.5, structure: structure, layout: layout)
      #expect(mask.ones > 0 && mask.ones <= 36)
      for segment in layout.segments {
        let parts = structure == .filter ? segment.filterCount : 1
        let size = segment.range.count / parts
        for part in 0..<parts {
          let start = segment.range.lowerBound + part * size
          #expect(Set(mask.elements[start..<start + size].array).count == 1)
        }
      }
    }
    let layers = PerturbationMask(
      fisher: fisher, allowed: allowed, sparsity: 0.5, structure: .layer, layout: layout)
    #expect(layers.support(of: layout) == GradientSupport(segments: [1, 2]))
  }

  /// Layers of 3 + 1, 6 (no bias, norm of 2 + 2 behind it) and 8 + 4 parameters.
  private static let layered = ParameterLayout([
    ParameterTensor("a.weight", [1, 3], .weight), ParameterTensor("a.bias", [1], .bias),
    ParameterTensor("b.weight", [2, 3], .weight), ParameterTensor("n.weight", [2], .normScale),
    ParameterTensor("n.bias", [2], .normShift),
    ParameterTensor("c.weight", [4, 2], .weight), ParameterTensor("c.bias", [4], .bias),
  ])

  @Test(arguments: [
    // How many of 26 parameters may be ones, and where the suffix begins; the last layer needs not fit.
    (0, 14), (1, 14), (11, 14), (12, 14), (21, 14), (22, 4), (25, 4), (26, 0),
  ])
  func suffixesAreTheLastLayersThatFit(ones: Int, start: Int) {
    let layout = Self.layered
    let mask = PerturbationMask(
      lastLayersOf: layout, allowed: Array(0..<26), sparsity: 1 - (Double(ones) + 0.5) / 26.5)
    #expect(mask.positions == Array(start..<26))
  }

  @Test func suffixesCountOnlyWhatMayBePerturbed() {
    let layout = Self.layered
    let weights = PerturbationMask.positions(of: [.weight], in: layout)
    // 3 + 6 + 8 weights.
    func ones(_ sparsity: Double) -> Int {
      PerturbationMask(lastLayersOf: layout, allowed: weights, sparsity: sparsity).ones
    }
    #expect(ones(0) == 17)
    #expect(ones(0.17) == 14)
    #expect(ones(0.18) == 8)
    #expect(ones(0.99) == 8)
    #expect(ones(1) == 0)
    // The last layer has no scale of a norm.
    let scales = PerturbationMask.positions(of: [.normScale], in: layout)
    let mask = PerturbationMask(lastLayersOf: layout, allowed: scales, sparsity: 0.9)
    #expect(mask.positions == scales)
  }
}
