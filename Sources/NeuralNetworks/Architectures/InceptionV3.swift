internal import ComputationGraph

/// Inception v3 as in torchvision, without its auxiliary classifier; or with a 3x3 stem alone.
///
/// Szegedy et al. 2015, arXiv:1512.00567.
struct InceptionV3: TabulatedFamily {
  enum Plan { case imageNet, huyvnphan }

  static let plans: [String: Plan] = [
    "inception-v3-imagenet": .imageNet, "inception-v3-huyvnphan": .huyvnphan,
  ]

  let name: String
  let plan: Plan

  func build(
    _ images: Value, for architecture: Architecture, in network: inout ModelBuilder
  ) throws(ShapeError) -> Value {
    var mixer = Mixer(network: network)
    var x = images
    if plan == .huyvnphan {
      x = try mixer.unit(x, "Conv2d_1a_3x3", 192, [3, 3])
    } else {
      x = try mixer.unit(x, "Conv2d_1a_3x3", 32, [3, 3], stride: 2, isPadded: false)
      x = try mixer.unit(x, "Conv2d_2a_3x3", 32, [3, 3], isPadded: false)
      x = try mixer.unit(x, "Conv2d_2b_3x3", 64, [3, 3])
      x = try mixer.network.maxPool(x, size: 3, stride: 2)
      x = try mixer.unit(x, "Conv2d_3b_1x1", 80, [1, 1])
      x = try mixer.unit(x, "Conv2d_4a_3x3", 192, [3, 3], isPadded: false)
      x = try mixer.network.maxPool(x, size: 3, stride: 2)
    }
    x = try mixer.blockA(x, "Mixed_5b", pooled: 32)
    x = try mixer.blockA(x, "Mixed_5c", pooled: 64)
    x = try mixer.blockA(x, "Mixed_5d", pooled: 64)
    x = try mixer.blockB(x, "Mixed_6a")
    for (letter, inner) in [("b", 128), ("c", 160), ("d", 160), ("e", 192)] {
      x = try mixer.blockC(x, "Mixed_6\(letter)", inner: inner)
    }
    x = try mixer.blockD(x, "Mixed_7a")
    x = try mixer.blockE(x, "Mixed_7b")
    x = try mixer.blockE(x, "Mixed_7c")
    network = mixer.network
    return try network.linear(
      network.dropout(network.globalAverage(x), rate: 0.5), "fc", outputs: architecture.classCount)
  }
}

/// The blocks of the paper's figures 5 to 10.
private struct Mixer {
  var network: ModelBuilder

  /// Convolution of any extents, batch norm and ReLU.
  mutating func unit(
    _ x: Value, _ name: String, _ channels: Int, _ filter: [Int], stride: Int = 1,
    isPadded: Bool = true
  ) throws(ShapeError) -> Value {
    let padding = isPadded ? filter.map { $0 / 2 } : [0, 0]
    let layer = network.convolutionLayer(
      UnitNames("\(name).conv", "\(name).bn"), inputs: network.graph.shape(of: x)[1],
      channels: channels, filter: filter,
      geometry: ConvolutionGeometry(
        stride: [stride, stride], paddingLow: padding, paddingHigh: padding),
      style: UnitStyle(epsilon: 1e-3))
    return try network.relu(network.apply(layer, to: x))
  }

  /// Units one behind the other, named `name_1`, `name_2`, ...
  mutating func chain(
    _ x: Value, _ name: String, _ layers: [(channels: Int, filter: [Int])], lastStride: Int = 1
  ) throws(ShapeError) -> Value {
    var y = x
    for (place, layer) in layers.enumerated() {
      let isLast = place == layers.count - 1
      let stride = isLast ? lastStride : 1
      y = try unit(
        y, "\(name)_\(place + 1)", layer.channels, layer.filter, stride: stride,
        isPadded: stride == 1)
    }
    return y
  }

  private mutating func pooled(
    _ x: Value, _ name: String, _ channels: Int
  ) throws(ShapeError) -> Value {
    let mean = try network.averagePool(x, size: 3, stride: 1, padding: 1)
    return try unit(mean, "\(name).branch_pool", channels, [1, 1])
  }

  mutating func blockA(_ x: Value, _ name: String, pooled: Int) throws(ShapeError) -> Value {
    let a = try unit(x, "\(name).branch1x1", 64, [1, 1])
    let b = try chain(x, "\(name).branch5x5", [(48, [1, 1]), (64, [5, 5])])
    let c = try chain(x, "\(name).branch3x3dbl", [(64, [1, 1]), (96, [3, 3]), (96, [3, 3])])
    let d = try self.pooled(x, name, pooled)
    return try network.concatenate([a, b, c, d])
  }

  mutating func blockB(_ x: Value, _ name: String) throws(ShapeError) -> Value {
    let a = try unit(x, "\(name).branch3x3", 384, [3, 3], stride: 2, isPadded: false)
    let b = try chain(
      x, "\(name).branch3x3dbl", [(64, [1, 1]), (96, [3, 3]), (96, [3, 3])], lastStride: 2)
    return try network.concatenate([a, b, network.maxPool(x, size: 3, stride: 2)])
  }

  mutating func blockC(_ x: Value, _ name: String, inner: Int) throws(ShapeError) -> Value {
    let (row, column) = ([1, 7], [7, 1])
    let a = try unit(x, "\(name).branch1x1", 192, [1, 1])
    let b = try chain(
      x, "\(name).branch7x7", [(inner, [1, 1]), (inner, row), (192, column)])
    let c = try chain(
      x, "\(name).branch7x7dbl",
      [(inner, [1, 1]), (inner, column), (inner, row), (inner, column), (192, row)])
    let d = try pooled(x, name, 192)
    return try network.concatenate([a, b, c, d])
  }

  mutating func blockD(_ x: Value, _ name: String) throws(ShapeError) -> Value {
    let a = try chain(x, "\(name).branch3x3", [(192, [1, 1]), (320, [3, 3])], lastStride: 2)
    let b = try chain(
      x, "\(name).branch7x7x3", [(192, [1, 1]), (192, [1, 7]), (192, [7, 1]), (192, [3, 3])],
      lastStride: 2)
    return try network.concatenate([a, b, network.maxPool(x, size: 3, stride: 2)])
  }

  mutating func blockE(_ x: Value, _ name: String) throws(ShapeError) -> Value {
    let a = try unit(x, "\(name).branch1x1", 320, [1, 1])
    let b = try unit(x, "\(name).branch3x3_1", 384, [1, 1])
    let b1 = try unit(b, "\(name).branch3x3_2a", 384, [1, 3])
    let b2 = try unit(b, "\(name).branch3x3_2b", 384, [3, 1])
    let c = try chain(x, "\(name).branch3x3dbl", [(448, [1, 1]), (384, [3, 3])])
    let c1 = try unit(c, "\(name).branch3x3dbl_3a", 384, [1, 3])
    let c2 = try unit(c, "\(name).branch3x3dbl_3b", 384, [3, 1])
    let d = try pooled(x, name, 192)
    return try network.concatenate([a, b1, b2, c1, c2, d])
  }
}
