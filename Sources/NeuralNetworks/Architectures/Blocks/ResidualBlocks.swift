internal import ComputationGraph

/// How a residual block carries its input to its output.
enum Shortcut: Hashable, Sendable {
  /// Identity, subsampled and padded with channels of zeros where shapes change (option A).
  case padded
  /// Identity, or a 1x1 convolution `name.0` with batch norm `name.1` where shapes change.
  case projection(name: String)
  /// Identity, or a 1x1 convolution alone, named as it is.
  case convolution(name: String)
  /// None: the network is plain.
  case none
}

/// Names of the convolutions and batch norms inside a block.
enum BlockNames: Hashable, Sendable {
  /// `conv1`, `bn1`, `conv2`, ...
  case numbered
  /// Places in a sequence that holds activations too.
  case sequence(String)

  /// Names of the unit at a place, convolution first.
  func unit(_ place: Int, in block: String) -> UnitNames {
    switch self {
    case .numbered: UnitNames("\(block).conv\(place + 1)", "\(block).bn\(place + 1)")
    case .sequence(let name):
      UnitNames("\(block).\(name).\(3 * place)", "\(block).\(name).\(3 * place + 1)")
    }
  }

  /// Names of the unit at a place, batch norm and activation first.
  func preActivated(_ place: Int, in block: String) -> UnitNames {
    switch self {
    case .numbered: unit(place, in: block)
    case .sequence(let name):
      UnitNames("\(block).\(name).\(3 * place + 2)", "\(block).\(name).\(3 * place)")
    }
  }
}

/// The convolutions of a residual block and what carries its input past them.
struct ResidualBlock {
  /// One convolution.
  struct Layer: Hashable, Sendable {
    let channels: Int
    let kernel: Int
    var stride = 1
    var groups = 1
  }

  let layers: [Layer]
  let shortcut: Shortcut
  var names = BlockNames.numbered
  var style = UnitStyle()
  /// Gate of the result.
  var squeeze: SqueezeExcitation?
  /// Whether the parameters of the gate come before those of the shortcut.
  var squeezesFirst = false
  /// Whether an activation stands behind the last convolution too, before the gate.
  var activatesResult = false

  /// Two 3x3 convolutions.
  ///
  /// He et al. 2015, arXiv:1512.03385, figure 5.
  static func basic(channels: Int, stride: Int, shortcut: Shortcut) -> ResidualBlock {
    ResidualBlock(
      layers: [
        Layer(channels: channels, kernel: 3, stride: stride), Layer(channels: channels, kernel: 3),
      ], shortcut: shortcut)
  }

  /// 1x1, 3x3 and 1x1 convolutions.
  ///
  /// The stride is in the 3x3 convolution, as in torchvision; groups are those of ResNeXt
  /// (Xie et al. 2016, arXiv:1611.05431).
  static func bottleneck(
    inner: Int, channels: Int, stride: Int, groups: Int = 1, shortcut: Shortcut
  ) -> ResidualBlock {
    ResidualBlock(
      layers: [
        Layer(channels: inner, kernel: 1),
        Layer(channels: inner, kernel: 3, stride: stride, groups: groups),
        Layer(channels: channels, kernel: 1),
      ], shortcut: shortcut)
  }

  /// Step from the input to the output.
  var stride: Int { layers.map(\.stride).reduce(1, *) }

  /// Whether the shortcut cannot be the identity, for an input of so many channels.
  func changesShape(inputs: Int) -> Bool { stride != 1 || layers.last?.channels != inputs }
}

extension ModelBuilder {
  /// Convolutions with batch norm and activation around a shortcut; the last activation is behind
  /// the sum.
  mutating func residualBlock(
    _ x: Value, _ name: String, _ block: ResidualBlock
  ) throws(ShapeError) -> Value {
    var y = x
    for (place, layer) in block.layers.enumerated() {
      let isLast = place == block.layers.count - 1
      y = try unit(
        y, block.names.unit(place, in: name), channels: layer.channels, kernel: layer.kernel,
        stride: layer.stride, groups: layer.groups,
        style: isLast && !block.activatesResult ? block.style.with(.identity) : block.style)
    }
    if let squeeze = block.squeeze, block.squeezesFirst { y = try squeezeExcite(y, squeeze) }
    let shortcut = try carry(x, past: block, name)
    if let squeeze = block.squeeze, !block.squeezesFirst { y = try squeezeExcite(y, squeeze) }
    let sum = try shortcut.map { (shortcut) throws(ShapeError) in try add(y, shortcut) } ?? y
    return try block.style.activation.apply(sum, in: &graph)
  }

  /// Batch norms and activations each before a convolution, around a shortcut.
  ///
  /// He et al. 2016, arXiv:1603.05027. A shortcut with parameters starts behind the first activation
  /// where `startsActivated`, otherwise at the input.
  mutating func preActivationBlock(
    _ x: Value, _ name: String, _ block: ResidualBlock, startsActivated: Bool
  ) throws(ShapeError) -> Value {
    var y = x
    var start = x
    for (place, layer) in block.layers.enumerated() {
      let names = block.names.preActivated(place, in: name)
      if let norm = names.norm { y = try normalized(y, norm, style: block.style) }
      if place == 0 && startsActivated { start = y }
      y = try unit(
        y, UnitNames(names.convolution, nil), channels: layer.channels, kernel: layer.kernel,
        stride: layer.stride, groups: layer.groups, style: block.style.with(.identity))
    }
    let isIdentity = !block.changesShape(inputs: graph.shape(of: x)[1])
    let shortcut = try carry(isIdentity ? x : start, past: block, name)
    if let squeeze = block.squeeze { y = try squeezeExcite(y, squeeze) }
    return try shortcut.map { (shortcut) throws(ShapeError) in try add(y, shortcut) } ?? y
  }

  /// What the shortcut makes of a block's input; nil where there is none.
  private mutating func carry(
    _ x: Value, past block: ResidualBlock, _ name: String
  ) throws(ShapeError) -> Value? {
    let inputs = graph.shape(of: x)[1]
    guard block.shortcut != .none else { return nil }
    guard block.changesShape(inputs: inputs), let channels = block.layers.last?.channels else {
      return x
    }
    let names: UnitNames
    switch block.shortcut {
    case .none, .padded:
      return try subsampleAndPad(x, channels: channels, stride: block.stride)
    case .projection(let shortcut): names = .sequence("\(name).\(shortcut)")
    case .convolution(let shortcut): names = UnitNames("\(name).\(shortcut)", nil)
    }
    return try unit(
      x, names, channels: channels, stride: block.stride, style: block.style.with(.identity))
  }
}
