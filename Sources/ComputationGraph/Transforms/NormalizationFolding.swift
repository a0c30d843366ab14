extension Graph {
  /// The graph with scales per channel moved from the results of convolutions into their filters.
  ///
  /// `scale_o conv(x, w)_o = conv(x, scale_o w_o)`: batch norm with fixed statistics behind a convolution then
  /// costs a pass over filters in place of one over activations, in all derivatives too. The same for
  /// products of matrices with one scale per column. Only what is alone in reading a convolution is
  /// folded, and only scales that do not depend on samples. Values change by rounding alone.
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
    for node in nodes {
      if case .input(let input) = node.operation {
        images.append(result.input(input.name, input.shape, role: input.role))
      } else if let fold = fold(of: node, readers: readers) {
        images.append(try result.emit(fold, images: images))
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
    /// One number per channel, of extent 1 along all other axes.
    let scale: Value
    /// The axis of the weights that counts channels.
    let axis: Int
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
      let (value, factor) = (node.inputs[first], self[node.inputs[second]])
      guard readers[value.index] == 1, case .broadcast = factor.operation else { continue }
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
        !dependsOnSamples(product.inputs[1])
      else { continue }
      return Fold(product: product, scale: scale, axis: axis)
    }
    return nil
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
    return try append(
      fold.product.operation, [images[fold.product.inputs[0].index], scaled])
  }
}
