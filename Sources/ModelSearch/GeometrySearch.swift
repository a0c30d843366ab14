/// Enumerates the geometries that fit a skeleton, the usual ones first.
struct GeometrySearch {
  private let skeleton: Skeleton
  private let height: Int
  private let width: Int
  private let convolutions: [Convolution]

  /// Geometries at most.
  private static let limit = 300

  /// A convolution on the main way.
  private struct Convolution {
    let path: String
    let kernel: [Int]
    let inputs: Int
    let outputs: Int
    /// Number of its item.
    let item: Int
    /// Whether it lies in a block, and which convolution of its body it is.
    let place: Int?
    /// Convolutions of the body.
    let bodyCount: Int
    /// Whether the block changes the number of channels.
    let changes: Bool
  }

  private let hints: ModuleHints

  init(_ skeleton: Skeleton, height: Int, width: Int, hints: ModuleHints) {
    self.hints = hints
    self.skeleton = skeleton
    self.height = height
    self.width = width
    var convolutions: [Convolution] = []
    var channels = skeleton.channels
    for (number, item) in skeleton.images.enumerated() {
      switch item {
      case .unit(let unit):
        let outputs = unit.weight.outputs ?? 0
        convolutions.append(
          Convolution(
            path: unit.weight.path, kernel: unit.weight.kernel ?? [1, 1], inputs: channels,
            outputs: outputs, item: number,
            place: nil, bodyCount: 0, changes: outputs > channels))
        channels = outputs
      case .norm: break
      case .block(let block):
        for (place, unit) in block.body.enumerated() {
          convolutions.append(
            Convolution(
              path: unit.weight.path, kernel: unit.weight.kernel ?? [1, 1],
              inputs: unit.weight.inputs ?? 0,
              outputs: unit.weight.outputs ?? 0, item: number, place: place,
              bodyCount: block.body.count, changes: block.inputs != block.outputs))
        }
        channels = block.outputs
      }
    }
    self.convolutions = convolutions
  }

  /// The geometries with how unusual each is.
  func geometries() -> [(geometry: Geometry, cost: Double)] {
    guard !skeleton.images.isEmpty else { return perceptrons() }
    var found: [Geometry: Double] = [:]
    let masks = poolingMasks()
    for border in [0, 2] where border == 0 || height == 28 {
      for padding in paddings() {
        for stride in strides() {
          let steps = convolutions.indices.map {
            hints.steps[convolutions[$0].path]
              ?? Geometry.Step(stride: stride.values[$0], padding: padding.values[$0])
          }
          for mask in masks {
            for window in windows(for: mask.places) {
              var geometry = Geometry(
                border: border, steps: steps, windows: window.windows, end: .flatten)
              guard let size = geometry.measure(skeleton, height: height, width: width) else {
                continue
              }
              let ends = Geometry.ends(
                inputs: skeleton.head.first?.weight.inputs, channels: skeleton.outputChannels,
                extents: size.extents)
              for end in ends {
                // A module says which windows it has, and this would be another one.
                if case .average = end.end, !hints.windows.isEmpty { continue }
                geometry.end = end.end
                let cost =
                  Double(border) * 0.75 + padding.cost + stride.cost + mask.cost + window.cost
                  + end.cost + poolsTwice(mask.places, end.end)
                found[geometry] = min(found[geometry] ?? .infinity, cost)
              }
            }
          }
        }
      }
    }
    // Equal costs are put in order by what is computed: earlier pooling is the rarer reading.
    let sorted = found.map { (geometry: $0.key, cost: $0.value, key: $0.key.orderKey) }.sorted {
      $0.cost != $1.cost ? $0.cost < $1.cost : $0.key.lexicographicallyPrecedes($1.key)
    }
    return sorted.prefix(Self.limit).map { ($0.geometry, $0.cost) }
  }

  /// How unusual it is to pool windows right in front of pooling everything.
  private func poolsTwice(_ places: [Int], _ end: Geometry.End) -> Double {
    guard end == .globalAverage || end == .globalMax else { return 0 }
    // Without a matrix the last convolution stands where the matrix would.
    let last = skeleton.images.count - (skeleton.head.isEmpty ? 2 : 1)
    return places.contains { $0 >= last } ? 4 : 0
  }

  /// Without convolutions: the image as it is, or with a border.
  private func perceptrons() -> [(geometry: Geometry, cost: Double)] {
    (0...4).compactMap { border in
      let pixels = (height + 2 * border) * (width + 2 * border) * skeleton.channels
      guard skeleton.head.first?.weight.inputs == pixels else { return nil }
      return (Geometry(border: border, steps: [], windows: [], end: .flatten), Double(border))
    }
  }

  // MARK: - Choices

  private func same(_ kernel: [Int]) -> [Int] { kernel.map { ($0 - 1) / 2 } }

  private func paddings() -> [(values: [[Int]], cost: Double)] {
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

  private func strides() -> [(values: [[Int]], cost: Double)] {
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
      add((kernels.first ?? 0) >= 7 ? 0 : 1) { $0 == 0 }
      add(1) { $0 > 0 }
      add(1) { convolutions[top[$0]].changes && $0 > 0 }
      if top.count <= 5 {
        for bits in 1..<1 << top.count {
          add(1.5 + Double(bits.nonzeroBitCount) / 4) { bits >> $0 & 1 == 1 }
        }
      }
    }
    return result
  }

  /// Steps of the convolutions in blocks: where the channels change, in the convolution that is not 1x1.
  private func blockStrides() -> [(values: [[Int]], cost: Double)] {
    let items = Set(convolutions.filter { $0.place != nil }.map(\.item)).sorted()
    let ones = [[Int]](repeating: [1, 1], count: convolutions.count)
    guard let first = items.first else { return [(ones, 0)] }
    func values(early: Bool, _ isStrided: (_ item: Int) -> Bool) -> [[Int]] {
      convolutions.map { convolution in
        guard let place = convolution.place, isStrided(convolution.item) else { return [1, 1] }
        let own = convolution.bodyCount >= 3 && !early ? 1 : 0
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
    ]
    if changing.isEmpty { result = [(ones, 0)] }
    return result
  }

  /// Behind which items windows stand.
  private func poolingMasks() -> [(places: [Int], cost: Double)] {
    let items = skeleton.images.indices.filter {
      if case .unit = skeleton.images[$0] { true } else { false }
    }
    let hasBlocks = items.count < skeleton.images.count
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

  private func windows(for places: [Int]) -> [(windows: [Geometry.Window?], cost: Double)] {
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

extension Geometry {
  /// What puts geometries of equal cost in an order that is always the same.
  fileprivate var orderKey: [Int] {
    var key = [border]
    // Late pooling first.
    for window in windows {
      if let window {
        key += [1, window.size, window.stride, window.padding, window.roundsUp ? 1 : 0]
      } else {
        key.append(0)
      }
    }
    for step in steps { key += step.padding + step.stride }
    switch end {
    case .flatten: key.append(0)
    case .globalAverage: key.append(1)
    case .globalMax: key.append(2)
    case .average(let parts): key += [3, parts]
    }
    return key
  }
}
