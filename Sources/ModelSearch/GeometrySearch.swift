/// Enumerates the geometries that fit a skeleton, the usual ones first.
struct GeometrySearch {
  let skeleton: Skeleton
  private let height: Int
  private let width: Int
  let convolutions: [Convolution]

  /// Geometries at most.
  private static let limit = 300
  /// Geometries that are measured at most, about a second's worth.
  private static let measuredLimit = 1_000_000

  /// A convolution on the main way.
  struct Convolution {
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

  let hints: ModuleHints

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

  /// The geometries with how unusual each is, the usual ones first.
  ///
  /// Pairs of steps and windows are measured by rising cost until what follows can only be less usual than
  /// what was found.
  func geometries() -> [(geometry: Geometry, cost: Double)] {
    guard !skeleton.images.isEmpty else { return perceptrons() }
    let path = ImagePath(skeleton)
    let (steps, windows) = (stepChoices(), windowChoices())
    var found: [Geometry: Int] = [:]
    var measured = 0
    for (cost, pairs) in Self.pairs(steps, windows) {
      let certain = found.count { $0.value < cost }
      guard measured < Self.measuredLimit, certain < Self.limit else {
        break
      }
      for (some, others) in pairs {
        measured += some.count * others.count
        for step in some {
          for window in others {
            guard
              let size = path.measure(
                border: step.border, steps: step.steps, windows: window, height: height,
                width: width)
            else { continue }
            for end in ends(size.height, size.width) {
              let geometry = Geometry(
                border: step.border, steps: step.steps, windows: window, end: end.end)
              let whole = cost + Self.cents(end.cost + poolsTwice(window, end.end))
              found[geometry] = min(found[geometry] ?? .max, whole)
            }
          }
        }
      }
    }
    // Equal costs are put in order by what is computed: earlier pooling is the rarer reading.
    let sorted = found.map { (geometry: $0.key, cost: $0.value, key: $0.key.orderKey) }.sorted {
      $0.cost != $1.cost ? $0.cost < $1.cost : $0.key.lexicographicallyPrecedes($1.key)
    }
    return sorted.prefix(Self.limit).map { ($0.geometry, Double($0.cost) / 100) }
  }

  /// Costs as whole hundredths, whose sums are equal where they should be.
  private static func cents(_ cost: Double) -> Int { Int((100 * cost).rounded()) }

  /// All pairs of choices by the sum of their costs.
  private static func pairs<A, B>(
    _ first: [A: Int], _ second: [B: Int]
  ) -> [(cost: Int, pairs: [(some: [A], others: [B])])] {
    let some = Dictionary(grouping: first.keys) { first[$0] ?? 0 }
    let others = Dictionary(grouping: second.keys) { second[$0] ?? 0 }
    var sums: [Int: [(some: [A], others: [B])]] = [:]
    for (a, listA) in some {
      for (b, listB) in others { sums[a + b, default: []].append((listA, listB)) }
    }
    return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The border around the image with the steps of all convolutions.
  private struct StepChoice: Hashable {
    let border: Int
    let steps: [Geometry.Step]
  }

  /// All choices of borders and steps, each once.
  private func stepChoices() -> [StepChoice: Int] {
    var choices: [StepChoice: Int] = [:]
    func add(_ cost: Double, _ step: (_ number: Int) -> Geometry.Step) {
      let steps = convolutions.indices.map { hints.steps[convolutions[$0].path] ?? step($0) }
      for border in [0, 2] where border == 0 || height == 28 {
        let choice = StepChoice(border: border, steps: steps)
        let whole = Self.cents(Double(border) * 0.75 + cost)
        choices[choice] = min(choices[choice] ?? .max, whole)
      }
    }
    let strides = strides()
    let dilations = hints.steps.isEmpty ? dilations() : []
    for padding in paddings() {
      for stride in strides {
        add(padding.cost + stride.cost) {
          Geometry.Step(stride: stride.values[$0], padding: padding.values[$0])
        }
      }
      // Taps that lie apart, with the usual steps; a border may be as much wider or not.
      guard let usual = strides.first else { continue }
      for dilation in dilations {
        for (isWider, cost) in [(true, 0.0), (false, 0.3)] {
          add(padding.cost + usual.cost + dilation.cost + cost) { number in
            let factor = isWider ? dilation.values[number] : 1
            return Geometry.Step(
              stride: usual.values[number], padding: padding.values[number].map { $0 * factor },
              dilation: dilation.values[number])
          }
        }
      }
    }
    return choices
  }

  /// All choices of windows behind the items, each once.
  private func windowChoices() -> [[Geometry.Window?]: Int] {
    var choices: [[Geometry.Window?]: Int] = [:]
    for mask in poolingMasks() {
      for window in windows(for: mask.places) {
        let cost = Self.cents(mask.cost + window.cost)
        choices[window.windows] = min(choices[window.windows] ?? .max, cost)
      }
    }
    return choices
  }

  /// The ends for images of a size.
  private func ends(_ height: Int, _ width: Int) -> [(end: Geometry.End, cost: Double)] {
    Geometry.ends(
      inputs: skeleton.head.first?.weight.inputs, channels: skeleton.outputChannels,
      extents: [height, width]
    ).filter {
      // A module says which windows it has, and this would be another one.
      if case .average = $0.end { hints.windows.isEmpty } else { true }
    }
  }

  /// How unusual it is to pool windows right in front of pooling everything.
  private func poolsTwice(_ windows: [Geometry.Window?], _ end: Geometry.End) -> Double {
    guard end == .globalAverage || end == .globalMax else { return 0 }
    // Without a matrix the last convolution stands where the matrix would.
    let last = max(skeleton.images.count - (skeleton.head.isEmpty ? 2 : 1), 0)
    return windows[last...].contains { $0 != nil } ? 4 : 0
  }

  /// Without convolutions: the image as it is, or with a border.
  private func perceptrons() -> [(geometry: Geometry, cost: Double)] {
    (0...4).compactMap { border in
      let pixels = (height + 2 * border) * (width + 2 * border) * skeleton.channels
      guard skeleton.head.first?.weight.inputs == pixels else { return nil }
      return (Geometry(border: border, steps: [], windows: [], end: .flatten), Double(border))
    }
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
    for step in steps { key += step.padding + step.stride + [step.dilation] }
    switch end {
    case .flatten: key.append(0)
    case .globalAverage: key.append(1)
    case .globalMax: key.append(2)
    case .average(let parts): key += [3, parts]
    }
    return key
  }
}
