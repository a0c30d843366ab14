internal import ComputationGraph

extension Lowering {
  private mutating func lowerProduct(_ chain: ProductChain, result: Value) throws {
    if case .matrixProduct = graph[chain.products[0]].operation {
      try lowerPackedProduct(chain, result: result)
    } else {
      try lowerConvolution(chain, result: result)
    }
  }

  private mutating func lowerGradientSum(_ terms: [Value], result: Value) throws {
    if case .matrixProduct = graph[terms[0]].operation {
      try lowerUnpackedProduct(terms, result: result)
    } else {
      try lowerFilterGradient(terms, result: result)
    }
  }

  /// Emits the steps of one value, unless another one's kernel computes it.
  mutating func lower(_ value: Value) throws {
    if fusion.inlined.contains(value) || fusion.absorbed.contains(value)
      || fusion.virtual.contains(value)
    {
      return
    }
    if let chain = fusion.chains[value] {
      try lowerProduct(chain, result: value)
      return
    }
    if let terms = fusion.gradientSums[value] {
      try lowerGradientSum(terms, result: value)
      return
    }
    if let slices = fusion.scatterSums[value], case .scatterAdd(let p) = graph[slices].operation {
      let other = graph[value].inputs.first { $0 != slices } ?? value
      try lowerScatterAdd(slices, p, to: other, result: value)
      return
    }
    let node = graph[value]
    switch node.operation {
    case .input: break
    case .constant(let p):
      let target = allocate(value)
      let count = node.shape.count
      add(
        Step(
          stage: stageOf(value), reads: [], writes: [target], label: "fill",
          make: { FillKernel(target: $0(target), count: count, value: Float(p.value)) }))
      store(value, as: target)
    case .tensor(let p):
      let target = allocate(value)
      let elements = p.elements.map { Float($0) }
      add(
        Step(
          stage: stageOf(value), reads: [], writes: [target], label: "store",
          make: { StoreKernel(target: $0(target), elements: elements) }))
      store(value, as: target)
    case .add, .multiply, .affine, .unary, .gate: try lowerElementwise(value)
    case .detach: store(value, as: try tensor(node.inputs[0]))
    case .reshape: try lowerReshape(value)
    case .broadcast, .transpose, .slice, .pad, .concatenate: try lowerCopy(value)
    case .gather(let p): try lowerGather(value, p)
    case .scatter(let p): try lowerScatter(value, p)
    case .take(let p): try lowerTake(value, p)
    case .scatterAdd(let p): try lowerScatterAdd(value, p, result: value)
    case .reduceSum(let p): try lowerReduceSum(value, axes: p.axes)
    case .matrixProduct(let p) where node.shape.rank > 2: try lowerMatrixStackProduct(value, p)
    case .matrixProduct: try lowerMatrixProduct(value)
    case .convolution, .convolutionInputGradient:
      try lowerConvolution(ProductChain(products: [value]), result: value)
    case .convolutionFilterGradient: try lowerFilterGradient([value], result: value)
    case .softmax: try lowerSoftmax(value, .probabilities)
    case .logSoftmax: try lowerSoftmax(value, .logarithms)
    case .logSumExp: try lowerSoftmax(value, .logarithmOfSum)
    case .maxPool(let p): try lowerPooling(value, .maximum, p.window, images: node.inputs[0])
    case .maxPoolSelect(let p):
      try lowerPooling(value, .select, p.window, images: node.inputs[1])
    case .maxPoolScatter(let p):
      try lowerPooling(value, .scatter, p.window, images: node.inputs[1])
    case .averagePool(let p):
      try lowerPooling(
        value, .average, p.window, images: node.inputs[0], countsBorder: p.countsBorder)
    case .averagePoolGradient(let p):
      try lowerPooling(value, .spread, p.window, images: value, countsBorder: p.countsBorder)
    }
  }
}
