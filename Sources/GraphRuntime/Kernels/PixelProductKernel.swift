internal import NumericKernels

/// Packs each tap of filters as the right factor of products, once per setting of the weights.
struct PackTapsKernel: Kernel {
  let division = KernelDivision.whole
  let kernels: any MatrixProductKernels
  /// `[outputs][inputs][taps]`.
  let filter: Buffer
  let inputs: Int
  let outputs: Int
  let taps: Int
  /// Whether products are of cotangents with the filters, not of images.
  let isForInputGradients: Bool
  let packed: Buffer

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let shape = MatrixProductShape(
      rows: 0, columns: isForInputGradients ? inputs : outputs,
      depth: isForInputGradients ? outputs : inputs)
    let (byInput, byOutput) = (taps, inputs * taps)
    for tap in 0..<taps {
      kernels.pack(
        MatrixOperand(
          elements: memory[filter] + tap, rowStride: isForInputGradients ? byOutput : byInput,
          columnStride: isForInputGradients ? byInput : byOutput),
        shape, to: memory[packed] + tap * shape.packedCount)
    }
  }
}

/// Sum of convolutions (or of input gradients) alike of images of few pixels, and what follows.
///
/// For each tap, the pixels that it meets are rows of a matrix product: nothing is multiplied with
/// zeros around the image, most of which a direct kernel computes, and Winograd's tiles too.
struct PixelProductKernel: Kernel {
  /// One summand.
  struct Term {
    let operand: Buffer
    /// Packed taps.
    let weights: Buffer
  }

  let division = KernelDivision.perChunk
  let kernels: any MatrixProductKernels
  let pairs: PixelPairs
  let terms: [Term]
  let result: Buffer
  let bias: Buffer?
  let addend: Buffer?
  let rectifies: Bool
  let gate: Buffer?
  let inputChannels: Int
  let outputChannels: Int
  let block: Int
  /// Most images of a chunk.
  let largestChunk: Int

  private func operandOrder(_ images: Int) -> PixelOrder {
    PixelOrder(channels: inputChannels, pixels: pairs.inputPixels, block: block, images: images)
  }

  private func resultOrder(_ images: Int) -> PixelOrder {
    PixelOrder(channels: outputChannels, pixels: pairs.outputPixels, block: block, images: images)
  }

  private func shape(rows: Int) -> MatrixProductShape {
    MatrixProductShape(rows: rows, columns: outputChannels, depth: inputChannels)
  }

  /// Floats of sorted operands and of sorted sums.
  private func counts(_ images: Int) -> (operand: Int, sums: Int) {
    (
      ArenaAllocator.rounded(pairs.inputPixels * images * inputChannels),
      ArenaAllocator.rounded(pairs.outputPixels * images * outputChannels)
    )
  }

  var scratchCount: Int {
    let (operand, sums) = counts(largestChunk)
    return terms.count * operand + sums
      + kernels.packedProductScratchCount(shape(rows: pairs.outputPixels * largestChunk))
  }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let images = chunk.count
    let (operandCount, sumCount) = counts(images)
    let sums = memory.scratch + terms.count * operandCount
    let order = operandOrder(images)
    for (number, term) in terms.enumerated() {
      order.sort(
        memory[term.operand] + chunk.start * inputChannels * pairs.inputPixels,
        to: memory.scratch + number * operandCount)
    }
    sums.update(repeating: 0, count: sumCount)
    for (tap, runs) in pairs.taps.enumerated() {
      for run in runs {
        let product = shape(rows: run.count * images)
        let place = sums + run.output * images * outputChannels
        kernels.packedProduct(
          product,
          terms: terms.indices.map { number in
            (
              left: MatrixOperand(
                elements: memory.scratch
                  + (number * operandCount + run.input * images * inputChannels),
                rowStride: inputChannels, columnStride: 1),
              right: UnsafePointer(memory[terms[number].weights] + tap * product.packedCount)
            )
          },
          output: place, outputStride: outputChannels,
          epilogue: ProductEpilogue(addend: UnsafePointer(place)), scratch: sums + sumCount)
      }
    }
    finish(sums, memory, chunk)
  }

  /// Brings the sums into the layout of images.
  private func finish(_ sums: UnsafePointer<Float>, _ memory: Memory, _ chunk: SampleChunk) {
    let start = chunk.start * outputChannels * pairs.outputPixels
    let result = memory[result] + start
    let bias = bias.map { memory[$0] }
    let addend = addend.map { memory[$0] + start }
    let gate = gate.map { memory[$0] + start }
    resultOrder(chunk.count).forEachBlock { place, sorted in
      let channel = sorted % outputChannels
      for lane in 0..<block {
        var value = sums[sorted &+ lane]
        if let bias { value += bias[channel &+ lane] }
        if let addend { value += addend[place &+ lane] }
        // Not maximum, which would hide a NaN.
        if rectifies && value < 0 { value = 0 }
        if let gate, !(gate[place &+ lane] > 0) { value = 0 }
        result[place &+ lane] = value
      }
    }
  }
}
