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
}
