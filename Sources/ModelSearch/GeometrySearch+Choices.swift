/// What is usual: which convolutions are padded and strided, and where windows stand.
extension GeometrySearch {
  private func same(_ kernel: [Int]) -> [Int] { kernel.map { ($0 - 1) / 2 } }

  func paddings() -> [(values: [[Int]], cost: Double)] {
    let isTop = convolutions.map { $0.place == nil }
    func values(_ isPadded: (_ place: Int) -> Bool) -> [[Int]] {
      var top = -1
      return convolutions.enumerated().map { number, convolution in
        if isTop[number] { top += 1 }
        return !isTop[number] || isPadded(top) ? same(convolution.kernel) : [0, 0]
      }
    }
    let count = isTop.count { $0 }
    var result: [(values: [[Int]], cost: Double)] = [
      (values { _ in true }, 0), (values { _ in false }, 0.1), (values { $0 == 0 }, 0.5),
      (values { $0 != 0 }, 1), (values { $0.isMultiple(of: 2) }, 0.7),
      // The last one takes all that is left, in place of a matrix.
      (values { $0 != count - 1 }, 0.5),
    ]
    if count <= 5 {
      for bits in 0..<1 << count { result.append((values { bits >> $0 & 1 == 1 }, 1.5)) }
    }
    // One number for all filters, whatever their size.
    for border in 1...2 {
      result.append(
        (convolutions.enumerated().map { isTop[$0] ? [border, border] : same($1.kernel) }, 2))
    }
    return result
  }

  /// Distances between the taps of convolutions that are in no block, where some are further apart than one pixel.
  func dilations() -> [(values: [Int], cost: Double)] {
    let wide = convolutions.indices.filter {
      convolutions[$0].place == nil && convolutions[$0].kernel.contains { $0 > 1 }
    }
    guard wide.count >= 1, wide.count == convolutions.count(where: { $0.kernel != [1, 1] }) else {
      return []
    }
    func values(_ dilation: (_ place: Int) -> Int) -> [Int] {
      convolutions.indices.map { number in wide.firstIndex(of: number).map(dilation) ?? 1 }
    }
    let last = wide.count - 1
    let patterns: [(values: [Int], cost: Double)] = [
      (values { $0 == 0 ? 1 : 2 }, 1.5), (values { _ in 2 }, 1.5),
      (values { 1 << min($0, 4) }, 1.5),
      (values { $0 == last ? 2 : 1 }, 1.5),
    ]
    return patterns.filter { $0.values.contains { $0 > 1 } }
  }

  func strides() -> [(values: [[Int]], cost: Double)] {
    var result: [(values: [[Int]], cost: Double)] = []
    let top = convolutions.indices.filter { convolutions[$0].place == nil }
    for (blockSteps, blockCost) in blockStrides() {
      func add(_ cost: Double, _ isStrided: (_ number: Int) -> Bool) {
        var values = blockSteps
        for (place, number) in top.enumerated() where isStrided(place) { values[number] = [2, 2] }
        result.append((values, cost + blockCost))
      }
      let kernels = top.map { convolutions[$0].kernel[0] }
      add(kernels.contains { $0 == 4 || $0 == 2 } ? 0.5 : 0) { _ in false }
      if kernels.contains(where: { $0.isMultiple(of: 2) }) {
        add(0) { kernels[$0].isMultiple(of: 2) }
      }
      add(1) { _ in true }
      add(0.7) { $0 != top.count - 1 }
      add((kernels.first ?? 0) >= 7 ? 0 : 1) { $0 == 0 }
      if let number = top.first, kernels[0] >= 3 {
        // Patches that do not overlap.
        var values = blockSteps
        values[number] = convolutions[number].kernel
        result.append((values, (kernels[0].isMultiple(of: 2) ? 0.3 : 1.5) + blockCost))
      }
      add(1) { $0 > 0 }
      add(1) { convolutions[top[$0]].changes && $0 > 0 }
      if top.count <= 5 {
        for bits in 1..<1 << top.count {
          add(1.5 + Double(bits.nonzeroBitCount) / 4) { bits >> $0 & 1 == 1 }
        }
      } else if top.count <= 16 {
        // Steps in place of pooling: two convolutions behind the first one.
        for first in 1..<top.count {
          for second in first + 1..<top.count { add(1.2) { $0 == first || $0 == second } }
        }
      }
    }
    return result
  }

