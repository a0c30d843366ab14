internal import ComputationGraph

/// Everything that a oneDNN convolution is created from.
struct ConvolutionConfiguration: Hashable {
  var kind: ConvolutionKind
  var geometry: ConvolutionGeometry
  var input: Shape
  var filter: Shape
  var output: Shape
  var inputLayout: TensorLayout
  var outputLayout: TensorLayout
  var epilogue = ConvolutionEpilogue()

  /// The same for another number of samples.
  func samples(_ count: Int) -> ConvolutionConfiguration {
    var copy = self
    copy.input = input.replacing(axis: 0, with: count)
    copy.output = output.replacing(axis: 0, with: count)
    return copy
  }

  func primitive() throws -> ConvolutionPrimitive {
    try ConvolutionPrimitive(
      kind: kind, geometry: geometry, input: input, filter: filter, output: output,
      inputLayout: inputLayout, outputLayout: outputLayout, epilogue: epilogue)
  }
}

extension Lowering {
  /// Primitives for all sizes of chunks, and the layouts that they read and write.
  ///
  /// Falls back from blocked layouts to plain ones where the library has only reference loops for
  /// them.
  private mutating func primitives(
    _ kind: ConvolutionKind, _ geometry: ConvolutionGeometry, input: Shape, filter: Shape,
    output: Shape, inputLayout: TensorLayout, outputLayout: TensorLayout,
    epilogue: ConvolutionEpilogue = ConvolutionEpilogue()
  ) throws -> (variants: [Int: ConvolutionPrimitive], ConvolutionConfiguration) {
    var configuration = ConvolutionConfiguration(
      kind: kind, geometry: geometry, input: input, filter: filter, output: output,
      inputLayout: inputLayout, outputLayout: outputLayout, epilogue: epilogue)
    let rows = input[0] / batch
    let sizes = Set(chunks.map { $0.count * rows }).sorted()
    let first = sizes.first ?? input[0]
    if (try? primitive(configuration.samples(first)))?.isReference ?? true {
      var plain = configuration
      plain.inputLayout = .plain
      plain.outputLayout = .plain
      if let candidate = try? primitive(plain.samples(first)), !candidate.isReference {
        configuration = plain
      }
    }
    var variants: [Int: ConvolutionPrimitive] = [:]
    for size in sizes { variants[size] = try primitive(configuration.samples(size)) }
    return (variants, configuration)
  }

  /// A primitive, created once for equal configurations.
  private mutating func primitive(
    _ configuration: ConvolutionConfiguration
  ) throws -> ConvolutionPrimitive {
    if let known = primitiveCache[configuration] { return known }
    let created = try configuration.primitive()
    primitiveCache[configuration] = created
    return created
  }

  /// A forward convolution or an input gradient with what was fused into it.
  mutating func lowerConvolution(_ chain: ProductChain, result: Value) throws {
    let convolution = chain.products[0]
    guard chain.products.allSatisfy({ isSamples($0) }) else {
      throw PlanError("a convolution of images that are no samples is not supported")
    }
    switch rule.implementation(of: convolution, in: graph) {
    case .winograd: try lowerWinograd(chain, result: result)
    case .pixels: try lowerPixelProduct(chain, result: result)
    case .direct:
      if case .convolutionInputGradient(let p) = graph[convolution].operation {
        try lowerInputGradient(convolution, p)
      } else if case .convolution(let p) = graph[convolution].operation {
        try lowerForward(p, chain, result: result)
      }
    }
  }

  private mutating func lowerForward(
    _ p: Convolution, _ chain: ProductChain, result: Value
  ) throws {
    let node = graph[chain.products[0]]
    let (x, w) = (node.inputs[0], node.inputs[1])
    var epilogue = ConvolutionEpilogue()
    epilogue.bias = chain.bias != nil
    epilogue.sum = chain.residual != nil
    let (variants, configuration) = try primitives(
      .forward, p.geometry, input: graph.shape(of: x), filter: graph.shape(of: w),
      output: node.shape, inputLayout: layout(of: x), outputLayout: layout(of: result),
      epilogue: epilogue)
    let source = try tensor(x, in: configuration.inputLayout)
    let bias = try chain.bias.map { try tensor($0, in: .plain) }
    let residual = try chain.residual.map { try tensor($0, in: configuration.outputLayout) }
    try add(
      variants, filter: w, operand: source, operandShape: graph.shape(of: x), result: result,
      layout: configuration.outputLayout, bias: bias, residual: residual,
      relu: chain.relu, label: "convolution")
  }

