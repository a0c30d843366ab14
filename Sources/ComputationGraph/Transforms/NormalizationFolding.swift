extension Graph {
  /// The graph with scales per channel moved from the results of convolutions into their filters.
  ///
  /// `scale_o conv(x, w)_o = conv(x, scale_o w_o)`: batch norm with fixed statistics behind a convolution then
  /// costs a pass over filters in place of one over activations, in all derivatives too. The same for
  /// products of matrices with one scale per column. A bias in between is scaled on its own,
  /// `scale_o (conv(x, w)_o + b_o) = conv(x, scale_o w_o) + scale_o b_o`. Only what is alone in reading a
  /// convolution is folded, and only scales that do not depend on samples. Values change by rounding alone.
  ///
  /// To be done before derivatives are added.
  ///
  /// - Parameter outputs: Values that are read.
  /// - Returns: A graph with the same inputs, and the outputs in it.
  /// - Throws: `ShapeError`, never for a graph that exists.
  /// - Complexity: Once through all nodes.
  package func foldingScales(
    outputs: [Value]
  ) throws(ShapeError) -> (graph: Graph, outputs: [Value]) {
    var result = Graph()
    var images: [Value] = []
    images.reserveCapacity(nodes.count)
    let readers = readerCounts(outputs: outputs)
    let folds = nodes.map { fold(of: $0, readers: readers) }
    let absorbed = Set(folds.flatMap { $0?.absorbed ?? [] })
    for (index, node) in nodes.enumerated() {
      if case .input(let input) = node.operation {
        images.append(result.input(input.name, input.shape, role: input.role))
      } else if let fold = folds[index] {
        images.append(try result.emit(fold, images: images))
      } else if absorbed.contains(index) {
        // Its only reader is folded: what stands here is never read.
        images.append(images[node.inputs[0].index])
      } else {
        images.append(try result.append(node.operation, node.inputs.map { images[$0.index] }))
      }
    }
    return (result, outputs.map { images[$0.index] })
  }

  /// A scale that moves into the weights of a product.
  private struct Fold {
    /// The convolution or matrix product.
    let product: Node
    /// What is added to it before it is scaled: one number per channel, shaped as the scale.
    let bias: Value?
    /// One number per channel, of extent 1 along all other axes.
    let scale: Value
    /// The axis of the weights that counts channels.
    let axis: Int
    /// Nodes of which nothing is left: the product, and the sum with the bias.
    let absorbed: Set<Int>
  }

  /// How many nodes read each value, outputs counted as readers.
  private func readerCounts(outputs: [Value]) -> [Int] {
    var counts = [Int](repeating: 0, count: nodes.count)
    for value in outputs + nodes.flatMap(\.inputs) { counts[value.index] += 1 }
    return counts
  }

  /// What folds into the weights of a product, where a node scales its channels.
  private func fold(of node: Node, readers: [Int]) -> Fold? {
    guard case .multiply = node.operation else { return nil }
    for (first, second) in [(0, 1), (1, 0)] {
      let (scaled, factor) = (node.inputs[first], self[node.inputs[second]])
      guard readers[scaled.index] == 1, case .broadcast = factor.operation else { continue }
      let (value, bias) = biased(scaled)
      guard readers[value.index] == 1 else { continue }
      let product = self[value]
      let channels: Int
      let axis: Int
      switch product.operation {
      case .convolution: (channels, axis) = (1, 0)
      case .matrixProduct(let p) where node.shape.rank == 2:
        (channels, axis) = (1, p.transposeB ? 0 : 1)
      default: continue
      }
      var vector = [Int](repeating: 1, count: node.shape.rank)
      vector[channels] = node.shape[channels]
      let scale = factor.inputs[0]
      guard shape(of: scale) == Shape(vector), !dependsOnSamples(scale),
        !dependsOnSamples(product.inputs[1]),
        bias.map({ shape(of: $0) == Shape(vector) && !dependsOnSamples($0) }) ?? true
      else { continue }
      return Fold(
        product: product, bias: bias, scale: scale, axis: axis,
        absorbed: [scaled.index, value.index])
    }
    return nil
  }

  /// A sum with what is broadcast, taken apart; the value itself where it is none.
  private func biased(_ value: Value) -> (value: Value, bias: Value?) {
    let node = self[value]
    guard case .add = node.operation else { return (value, nil) }
    for (first, second) in [(0, 1), (1, 0)] {
      let other = self[node.inputs[second]]
      if case .broadcast = other.operation { return (node.inputs[first], other.inputs[0]) }
    }
    return (value, nil)
  }

  /// Adds a product with scaled weights.
  private mutating func emit(
    _ fold: Fold, images: [Value]
  ) throws(ShapeError) -> Value {
    let weights = images[fold.product.inputs[1].index]
    let shape = shape(of: weights)
    var vector = [Int](repeating: 1, count: shape.rank)
    vector[fold.axis] = shape[fold.axis]
    let scale = try reshape(images[fold.scale.index], to: Shape(vector))
    let scaled = try multiply(weights, broadcast(scale, to: shape))
    let product = try append(
      fold.product.operation, [images[fold.product.inputs[0].index], scaled])
    guard let bias = fold.bias else { return product }
    let moved = try multiply(images[bias.index], images[fold.scale.index])
    return try add(product, broadcast(moved, to: self.shape(of: product)))
  }
}
