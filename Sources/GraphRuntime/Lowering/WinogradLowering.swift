internal import ComputationGraph
internal import NumericKernels

/// Filters prepared for convolutions, for input gradients or for both.
struct WinogradFilterKey: Hashable {
  let filter: Value
  let isForInputGradients: Bool
}

extension WinogradConvolution {
  /// The convolution of images `[n, c, h, w]` with filters `[o, c, 3, 3]`.
  init(block: Int, _ geometry: ConvolutionGeometry, images: Shape, filter: Shape) {
    self.init(
      block: block, inputChannels: filter[1], outputChannels: filter[0], height: images[2],
      width: images[3],
      sampling: geometry.stride[0] == 2 ? .strided : .unit)
  }
}

extension Lowering {
  /// One kernel for a sum of convolutions (or of input gradients) and its epilogue.
  mutating func lowerWinograd(_ chain: ProductChain, result: Value) throws {
    let filterShape = graph.shape(of: graph[chain.products[0]].inputs[1])
    let convolution: WinogradConvolution
    switch graph[chain.products[0]].operation {
    case .convolutionInputGradient(let p):
      convolution =
        WinogradConvolution(block: rule.block, p.geometry, images: p.input, filter: filterShape)
        .transposed
    case .convolution(let p):
      let images = graph.shape(of: graph[chain.products[0]].inputs[0])
      convolution = WinogradConvolution(
        block: rule.block, p.geometry, images: images, filter: filterShape)
    default: throw PlanError("internal: \(graph[result].operation) is no convolution")
    }
    let kernels = try winogradKernels()
    let layout = TensorLayout.blocked(kernels.block)
    var operands: [TensorID] = []
    var filters: [TensorID] = []
    for term in chain.products {
      let filter = graph[term].inputs[1]
      operands.append(try tensor(graph[term].inputs[0], in: layout))
      filters.append(try preparedFilter(filter, for: convolution))
    }
    let bias = try chain.bias.map { try tensor($0, in: .plain) }
    let addend = try chain.residual.map { try tensor($0, in: layout) }
    let gate = try chain.gate.map { try tensor($0, in: layout) }
    let target = allocate(result, layout: layout)
    let terms = Array(zip(operands, filters))
    let rows = rows(result)
    let chunkSizes = Set(chunks.map { $0.count * rows })
    let rectifies = chain.relu
    let name = convolution.isInputGradient ? "input gradient" : "convolution"
    add(
      Step(
        stage: stageOf(result), reads: operands + filters + [bias, addend, gate].compactMap { $0 },
        // Addend and gate are read where the result is written; operands are read around it.
        writes: [target],
        inPlace: [addend, gate].compactMap { $0 }.filter { !operands.contains($0) }, rows: rows,
        label: "\(name)\(terms.count > 1 ? " x\(terms.count)" : "") winograd",
        make: { place in
          WinogradForwardKernel(
            kernels: kernels, convolution: convolution,
            terms: terms.map { .init(operand: place($0), weights: place($1)) },
            result: place(target), bias: bias.map(place), addend: addend.map(place),
            rectifies: rectifies, gate: gate.map(place), chunkSizes: chunkSizes)
        }))
    store(result, as: target)
  }

  private func winogradKernels() throws -> any WinogradKernels {
    guard let kernels = rule.kernels else { throw PlanError("internal: no Winograd kernels") }
    return kernels
  }

  /// Filters prepared for a convolution, once for all that use them so.
  private mutating func preparedFilter(
    _ filter: Value, for convolution: WinogradConvolution
  ) throws -> TensorID {
    let kernels = try winogradKernels()
    let key = WinogradFilterKey(
      filter: filter,
      isForInputGradients: convolution.isInputGradient && !convolution.storesTaps)
    if let known = winogradFilters[key] { return known }
    let plain = try tensor(filter, in: .plain)
    let shape = graph.shape(of: filter)
    let stage = stageOf(filter)
    let prepared = record(
      .space(stage.space), count: convolution.weightCount, layout: .plain)
    add(
      Step(
        stage: stage, reads: [plain], writes: [prepared], label: "prepare filter",
        make: { place in
          WinogradFilterKernel(
            kernels: kernels, convolution: convolution, filter: place(plain), outputs: shape[0],
            inputs: shape[1], prepared: place(prepared))
        }))
    winogradFilters[key] = prepared
    return prepared
  }

  /// One kernel for a filter gradient or a sum of those of equal geometry.
  mutating func lowerWinogradFilterGradient(_ gradients: [Value], result: Value) throws {
    guard case .convolutionFilterGradient(let p) = graph[gradients[0]].operation else {
      throw PlanError("internal: \(graph[gradients[0]].operation) is no filter gradient")
    }
    let convolution = WinogradConvolution(
      block: rule.block, p.geometry, images: graph.shape(of: graph[gradients[0]].inputs[0]),
      filter: p.filter)
    let kernels = try winogradKernels()
    let layout = TensorLayout.blocked(kernels.block)
    var images: [TensorID] = []
    var cotangents: [TensorID] = []
    for gradient in gradients {
      images.append(try tensor(graph[gradient].inputs[0], in: layout))
      cotangents.append(try tensor(graph[gradient].inputs[1], in: layout))
    }
    let stage = stageOf(result)
    let chunkCount = chunks.count
    let rows = rows(graph[gradients[0]].inputs[0])
    let sizes = Set(chunks.map { $0.count * rows })
    let parts = temporary(stage, count: convolution.filterGradientCount * chunkCount)
    // A sum over micro-batches is taken of the blocked ones, and sorted once.
    let isSummed = analysis.frontier.contains(result)
    let target = isSummed ? nil : allocate(result, layout: .plain)
    let terms = Array(zip(images, cotangents))
    add(
      Step(
        stage: stage, reads: images + cotangents, writes: [target ?? parts],
        temporaries: isSummed ? [] : [parts], rows: rows,
        label: "filter gradient\(terms.count > 1 ? " x\(terms.count)" : "") winograd",
        make: { place in
          WinogradFilterGradientKernel(
            kernels: kernels, convolution: convolution,
            terms: terms.map { .init(images: place($0), cotangent: place($1)) },
            partials: place(parts), chunkSizes: sizes,
            result: target.map(place))
        }))
    store(result, as: target ?? parts)
    if isSummed { unsortedGradients[result] = .blocked(convolution) }
  }
}