  private mutating func lowerInputGradient(_ value: Value, _ p: ConvolutionInputGradient) throws {
    let node = graph[value]
    let (dy, w) = (node.inputs[0], node.inputs[1])
    let (variants, configuration) = try primitives(
      .inputGradient, p.geometry, input: p.input, filter: graph.shape(of: w),
      output: graph.shape(of: dy), inputLayout: layout(of: value), outputLayout: layout(of: dy))
    let source = try tensor(dy, in: configuration.outputLayout)
    try add(
      variants, filter: w, operand: source, operandShape: graph.shape(of: dy), result: value,
      layout: configuration.inputLayout, bias: nil, residual: nil, relu: false,
      label: "input gradient")
  }

  private mutating func add(
    _ primitives: [Int: ConvolutionPrimitive], filter: Value, operand: TensorID,
    operandShape: Shape, result: Value, layout: TensorLayout, bias: TensorID?, residual: TensorID?,
    relu: Bool, label: String
  ) throws {
    var packed: [Int: TensorID] = [:]
    for (size, primitive) in primitives.sorted(by: { $0.key < $1.key }) {
      packed[size] = try packedFilter(filter, for: primitive)
    }
    let filters = packed
    let target = allocate(result, layout: layout)
    let operandStride = operandShape.count / operandShape[0]
    let resultStride = graph.shape(of: result).count / operandShape[0]
    let name = primitives.values.first.map { "\(label) \($0.implementation)" } ?? label
    add(
      Step(
        stage: stageOf(result),
        reads: [operand] + filters.values.sorted { $0.index < $1.index }
          + [bias, residual].compactMap { $0 },
        // Not in place of the operand, which is read while results are written.
        writes: [target], inPlace: [residual].compactMap { $0 }.filter { $0 != operand },
        rows: rows(result), label: name,
        make: { place in
          ConvolutionKernel(
            variants: primitives.reduce(into: [:]) { result, entry in
              result[entry.key] = ConvolutionVariant(
                primitive: entry.value, packed: filters[entry.key].map(place))
            },
            operand: place(operand), operandStride: operandStride, result: place(target),
            resultStride: resultStride, bias: bias.map(place), residual: residual.map(place),
            relu: relu)
        }))
    store(result, as: target)
  }

  /// A filter gradient, or a sum of those alike where one kernel adds them.
  mutating func lowerFilterGradient(_ gradients: [Value], result: Value) throws {
    guard gradients.allSatisfy({ graph[$0].inputs.allSatisfy { isSamples($0) } }) else {
      throw PlanError("a filter gradient of images that are no samples is not supported")
    }
    switch rule.implementation(of: gradients[0], in: graph) {
    case .winograd: try lowerWinogradFilterGradient(gradients, result: result)
    case .pixels: try lowerPixelFilterGradient(gradients, result: result)
    case .direct:
      guard case .convolutionFilterGradient(let p) = graph[result].operation else {
        throw PlanError("internal: \(graph[result].operation) is no filter gradient")
      }
      try lowerDirectFilterGradient(result, p)
    }
  }

  private mutating func lowerDirectFilterGradient(
    _ value: Value, _ p: ConvolutionFilterGradient
  ) throws {
    let (x, dy) = (graph[value].inputs[0], graph[value].inputs[1])
    let (variants, configuration) = try primitives(
      .filterGradient, p.geometry, input: graph.shape(of: x), filter: p.filter,
      output: graph.shape(of: dy), inputLayout: layout(of: x), outputLayout: layout(of: dy))
    let images = try tensor(x, in: configuration.inputLayout)
    let cotangent = try tensor(dy, in: configuration.outputLayout)
    let target = allocate(value, layout: .plain)
    let chunkCount = chunks.count
    let stage = stageOf(value)
    let partials = temporary(
      stage, count: FilterGradientKernel.partCount(variants) * chunkCount)
    let imageStride = graph.shape(of: x).count / graph.shape(of: x)[0]
    let cotangentStride = graph.shape(of: dy).count / graph.shape(of: x)[0]
    let filterCount = p.filter.count
    let name = variants.values.first.map { "filter gradient \($0.implementation)" }
    add(
      Step(
        stage: stage, reads: [images, cotangent], writes: [target], temporaries: [partials],
        rows: rows(x),
        label: name ?? "filter gradient",
        make: { place in
          FilterGradientKernel(
            variants: variants, images: place(images), imageStride: imageStride,
            cotangent: place(cotangent), cotangentStride: cotangentStride, result: place(target),
            partials: place(partials).place, filterCount: filterCount)
        }))
    store(value, as: target)
  }
}
