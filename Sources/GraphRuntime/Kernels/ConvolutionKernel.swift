/// Brings filters into the layout of a oneDNN primitive; once per setting of the weights.
struct PackFilterKernel: Kernel {
  let division = KernelDivision.whole
  let primitive: ConvolutionPrimitive
  let filter: Buffer
  let packed: Buffer

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    primitive.packFilter(UnsafePointer(memory[filter]), into: memory[packed])
  }
}

/// A primitive for chunks of one size and the filters in its layout.
struct ConvolutionVariant {
  let primitive: ConvolutionPrimitive
  let packed: Buffer?
}

/// Forward convolution or its input gradient by oneDNN, with what follows fused in.
struct ConvolutionKernel: Kernel {
  let division = KernelDivision.perChunk
  /// By number of samples in the chunk.
  let variants: [Int: ConvolutionVariant]
  /// Operand of the convolution: images, or the cotangent of its output.
  let operand: Buffer
  let operandStride: Int
  let result: Buffer
  let resultStride: Int
  let bias: Buffer?
  /// Added to the result; copied there first unless it is in its place already.
  let residual: Buffer?

  var scratchCount: Int { variants.values.map(\.primitive.scratchCount).max() ?? 0 }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    guard let variant = variants[chunk.count], let packed = variant.packed else {
      preconditionFailure("no primitive for \(chunk.count) samples")
    }
    let operand = memory[operand] + chunk.start * operandStride
    let result = memory[result] + chunk.start * resultStride
    if let residual, residual.place != self.result.place {
      result.update(
        from: memory[residual] + chunk.start * resultStride, count: chunk.count * resultStride)
    }
    let forward = variant.primitive.kind == .forward
    variant.primitive.run(
      input: forward ? operand : result, filter: memory[packed], output: forward ? result : operand,
      bias: bias.map { memory[$0] }, scratch: memory.scratch)
  }
}

/// Filter gradient by oneDNN: one part per chunk, added in the order of the chunks.
struct FilterGradientKernel: Kernel {
  let division = KernelDivision.partialSums
  let variants: [Int: ConvolutionPrimitive]
  let images: Buffer
  let imageStride: Int
  let cotangent: Buffer
  let cotangentStride: Int
  let result: Buffer
  /// `chunkCount` packed gradients.
  let partials: BufferPlace
  let chunkCount: Int

  var scratchCount: Int { variants.values.map(\.scratchCount).max() ?? 0 }

  /// Floats of one packed gradient.
  static func partCount(_ variants: [Int: ConvolutionPrimitive]) -> Int {
    variants.values.map(\.filterCount).max() ?? 0
  }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    guard let primitive = variants[chunk.count] else {
      preconditionFailure("no primitive for \(chunk.count) samples")
    }
    primitive.run(
      input: memory[images] + chunk.start * imageStride,
      filter: memory[partials] + chunk.index * Self.partCount(variants),
      output: memory[cotangent] + chunk.start * cotangentStride, bias: nil,
      scratch: memory.scratch)
  }

  func finish(_ memory: Memory) {
    // All variants have one layout (the lowering sees to it), so parts add as they are.
    guard let primitive = variants.values.first else { return }
    let parts = memory[partials]
    if chunkCount > 1 {
      PartialSums.add(parts, parts: chunkCount, count: Self.partCount(variants), into: parts)
    }
    primitive.unpackFilter(parts, into: memory[result])
  }
}
