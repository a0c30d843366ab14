internal import ComputationGraph
internal import NumericKernels

/// A matrix packed as the right factor of products.
struct PackedMatrixKey: Hashable {
  let matrix: Value
  let isTransposed: Bool
}

extension Lowering {
  /// What a matrix product is to the samples; nil where it knows none, or mixes them.
  static func matrixProductRole(
    _ value: Value, _ graph: Graph, _ analysis: BatchAnalysis
  ) -> ProductRole? {
    guard case .matrixProduct(let p) = graph[value].operation, graph.shape(of: value).rank == 2
    else { return nil }
    let isSamples = graph[value].inputs.map { analysis.dependence[$0.index] == .samples }
    switch (isSamples[0], isSamples[1]) {
    case (true, false) where !p.transposeA: return .ofSamples(.everything)
    case (true, true) where p.transposeA && !p.transposeB:
      return .sumOverSamples(takesTerms: true)
    default: return nil
    }
  }

  mutating func lowerMatrixProduct(_ value: Value) throws {
    if case .ofSamples? = Self.matrixProductRole(value, graph, analysis) {
      try lowerPackedProduct(ProductChain(products: [value]), result: value)
    } else {
      try lowerUnpackedProduct([value], result: value)
    }
  }

  /// One kernel for a sum of products of samples with matrices that are packed beforehand, and what
  /// was fused into it.
  mutating func lowerPackedProduct(_ chain: ProductChain, result: Value) throws {
    if packsOnTheWay(chain.products[0]) {
      try lowerProductOfRows(chain, result: result)
      return
    }
    let kernels = rule.matrixKernels
    var operands: [TensorID] = []
    var factors: [TensorID] = []
    for product in chain.products {
      operands.append(try tensor(graph[product].inputs[0], in: .plain))
      factors.append(try packedMatrix(of: product))
    }
    let bias = try chain.bias.map { try tensor($0, in: .plain) }
    let addend = try chain.residual.map { try tensor($0, in: .plain) }
    let gate = try chain.gate.map { try tensor($0, in: .plain) }
    let target = allocate(result, layout: .plain)
    let terms = Array(zip(operands, factors))
    let shape = productShape(chain.products[0])
    let rowsPerSample = shape.rows / batch
    let largestChunk = chunks.map(\.count).max() ?? batch
    let rectifies = chain.relu
    add(
      Step(
        stage: stageOf(result), reads: operands + factors + [bias, addend, gate].compactMap { $0 },
        // Addend and gate are read where the result is written; rows of operands before that.
        writes: [target],
        inPlace: [addend, gate].compactMap { $0 }.filter { !operands.contains($0) },
        label: "matrix product\(terms.count > 1 ? " x\(terms.count)" : "")",
        make: { place in
          PackedMatrixProductKernel(
            kernels: kernels,
            terms: terms.map { .init(left: place($0), right: place($1)) },
            result: place(target), bias: bias.map(place), addend: addend.map(place),
            rectifies: rectifies, gate: gate.map(place), rowsPerSample: rowsPerSample,
            largestChunk: largestChunk, columns: shape.columns, depth: shape.depth)
        }))
    store(result, as: target)
  }

  /// Whether a large matrix meets enough rows that packing it anew each time costs little: prepared
  /// copies, one for each direction through the network, would be as large as the weights.
  private func packsOnTheWay(_ product: Value) -> Bool {
    let shape = productShape(product)
    return shape.rows >= 256 && shape.rows / batch >= 32 && shape.columns * shape.depth >= 1 << 18
  }

