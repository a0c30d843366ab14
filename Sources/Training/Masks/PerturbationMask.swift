internal import Foundation
package import LinearAlgebra
package import NeuralNetworks

/// Binary mask of a perturbation: 1 where a parameter may be perturbed, 0 elsewhere.
package struct PerturbationMask: Sendable, Equatable {
  /// Zeros and ones in the order of the parameters.
  package let elements: Vector<Float>
  /// Number of ones.
  package let ones: Int

  /// The mask with ones at some positions.
  ///
  /// - Precondition: The positions differ and are inside the vector.
  package init(ones positions: [Int], count: Int) {
    var values = [Float](repeating: 0, count: count)
    for position in positions { values[position] = 1 }
    elements = Vector(values)
    ones = positions.count
  }

  /// Share of zeros among the `allowed` parameters.
  package func sparsity(of allowed: Int) -> Double {
    allowed == 0 ? 1 : 1 - Double(ones) / Double(allowed)
  }

  /// Positions of the ones, in ascending order.
  package var positions: [Int] {
    elements.array.indices.filter { elements[$0] != 0 }
  }

  /// Number of ones of a mask with a share of zeros: (1 - s) d, rounded down.
  package static func onesCount(sparsity: Double, of count: Int) -> Int {
    // The summand undoes the rounding of numbers like 0.9, far below one entry.
    min(count, max(0, Int((1 - sparsity) * Double(count) + 1e-6)))
  }
}

extension PerturbationMask {
  /// Positions of the parameters with one of some roles, in ascending order.
  package static func positions(
    of roles: Set<ParameterRole>, in layout: ParameterLayout
  ) -> [Int] {
    layout.segments.filter { roles.contains($0.role) }.flatMap(\.range)
  }

  /// The mask of the largest Fisher information (SSAM-F).
  ///
  /// With whole filters or layers, these are taken by descending mean information as long as they
  /// fit into (1 - s) d entries.
  ///
  /// - Parameters:
  ///   - fisher: Information of every parameter.
  ///   - allowed: Positions of the parameters that may be perturbed, ascending.
  ///   - sparsity: Share of zeros among them.
  ///   - structure: What is kept or left out as one; suffixes have nothing to do with information.
  ///   - layout: The parameters.
  package init(
    fisher: Vector<Double>, allowed: [Int], sparsity: Double,
    structure: MaskSettings.Structure, layout: ParameterLayout
  ) {
    precondition(structure != .suffix, "a suffix is chosen by its place")
    let ones = Self.onesCount(sparsity: sparsity, of: allowed.count)
    let values = fisher.array
    guard structure != .element else {
      let chosen = MaskSelection.largest(ones, of: allowed.map { values[$0] })
      self.init(ones: chosen.map { allowed[$0] }, count: layout.count)
      return
    }
    var isAllowed = [Bool](repeating: false, count: layout.count)
    for position in allowed { isAllowed[position] = true }
    var units: [(places: [Int], score: Double)] = []
    for segment in layout.segments where isAllowed[segment.range.lowerBound] {
      let parts =
        structure == .filter
        ? (0..<segment.filterCount).map(segment.filterRanges) : [[segment.range]]
      for ranges in parts {
        let sum = ranges.reduce(0) { $0 + values[$1].reduce(0, +) }
        let places = Array(ranges.joined())
        units.append((places, sum / Double(max(places.count, 1))))
      }
    }
    let order = units.indices.sorted { (units[$1].score, $0) < (units[$0].score, $1) }
    var left = ones
    var positions: [Int] = []
    for index in order where units[index].places.count <= left {
      left -= units[index].places.count
      positions += units[index].places
    }
    self.init(ones: positions.sorted(), count: layout.count)
  }

  /// The mask of the last layers in the order of the layout.
  ///
  /// A layer is a tensor of weights with all that follows it up to the next one: its bias, and scale
  /// and shift of the norm behind it. From the end, whole layers are taken as long as their allowed
  /// parameters fit into (1 - s) d entries; the last one is taken in any case, unless s = 1.
  ///
  /// - Parameters:
  ///   - layout: The parameters.
  ///   - allowed: Positions of the parameters that may be perturbed, ascending.
  ///   - sparsity: Share of zeros among them.
  package init(lastLayersOf layout: ParameterLayout, allowed: [Int], sparsity: Double) {
    let ones = Self.onesCount(sparsity: sparsity, of: allowed.count)
    var first = allowed.count
    for segment in layout.segments.reversed() where sparsity < 1 {
      guard
        segment.role == .weight || segment.role == .embedding || segment == layout.segments.first
      else { continue }
      let start = allowed.countBelow(segment.range.lowerBound)
      // The last layer with anything in it needs not fit.
      guard allowed.count - start <= ones || first == allowed.count else { break }
      first = start
    }
    self.init(ones: Array(allowed[first...]), count: layout.count)
  }

  /// A random mask (the start of SSAM-D).
  package init(
    randomAmong allowed: [Int], sparsity: Double, count: Int, using stream: inout RandomStream
  ) {
    let ones = Self.onesCount(sparsity: sparsity, of: allowed.count)
    self.init(
      ones: MaskSelection.random(ones, of: allowed, using: &stream), count: count)
  }

  /// Share of the ones that SSAM-D exchanges, `alpha / 2 (1 + cos(pi t / T))`.
  ///
  /// - Parameters:
  ///   - rate: Initial share alpha.
  ///   - progress: Share t / T of the training that is done.
  /// - Returns: The share.
  package static func dropShare(rate: Double, progress: Double) -> Double {
    rate / 2 * (1 + cos(.pi * progress))
  }

  /// The mask with some of its ones exchanged (SSAM-D).
  ///
  /// The live entries with the smallest gradients are dropped, and as many grow at random among
  /// those that were not live before.
  ///
  /// - Parameters:
  ///   - share: Share of the ones to exchange; fewer where not as many zeros are there.
  ///   - gradient: Gradient at the weights.
  ///   - allowed: Positions of the parameters that may be perturbed, ascending.
  ///   - stream: Random numbers.
  /// - Returns: A mask with as many ones.
  package func exchanging(
    share: Double, gradient: Vector<Float>, allowed: [Int], using stream: inout RandomStream
  ) -> PerturbationMask {
    let values = elements.array
    let slopes = gradient.array
    let live = allowed.filter { values[$0] != 0 }
    let dead = allowed.filter { values[$0] == 0 }
    let count = min(Int(share * Double(live.count)), dead.count)
    let dropped = MaskSelection.smallest(count, of: live.map { Double(slopes[$0].magnitude) })
    var next = 0
    var kept: [Int] = []
    for index in live.indices {
      if next < dropped.count, dropped[next] == index {
        next += 1
      } else {
        kept.append(live[index])
      }
    }
    return PerturbationMask(
      ones: kept + MaskSelection.random(count, of: dead, using: &stream), count: elements.count)
  }
}

extension [Int] {
  /// How many elements of an ascending array are smaller than a number.
  ///
  /// - Complexity: Logarithmic.
  func countBelow(_ number: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
