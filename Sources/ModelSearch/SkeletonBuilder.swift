/// Arranges the layers of a file.
struct SkeletonBuilder {
  private let layers: [FoundLayer]
  private let channels: Int
  /// Whether the file keeps the order of registration.
  private let isOrdered: Bool

  init(_ layers: [FoundLayer], channels: Int, isOrdered: Bool) {
    self.layers = layers
    self.channels = channels
    self.isOrdered = isOrdered
  }

  /// What tells residual blocks.
  private enum Blocks: CaseIterable {
    /// Names of modules around them.
    case names
    /// There are none.
    case nothing
    /// Shapes: pairs of equal filters, or a wide one between two of one pixel.
    case pairs, bottlenecks

    var cost: Double {
      switch self {
      case .names: 0
      case .nothing: 0.1
      case .pairs, .bottlenecks: 0.5
      }
    }
  }

  /// All arrangements in which outputs meet inputs, the likelier first.
  func skeletons() -> [Skeleton] {
    let sorted = layers.sorted { NaturalOrder.precedes($0.path, $1.path) }
    var found: [Skeleton] = []
    for (layers, cost) in isOrdered ? [(layers, 0.0), (sorted, 0.5)] : [(sorted, 0)] {
      for prefersInputs in [false, true] {
        for blocks in Blocks.allCases {
          let extra = (prefersInputs ? 0.3 : 0) + blocks.cost
          guard
            let skeleton = skeleton(
              layers, prefersInputs: prefersInputs, blocks: blocks, cost: cost + extra),
            skeleton.layerCount == layers.count,
            !found.contains(where: { $0.images == skeleton.images && $0.head == skeleton.head })
          else { continue }
          found.append(skeleton)
        }
      }
    }
    return found
  }

  private func skeleton(
    _ layers: [FoundLayer], prefersInputs: Bool, blocks: Blocks, cost: Double
  ) -> Skeleton? {
    let modules = BlockNames(layers.filter { $0.kernel != nil }.map(\.path))
    // Where modules are blocks, shapes need not tell.
    let readsShapes = blocks == .pairs || blocks == .bottlenecks
    if readsShapes && modules != nil { return nil }
    let names = blocks == .names ? modules : nil
    var groups: [(key: String?, layers: [FoundLayer])] = []
    for layer in layers {
      let key = names?.block(of: layer.path)
      if let place = groups.firstIndex(where: { $0.key == key }) {
        groups[place].layers.append(layer)
      } else {
        groups.append((key, [layer]))
      }
    }
    if blocks == .names && groups.allSatisfy({ $0.key == nil }) { return nil }
    var parts: [Part] = []
    var head: [Unit] = []
    for group in groups where group.key != nil {
      guard let block = block(group.layers, names: names, prefersInputs: prefersInputs) else {
        return nil
      }
      parts.append(Part(.block(block)))
    }
    let rest = groups.first { $0.key == nil }?.layers ?? []
    let elements = Element.elements(rest, prefersInputs: prefersInputs)
    // Parts are put in order below.
    parts += elements.filter { $0.matrix == nil }.map { Part($0.item) }
    for matrix in elements.compactMap(\.matrix) { add(matrix: matrix, to: &parts, or: &head) }
    if readsShapes {
      guard let joined = BlockShapes(bodyCount: blocks == .pairs ? 2 : 3).joined(parts.map(\.item))
      else { return nil }
      parts = joined.map { Part($0) }
    }
    // Blocks take the places of their first layers again.
    let firsts = Dictionary(
      layers.enumerated().map { ($0.element.path, $0.offset) }, uniquingKeysWith: { a, _ in a })
    parts.sort { (firsts[$0.firstPath] ?? 0) < (firsts[$1.firstPath] ?? 0) }
    guard let images = chain(parts), let units = chainedHead(head, images) else { return nil }
    return Skeleton(images: images, head: units, channels: channels, cost: cost)
  }

  /// Puts a matrix into the head; a norm in front of the first one has the channels of images.
  ///
  /// Not inlined: the optimiser of Swift 6.3.1 stops with an ownership error where it is.
  @inline(never) private func add(matrix: Unit, to parts: inout [Part], or head: inout [Unit]) {
    let isOfImages = head.isEmpty && parts.contains { $0.outputs == matrix.before?.channels }
    if let norm = freeNorm(before: matrix, isOfImages: isOfImages) {
      parts.append(Part(.norm(norm)))
      head.append(Unit(weight: matrix.weight, after: matrix.after, slope: matrix.slope))
    } else {
      head.append(matrix)
    }
  }

  /// The norm before a matrix, where it is one of images.
  private func freeNorm(before matrix: Unit, isOfImages: Bool) -> FoundLayer? {
    matrix.before.flatMap { $0.channels != matrix.weight.inputs || isOfImages ? $0 : nil }
  }

  private struct Part {
    let item: Skeleton.Item

    init(_ item: Skeleton.Item) { self.item = item }

