/// A convolution or matrix with the norms and slopes that stand beside it.
struct Unit: Hashable {
  /// The convolution or matrix.
  let weight: FoundLayer
  /// A norm of its inputs.
  var before: FoundLayer?
  /// A norm of its outputs.
  var after: FoundLayer?
  /// Learned slopes behind it.
  var slope: FoundLayer?
}

/// A unit, or a norm that belongs to none.
enum Element: Hashable {
  case unit(Unit)
  case norm(FoundLayer)
}

extension Element {
  /// Gives norms and slopes to the weights that they stand beside.
  ///
  /// Where norms alternate with weights, as in the order of registration, a norm belongs to the weight before
  /// it. Where they come one after the other, as in sorted files, the number in the name or the place among
  /// the norms says to which.
  ///
  /// - Parameters:
  ///   - layers: Layers of one group, in their order.
  ///   - prefersInputs: Whether a norm that fits both sides of a weight comes before it, as in
  ///     pre-activation.
  /// - Returns: Units, and the norms that belong to none, in the order of the layers.
  static func elements(_ layers: [FoundLayer], prefersInputs: Bool) -> [Element] {
    let kinds = layers.filter { if case .slope = $0.kind { false } else { true } }
    let alternates = zip(kinds, kinds.dropFirst()).allSatisfy { $0.isWeight || $1.isWeight }
    let places = byPlace(kinds)
    let numbers = byNumber(kinds, prefersInputs: prefersInputs)
    // A sorted file may alternate by chance; then its neighbours do not fit each other.
    var elements = alternates && places.freeNorms <= numbers.freeNorms ? places : numbers
    attachSlopes(layers, to: &elements)
    return elements
  }

  private static func byPlace(_ layers: [FoundLayer]) -> [Element] {
    // For each weight the places of the norms beside it.
    var before: [Int: Int] = [:]
    var after: [Int: Int] = [:]
    var attached: Set<Int> = []
    var last: Int?
    for (place, layer) in layers.enumerated() {
      if layer.isWeight {
        if place > 0, !layers[place - 1].isWeight, !attached.contains(place - 1),
          layers[place - 1].fits(inputsOf: layer)
        {
          before[place] = place - 1
          attached.insert(place - 1)
        }
        last = place
      } else if let last, last == place - 1, layers[last].outputs == layer.channels {
        after[last] = place
        attached.insert(place)
      }
    }
    return layers.indices.filter { layers[$0].isWeight || !attached.contains($0) }.map { place in
      guard layers[place].isWeight else { return .norm(layers[place]) }
      return .unit(
        Unit(
          weight: layers[place], before: before[place].map { layers[$0] },
          after: after[place].map { layers[$0] }))
    }
  }

  private static func byNumber(_ layers: [FoundLayer], prefersInputs: Bool) -> [Element] {
    var units = layers.filter(\.isWeight).map { Unit(weight: $0) }
    var left: [FoundLayer] = []
    let norms = layers.filter { !$0.isWeight }
    for (place, norm) in norms.enumerated() {
      let number = norm.lastNumber
      let same = units.indices.filter { number != nil && units[$0].weight.lastNumber == number }
      let order = same + (place < units.count ? [place] : []) + Array(units.indices)
      let outputs = order.first {
        units[$0].after == nil && units[$0].weight.outputs == norm.channels
      }
      let inputs = order.first { units[$0].before == nil && norm.fits(inputsOf: units[$0].weight) }
      if prefersInputs, let inputs {
        units[inputs].before = norm
      } else if let outputs {
        units[outputs].after = norm
      } else if let inputs {
        units[inputs].before = norm
      } else {
        left.append(norm)
      }
    }
    return units.map { .unit($0) } + left.map { .norm($0) }
  }

  private static func attachSlopes(_ layers: [FoundLayer], to elements: inout [Element]) {
    func attach(_ slope: FoundLayer, to weight: FoundLayer?) -> Bool {
      let place = elements.firstIndex {
        if case .unit(let unit) = $0 { unit.slope == nil && unit.weight == weight } else { false }
      }
      guard let place, case .unit(var unit) = elements[place] else { return false }
      unit.slope = slope
      elements[place] = .unit(unit)
      return true
    }
    var last: FoundLayer?
    // Some are registered in front of their weight.
    var early: [FoundLayer] = []
    for layer in layers {
      if layer.isWeight {
        last = layer
        if let slope = early.first, attach(slope, to: layer) { early.removeFirst() }
      } else if case .slope = layer.kind, !attach(layer, to: last) {
        early.append(layer)
      }
    }
  }
}

extension [Element] {
  /// Norms that belong to no weight.
  fileprivate var freeNorms: Int { count { if case .norm = $0 { true } else { false } } }
}

extension FoundLayer {
  /// Whether a norm has as many channels as a weight has inputs, or divides the inputs of a matrix, which
  /// may be pixels.
  fileprivate func fits(inputsOf weight: FoundLayer) -> Bool {
    guard let channels, let inputs = weight.inputs, channels > 0 else { return false }
    if case .linear = weight.kind { return inputs.isMultiple(of: channels) }
    return inputs == channels
  }

  /// The number that its name ends with.
  fileprivate var lastNumber: Int? {
    let digits = path.reversed().prefix { $0.isASCII && $0.isNumber }.reversed()
    return Int(String(digits))
  }
}