  /// One kernel for a sum of products of samples with large matrices, and what was fused into it.
  private mutating func lowerProductOfRows(_ chain: ProductChain, result: Value) throws {
    guard case .matrixProduct(let p) = graph[chain.products[0]].operation else {
      throw PlanError("internal: \(graph[chain.products[0]].operation) is no matrix product")
    }
    let kernels = rule.matrixKernels
    let operands = try chain.products.map { try tensor(graph[$0].inputs[0], in: .plain) }
    let factors = try chain.products.map { try tensor(graph[$0].inputs[1], in: .plain) }
    let bias = try chain.bias.map { try tensor($0, in: .plain) }
    let addend = try chain.residual.map { try tensor($0, in: .plain) }
    let gate = try chain.gate.map { try tensor($0, in: .plain) }
    let target = allocate(result, layout: .plain)
    let terms = Array(zip(operands, factors))
    let shape = productShape(chain.products[0])
    let parts = chunks.count
    let rectifies = chain.relu
    add(
      Step(
        stage: stageOf(result),
        reads: operands + factors + [bias, addend, gate].compactMap(\.self),
        // The gate is read behind the product.
        writes: [target], inPlace: [addend].compactMap(\.self).filter { !operands.contains($0) },
        label: "product of rows\(terms.count > 1 ? " x\(terms.count)" : "")",
        make: { place in
          RowProductKernel(
            product: MatrixProductKernel(
              kernels: kernels, shape: shape, transposesLeft: false,
              transposesRight: p.transposeB,
              terms: terms.map { .init(left: place($0), right: place($1)) },
              result: place(target), parts: parts, accumulates: bias != nil || addend != nil),
            bias: bias.map(place), addend: addend.map(place), rectifies: rectifies,
            gate: gate.map(place))
        }))
    store(result, as: target)
  }

  /// One kernel for a product of matrices, or a sum of those alike.
  mutating func lowerUnpackedProduct(_ products: [Value], result: Value) throws {
    guard case .matrixProduct(let p) = graph[products[0]].operation else {
      throw PlanError("internal: \(graph[products[0]].operation) is no matrix product")
    }
    let kernels = rule.matrixKernels
    var lefts: [TensorID] = []
    var rights: [TensorID] = []
    for product in products {
      lefts.append(try tensor(graph[product].inputs[0], in: .plain))
      rights.append(try tensor(graph[product].inputs[1], in: .plain))
    }
    let target = allocate(result)
    let terms = Array(zip(lefts, rights))
    let shape = productShape(products[0])
    let isOfSamples = products.contains {
      Self.matrixProductRole($0, graph, analysis) == .sumOverSamples(takesTerms: true)
    }
    let parts = isOfSamples ? chunks.count : 1
    add(
      Step(
        stage: stageOf(result), reads: lefts + rights, writes: [target],
        label: "matrix product\(terms.count > 1 ? " x\(terms.count)" : "") of two",
        make: { place in
          MatrixProductKernel(
            kernels: kernels, shape: shape, transposesLeft: p.transposeA,
            transposesRight: p.transposeB,
            terms: terms.map { .init(left: place($0), right: place($1)) },
            result: place(target), parts: parts)
        }))
    store(result, as: target)
  }

  private func productShape(_ value: Value) -> MatrixProductShape {
    let node = graph[value]
    guard case .matrixProduct(let p) = node.operation else {
      preconditionFailure("\(node.operation) is no matrix product")
    }
    return MatrixProductShape(
      rows: node.shape[0], columns: node.shape[1],
      depth: graph.shape(of: node.inputs[0])[p.transposeA ? 0 : 1])
  }

  /// The right factor of a product, packed once for all that use it so.
  private mutating func packedMatrix(of product: Value) throws -> TensorID {
    let matrix = graph[product].inputs[1]
    guard case .matrixProduct(let p) = graph[product].operation else {
      throw PlanError("internal: \(graph[product].operation) is no matrix product")
    }
    let key = PackedMatrixKey(matrix: matrix, isTransposed: p.transposeB)
    if let known = packedMatrices[key] { return known }
    let kernels = rule.matrixKernels
    let plain = try tensor(matrix, in: .plain)
    let shape = productShape(product)
    let stage = stageOf(matrix)
    let packed = record(.space(stage.space), count: shape.packedCount, layout: .plain)
    add(
      Step(
        stage: stage, reads: [plain], writes: [packed], label: "pack matrix",
        make: { place in
          PackMatrixKernel(
            kernels: kernels, matrix: place(plain), isTransposed: p.transposeB, shape: shape,
            packed: place(packed))
        }))
    packedMatrices[key] = packed
    return packed
  }
}