    var inputs: Int {
      switch item {
      case .unit(let unit): unit.weight.inputs ?? 0
      case .norm(let norm): norm.channels ?? 0
      case .block(let block): block.inputs
      }
    }

    /// Channels that come out; nil for as many as go in.
    var outputs: Int? {
      switch item {
      case .unit(let unit): unit.weight.outputs
      case .norm: nil
      case .block(let block): block.outputs
      }
    }

    var firstPath: String {
      switch item {
      case .unit(let unit): unit.weight.path
      case .norm(let norm): norm.path
      case .block(let block): block.body.first?.weight.path ?? ""
      }
    }

    /// Whether it can follow so many channels.
    func takes(_ channels: Int) -> Bool {
      guard inputs > 0 else { return false }
      guard case .unit(let unit) = item else { return inputs == channels }
      if inputs == channels { return true }
      // Grouped convolutions have the channels of a group.
      let groups = channels / inputs
      return channels.isMultiple(of: inputs) && (unit.weight.outputs ?? 1).isMultiple(of: groups)
    }
  }

  /// The order, as near as possible to the given one, in which channels fit.
  private func chain(_ parts: [Part]) -> [Skeleton.Item]? {
    var steps = 0
    func extend(_ rest: [Part], _ channels: Int) -> [Skeleton.Item]? {
      if rest.isEmpty { return [] }
      for place in rest.indices where rest[place].takes(channels) {
        steps += 1
        guard steps < 5000 else { return nil }
        var others = rest
        let part = others.remove(at: place)
        if let tail = extend(others, part.outputs ?? channels) { return [part.item] + tail }
      }
      return nil
    }
    return extend(parts, channels)
  }

  private func chainedHead(_ head: [Unit], _ images: [Skeleton.Item]) -> [Unit]? {
    let channels = Skeleton(images: images, head: [], channels: channels, cost: 0).outputChannels
    var units: [Unit] = []
    var rest = head
    while !rest.isEmpty {
      let place = rest.firstIndex { unit in
        guard let inputs = unit.weight.inputs, inputs > 0 else { return false }
        guard let last = units.last else {
          return images.isEmpty || inputs.isMultiple(of: channels)
        }
        return inputs == last.weight.outputs
      }
      guard let place else { return nil }
      units.append(rest.remove(at: place))
    }
    return units
  }

  // MARK: - Blocks

  private func block(
    _ layers: [FoundLayer], names: BlockNames?, prefersInputs: Bool
  ) -> Skeleton.Block? {
    let side = layers.filter { names?.isShortcut($0.path) ?? false }
    let main = layers.filter { !side.contains($0) }
    var units: [Unit] = []
    for element in Element.elements(main, prefersInputs: prefersInputs) {
      guard case .unit(let unit) = element, unit.weight.kernel != nil else { return nil }
      units.append(unit)
    }
    let shortcuts = Element.elements(side, prefersInputs: false)
    guard shortcuts.count <= 1 else { return nil }
    var shortcut: Unit?
    if case .unit(let unit)? = shortcuts.first {
      shortcut = unit
    } else if !side.isEmpty {
      return nil
    }
    if shortcut == nil, !isChain(units, inGroups: false) {
      // One of them, of whatever name, is the shortcut: the others fit each other without it.
      for place in units.indices.reversed() where units.count > 1 {
        var others = units
        let unit = others.remove(at: place)
        guard isChain(others, inGroups: false), unit.weight.inputs == others.first?.weight.inputs,
          unit.weight.outputs == others.last?.weight.outputs
        else { continue }
        (shortcut, units) = (unit, others)
        break
      }
    }
    guard isChain(units, inGroups: true), let inputs = units.first?.weight.inputs else {
      return nil
    }
    if let shortcut {
      guard shortcut.weight.inputs == inputs,
        shortcut.weight.outputs == units.last?.weight.outputs
      else { return nil }
    }
    return Skeleton.Block(body: units, shortcut: shortcut, inputs: inputs)
  }

  /// Whether each convolution takes what the one before gives, or groups of its channels.
  private func isChain(_ units: [Unit], inGroups: Bool) -> Bool {
    zip(units, units.dropFirst()).allSatisfy { first, second in
      guard let channels = first.weight.outputs, let inputs = second.weight.inputs, inputs > 0
      else { return false }
      guard inGroups else { return channels == inputs }
      return channels.isMultiple(of: inputs)
        && (second.weight.outputs ?? 1).isMultiple(of: channels / inputs)
    }
  }
}

extension Element {
  /// The unit of a matrix; nil for norms and convolutions.
  fileprivate var matrix: Unit? {
    switch self {
    case .norm: nil
    case .unit(let unit): unit.weight.kernel == nil ? unit : nil
    }
  }

  /// The element among the parts on images.
  fileprivate var item: Skeleton.Item {
    switch self {
    case .norm(let norm): .norm(norm)
    case .unit(let unit): .unit(unit)
    }
  }
}
