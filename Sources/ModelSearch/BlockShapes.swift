/// Which convolutions form residual blocks, by their shapes alone, where names of modules do not say it.
struct BlockShapes {
  /// Convolutions of a body: two of equal extents, or three of which the outer ones have one pixel.
  let bodyCount: Int

  /// Blocks at least: two convolutions that fit each other are no sign.
  private static let least = 3

  /// The same items with blocks in place of their convolutions.
  ///
  /// - Returns: The items, or nil where convolutions behind the first one are left over.
  func joined(_ items: [Skeleton.Item]) -> [Skeleton.Item]? {
    guard case .unit(let first)? = items.first, var channels = first.weight.outputs else {
      return nil
    }
    var result = [items[0]]
    var rest = items.dropFirst()
    var count = 0
    while let next = rest.first {
      if case .norm = next {
        result.append(next)
        rest.removeFirst()
        continue
      }
      guard let (block, used) = block(rest, channels: channels) else { return nil }
      result.append(.block(block))
      channels = block.outputs
      rest = rest.dropFirst(used)
      count += 1
    }
    return count >= Self.least ? result : nil
  }

  /// The block that begins a list, and how many items it takes.
  private func block(
    _ items: ArraySlice<Skeleton.Item>, channels: Int
  ) -> (block: Skeleton.Block, used: Int)? {
    let units = items.prefix(bodyCount + 1).prefix {
      if case .unit = $0 { true } else { false }
    }.compactMap { item -> Unit? in
      if case .unit(let unit) = item { unit } else { nil }
    }
    // A projection stands behind its body, or before it.
    if units.count > bodyCount {
      for place in [bodyCount, 0] {
        var body = units
        let side = body.remove(at: place)
        if isBody(body, channels: channels), isProjection(side, of: body) {
          return (Skeleton.Block(body: body, shortcut: side, inputs: channels), bodyCount + 1)
        }
      }
    }
    let body = Array(units.prefix(bodyCount))
    guard isBody(body, channels: channels), let outputs = body.last?.weight.outputs,
      outputs >= channels
    else { return nil }
    return (Skeleton.Block(body: body, shortcut: nil, inputs: channels), bodyCount)
  }

  private func isBody(_ units: [Unit], channels: Int) -> Bool {
    guard units.count == bodyCount, units[0].weight.inputs == channels,
      zip(units, units.dropFirst()).allSatisfy({ $0.weight.outputs == $1.weight.inputs })
    else { return false }
    let areWide = units.map { ($0.weight.kernel ?? []).contains { $0 > 1 } }
    return bodyCount == 2
      ? areWide == [true, true] && units[0].weight.kernel == units[1].weight.kernel
      : areWide == [false, true, false]
  }

  /// Whether a convolution of one pixel leads from the inputs of a body to its outputs.
  private func isProjection(_ unit: Unit, of body: [Unit]) -> Bool {
    unit.weight.kernel == [1, 1] && unit.weight.inputs == body.first?.weight.inputs
      && unit.weight.outputs == body.last?.weight.outputs
      && (unit.weight.inputs != unit.weight.outputs || bodyCount == 2)
  }
}