  /// Steps of the convolutions in blocks: where the channels change, in the convolution that is not 1x1, or in the last one.
  private func blockStrides() -> [(values: [[Int]], cost: Double)] {
    let items = Set(convolutions.filter { $0.place != nil }.map(\.item)).sorted()
    let ones = [[Int]](repeating: [1, 1], count: convolutions.count)
    guard let first = items.first else { return [(ones, 0)] }
    func values(early: Bool, late: Bool = false, _ isStrided: (_ item: Int) -> Bool) -> [[Int]] {
      convolutions.map { convolution in
        guard let place = convolution.place, isStrided(convolution.item) else { return [1, 1] }
        let own = convolution.bodyCount >= 3 && !early ? 1 : late ? convolution.bodyCount - 1 : 0
        return place == own ? [2, 2] : [1, 1]
      }
    }
    let changing = Set(convolutions.filter { $0.place != nil && $0.changes }.map(\.item))
    var result = [
      (values(early: false) { changing.contains($0) && $0 != first }, 0.0),
      (values(early: false) { changing.contains($0) }, 0.5),
      (ones, 1),
      (values(early: true) { changing.contains($0) && $0 != first }, 1),
      (values(early: true) { changing.contains($0) }, 1.5),
      // Wide ResNets of some authors.
      (values(early: false, late: true) { changing.contains($0) && $0 != first }, 0.5),
    ]
    if changing.isEmpty { result = [(ones, 0)] }
    return result
  }

  /// Behind which items windows stand.
  func poolingMasks() -> [(places: [Int], cost: Double)] {
    let units = skeleton.images.indices.filter {
      if case .unit = skeleton.images[$0] { true } else { false }
    }
    let hasBlocks = units.count < skeleton.images.count
    let items = units.filter { !skeleton.beginsSeparable($0) }
    var outputs: [Int: Int] = [:]
    for convolution in convolutions where convolution.place == nil {
      outputs[convolution.item] = convolution.outputs
    }
    let last = items.last
    let growing = items.enumerated().filter { offset, item in
      item == last || (outputs[items[offset + 1]] ?? 0) > (outputs[item] ?? 0)
    }.map(\.element)
    let patterns: [[Int]] = [
      hasBlocks ? [] : items, growing, last.map { [$0] } ?? [], [],
      items.enumerated().filter { $0.offset % 2 == 1 }.map(\.element),
      items.filter { $0 != last }, growing.filter { $0 != last }, items.first.map { [$0] } ?? [],
    ]
    var found: [Set<Int>: Double] = [:]
    func add(_ places: Set<Int>, _ cost: Double) {
      found[places] = min(found[places] ?? .infinity, cost)
    }
    for (number, pattern) in patterns.enumerated() {
      let base = Double(number) * 0.05
      add(Set(pattern), base)
      for item in items {
        add(Set(pattern).symmetricDifference([item]), base + 1)
        for other in items where other > item {
          add(Set(pattern).symmetricDifference([item, other]), base + 2)
        }
      }
    }
    if items.count <= 6 {
      for bits in 0..<1 << items.count {
        add(Set(items.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)), 3)
      }
    }
    return found.map { (places: $0.key.sorted(), cost: $0.value) }.sorted {
      $0.cost != $1.cost ? $0.cost < $1.cost : $0.places.lexicographicallyPrecedes($1.places)
    }
  }

  func windows(for places: [Int]) -> [(windows: [Geometry.Window?], cost: Double)] {
    let count = skeleton.images.count
    func filled(_ window: Geometry.Window, last: Geometry.Window? = nil) -> [Geometry.Window?] {
      (0..<count).map { place in
        guard places.contains(place) else { return nil }
        return place == places.last ? last ?? window : window
      }
    }
    let stated = hints.windows.map { filled($0) }
    guard !places.isEmpty else { return [([Geometry.Window?](repeating: nil, count: count), 0)] }
    let usual: [(Geometry.Window, Double)] = [
      (.init(2), 0), (.init(3, stride: 2), 1), (.init(3, stride: 2, padding: 1), 0.9),
      (.init(3), 1.5), (.init(2, roundsUp: true), 2), (.init(4), 2.5), (.init(2, stride: 1), 3),
    ]
    // What the file has as modules is what is used.
    if !stated.isEmpty { return stated.map { ($0, 0) } }
    var result = usual.map { (filled($0.0), $0.1) }
    if places.count > 1 || skeleton.images.count > 1 {
      for size in [3, 4, 5, 6, 7, 8] {
        result.append((filled(.init(2), last: .init(size)), 2))
      }
    }
    return result
  }
}
