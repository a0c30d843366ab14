internal import ComputationGraph
internal import NumericKernels

/// How the sums of a filter gradient lie before they are sorted.
enum FilterGradientOrder {
  /// In blocks of channels of Winograd's kernels.
  case blocked(WinogradConvolution)
  /// In planes of one tap each.
  case planes(taps: Int, filters: Int)
}

extension Lowering {
  private func pairs(
    _ geometry: ConvolutionGeometry, images: Shape, filter: Shape, output: Shape
  ) -> PixelPairs {
    PixelPairs(geometry, input: images, filter: filter, output: output)
  }

  /// One kernel for a sum of convolutions (or of input gradients) of images of few pixels.
  mutating func lowerPixelProduct(_ chain: ProductChain, result: Value) throws {
    let node = graph[chain.products[0]]
    let filterShape = graph.shape(of: node.inputs[1])
    let operandShape = graph.shape(of: node.inputs[0])
    let found: PixelPairs
    let isInputGradient: Bool
    switch node.operation {
    case .convolution(let p):
      isInputGradient = false
      found = pairs(p.geometry, images: operandShape, filter: filterShape, output: node.shape)
    case .convolutionInputGradient(let p):
      isInputGradient = true
      found =
        pairs(p.geometry, images: p.input, filter: filterShape, output: operandShape)
        .transposed
    default: throw PlanError("internal: \(node.operation) is no convolution")
    }
    var operands: [TensorID] = []
    var weights: [TensorID] = []
    for product in chain.products {
      let images = graph[product].inputs[0]
      operands.append(try tensor(images, in: layout(of: images)))
      weights.append(
        try packedTaps(graph[product].inputs[1], isForInputGradients: isInputGradient))
    }
    let layout = layout(of: result)
    let bias = try chain.bias.map { try tensor($0, in: .plain) }
    let addend = try chain.residual.map { try tensor($0, in: layout) }
    let gate = try chain.gate.map { try tensor($0, in: layout) }
    let target = allocate(result, layout: layout)
    let kernels = rule.matrixKernels
    let block = rule.block
    let rows = rows(result)
    let largestChunk = (chunks.map(\.count).max() ?? batch) * rows
    let terms = Array(zip(operands, weights))
    let rectifies = chain.relu
    let (inputs, outputs) = (operandShape[1], node.shape[1])
    let name = isInputGradient ? "input gradient" : "convolution"
    add(
      Step(
        stage: stageOf(result), reads: operands + weights + [bias, addend, gate].compactMap { $0 },
        writes: [target],
        inPlace: [addend, gate].compactMap { $0 }.filter { !operands.contains($0) }, rows: rows,
        label: "\(name)\(terms.count > 1 ? " x\(terms.count)" : "") of pixels",
        make: { place in
          PixelProductKernel(
            kernels: kernels, pairs: found,
            terms: terms.map { .init(operand: place($0), weights: place($1)) },
            result: place(target), bias: bias.map(place), addend: addend.map(place),
            rectifies: rectifies, gate: gate.map(place), inputChannels: inputs,
            outputChannels: outputs, block: block, largestChunk: largestChunk)
        }))
    store(result, as: target)
  }

  /// The taps of filters, packed once for all that use them so.
  private mutating func packedTaps(_ filter: Value, isForInputGradients: Bool) throws -> TensorID {
    let key = WinogradFilterKey(filter: filter, isForInputGradients: isForInputGradients)
    if let known = packedTaps[key] { return known }
    let plain = try tensor(filter, in: .plain)
    let shape = graph.shape(of: filter)
    let stage = stageOf(filter)
    let packed = record(.space(stage.space), count: shape.count, layout: .plain)
    let kernels = rule.matrixKernels
    add(
      Step(
        stage: stage, reads: [plain], writes: [packed], label: "pack taps",
        make: { place in
          PackTapsKernel(
            kernels: kernels, filter: place(plain), inputs: shape[1], outputs: shape[0],
            taps: shape[2] * shape[3], isForInputGradients: isForInputGradients,
            packed: place(packed))
        }))
    packedTaps[key] = packed
    return packed
  }

  /// One kernel for a filter gradient of images of few pixels, or a sum of those alike.
  mutating func lowerPixelFilterGradient(_ gradients: [Value], result: Value) throws {
    guard case .convolutionFilterGradient(let p) = graph[gradients[0]].operation else {
      throw PlanError("internal: \(graph[gradients[0]].operation) is no filter gradient")
    }
    var images: [TensorID] = []
    var cotangents: [TensorID] = []
    for gradient in gradients {
      let (x, dy) = (graph[gradient].inputs[0], graph[gradient].inputs[1])
      images.append(try tensor(x, in: layout(of: x)))
      cotangents.append(try tensor(dy, in: layout(of: dy)))
    }
    let imageShape = graph.shape(of: graph[gradients[0]].inputs[0])
    let found = pairs(
      p.geometry, images: imageShape, filter: p.filter,
      output: graph.shape(of: graph[gradients[0]].inputs[1]))
    let target = allocate(result, layout: .plain)
    let terms = Array(zip(images, cotangents))
    let kernels = rule.matrixKernels
    let (block, parts) = (rule.block, chunks.count)
    add(
      Step(
        stage: stageOf(result), reads: images + cotangents, writes: [target],
        label: "filter gradient\(terms.count > 1 ? " x\(terms.count)" : "") of pixels",
        make: { place in
          PixelFilterGradientKernel(
            kernels: kernels, pairs: found,
            terms: terms.map { .init(images: place($0), cotangent: place($1)) },
            result: place(target), inputChannels: p.filter[1], outputChannels: p.filter[0],
            block: block, images: imageShape[0], parts: parts)
        }))
    store(result, as: target)
    unsortedGradients[result] = .planes(
      taps: p.filter[2] * p.filter[3], filters: p.filter[0] * p.filter[1])
  }

  /// Sorts a filter gradient, or a sum of those over micro-batches, when it is first read.
  mutating func sortFilterGradient(
    _ unsorted: TensorID, of value: Value, _ order: FilterGradientOrder
  ) -> TensorID {
    let stage = analysis.frontier.contains(value) ? Stage.epilogue : stageOf(value)
    let target = record(
      .space(stage.space), count: graph.shape(of: value).count, layout: .plain)
    add(
      Step(
        stage: stage, reads: [unsorted], writes: [target], label: "sort filter gradient",
        make: { place in
          switch order {
          case .blocked(let convolution):
            UnpackFilterGradientKernel(
              convolution: convolution, blocked: place(unsorted), result: place(target))
          case .planes(let taps, let filters):
            SortTapsKernel(
              planes: place(unsorted), taps: taps, filters: filters, result: place(target))
          }
        }))
    return target
  }
}
