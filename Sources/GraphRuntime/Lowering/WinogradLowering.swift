internal import ComputationGraph

/// Filters transformed for the forward pass or for the input gradient.
struct WinogradFilterKey: Hashable {
  let filter: Value
  let kind: ConvolutionKind
}

/// A forward convolution or an input gradient by Winograd's algorithm and what is fused into it.
struct WinogradCall {
  /// One summand.
  struct Term {
    /// Images, or the cotangent of the convolution's output.
    var operand: Value
    var filter: Value
  }

  /// Summands of equal geometry.
  var terms: [Term]
  /// `.forward` or `.inputGradient`.
  var kind: ConvolutionKind
  /// Per-channel vector that is added.
  var bias: Value?
  /// Tensor of the result's shape that is added.
  var addend: Value?
  /// Negative results become 0.
  var rectifies = false
  /// Results become 0 unless this is positive.
  var gate: Value?
}

extension Lowering {
  /// One kernel for a sum of convolutions (or input gradients) and its epilogue.
  mutating func lowerWinograd(_ call: WinogradCall, result: Value) throws {
    let shape = graph.shape(of: result)
    let operandShape = graph.shape(of: call.terms[0].operand)
    let convolution = WinogradConvolution(
      inputChannels: operandShape[1], outputChannels: shape[1], height: shape[2], width: shape[3])
    let layout = TensorLayout.blocked(8)
    var operands: [TensorID] = []
    var filters: [TensorID] = []
    for term in call.terms {
      operands.append(try tensor(term.operand, in: layout))
      filters.append(try transformedFilter(term.filter, call.kind, for: convolution))
    }
    let bias = try call.bias.map { try tensor($0, in: .plain) }
    let addend = try call.addend.map { try tensor($0, in: layout) }
    let gate = try call.gate.map { try tensor($0, in: layout) }
    let target = allocate(result, layout: layout)
    let terms = Array(zip(operands, filters))
    let images = Set(chunks.map(\.count))
    let kind = call.kind == .forward ? "convolution" : "input gradient"
    add(
      Step(
        stage: stageOf(result), reads: operands + filters + [bias, addend, gate].compactMap { $0 },
        // Addend and gate are read where the result is written; operands are read around it.
        writes: [target],
        inPlace: [addend, gate].compactMap { $0 }.filter { !operands.contains($0) },
        label: "\(kind)\(terms.count > 1 ? " x\(terms.count)" : "") winograd",
        make: { place in
          WinogradForwardKernel(
            convolution: convolution,
            terms: terms.map { .init(operand: place($0), weights: place($1)) },
            result: place(target), bias: bias.map(place), addend: addend.map(place),
            rectifies: call.rectifies, gate: gate.map(place), chunkSizes: images)
        }))
    store(result, as: target)
  }

  /// Filters transformed for a convolution, once for all that use them so.
  private mutating func transformedFilter(
    _ filter: Value, _ kind: ConvolutionKind, for convolution: WinogradConvolution
  ) throws -> TensorID {
    let key = WinogradFilterKey(filter: filter, kind: kind)
    if let known = winogradFilters[key] { return known }
    let plain = try tensor(filter, in: .plain)
    let shape = graph.shape(of: filter)
    let stage = stageOf(filter)
    let transformed = record(
      .space(stage.space), count: convolution.weightCount, layout: .plain)
    add(
      Step(
        stage: stage, reads: [plain], writes: [transformed], label: "transform filter",
        make: { place in
          WinogradFilterKernel(
            convolution: convolution, kind: kind, filter: place(plain), outputs: shape[0],
            inputs: shape[1], transformed: place(transformed))
        }))
    winogradFilters[key] = transformed
    return transformed
  }

  /// One summand of a filter gradient.
  struct WinogradGradientTerm {
    var images: Value
    var cotangent: Value
  }

  /// One kernel for a sum of filter gradients of equal geometry.
  mutating func lowerWinogradFilterGradient(
    _ gradientTerms: [WinogradGradientTerm], result: Value
  ) throws {
    let shape = graph.shape(of: gradientTerms[0].images)
    let filter = graph.shape(of: result)
    let convolution = WinogradConvolution(
      inputChannels: filter[1], outputChannels: filter[0], height: shape[2], width: shape[3])
    let layout = TensorLayout.blocked(8)
    var images: [TensorID] = []
    var cotangents: [TensorID] = []
    for term in gradientTerms {
      images.append(try tensor(term.images, in: layout))
      cotangents.append(try tensor(term.cotangent, in: layout))
    }
    let target = allocate(result, layout: .plain)
    let stage = stageOf(result)
    let chunkCount = chunks.count
    let sizes = Set(chunks.map(\.count))
    let partials = temporary(stage, count: convolution.filterGradientCount * chunkCount)
    let terms = Array(zip(images, cotangents))
    add(
      Step(
        stage: stage, reads: images + cotangents, writes: [target], temporaries: [partials],
        label: "filter gradient\(terms.count > 1 ? " x\(terms.count)" : "") winograd",
        make: { place in
          WinogradFilterGradientKernel(
            convolution: convolution,
            terms: terms.map { .init(images: place($0), cotangent: place($1)) },
            result: place(target), partials: place(partials).place, chunkCount: chunkCount,
            chunkSizes: sizes)
        }))
    store(result, as: target)
  }
}
