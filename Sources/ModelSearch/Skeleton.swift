/// One way to arrange the layers of a file: what its names, order and shapes say together.
struct Skeleton: Hashable {
  /// A part of the way from image to outputs.
  enum Item: Hashable {
    /// A convolution or matrix.
    case unit(Unit)
    /// A norm of its own, with an activation behind it.
    case norm(FoundLayer)
    /// Two branches that are added.
    case block(Block)
  }

  /// Two branches that are added.
  struct Block: Hashable {
    /// Convolutions one behind the other.
    let body: [Unit]
    /// The convolution of the other branch, where it has one.
    let shortcut: Unit?
    /// Channels that go in.
    let inputs: Int

    /// Channels that come out.
    var outputs: Int { body.last?.weight.outputs ?? inputs }
    /// Whether norms stand before convolutions.
    var isPreactivated: Bool { body.first?.before != nil }
  }

  /// Convolutions, norms and blocks, in order.
  let images: [Item]
  /// Matrices in order.
  let head: [Unit]
  /// Channels of the images.
  let channels: Int
  /// How unusual it is.
  let cost: Double

  /// Channels behind the convolutions.
  var outputChannels: Int {
    images.reversed().lazy.compactMap { item -> Int? in
      switch item {
      case .unit(let unit): unit.weight.outputs
      case .block(let block): block.outputs
      case .norm: nil
      }
    }.first ?? channels
  }

  /// The only learned slope of several layers, by its path: in programs such a module is usually called behind each of
  /// them, and here it can only stand behind one.
  var loneSlope: String? {
    let units =
      head
      + images.flatMap { item -> [Unit] in
        switch item {
        case .unit(let unit): [unit]
        case .norm: []
        case .block(let block): block.body
        }
      }
    let slopes = units.compactMap(\.slope)
    // The last layer has no function behind it.
    guard units.count > 2, slopes.count == 1, case .slope(count: 1) = slopes[0].kind else {
      return nil
    }
    return slopes[0].path
  }

  /// All layers of the file that it has a place for.
  var layerCount: Int {
    func count(_ unit: Unit) -> Int {
      1 + [unit.before, unit.after, unit.slope].compactMap(\.self).count
    }
    let convolutions = images.reduce(0) { sum, item in
      switch item {
      case .unit(let unit): sum + count(unit)
      case .norm: sum + 1
      case .block(let block):
        sum + block.body.reduce(0) { $0 + count($1) } + (block.shortcut.map(count) ?? 0)
      }
    }
    return convolutions + head.reduce(0) { $0 + count($1) }
  }
}
