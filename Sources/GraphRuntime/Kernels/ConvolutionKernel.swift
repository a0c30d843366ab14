internal import ComputationGraph

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
  /// Negative results become 0, last.
  ///
  /// Not done by the library, whose ReLU turns NaN into 0 and would hide that a network diverged.
  let relu: Bool

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
    if relu {
      TileLoops.run(.unary(.relu), result, result, result, chunk.count * resultStride)
    }
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
  /// A packed gradient for each chunk.
  let partials: BufferPlace
  /// Number of elements of the filters.
  let filterCount: Int

  var scratchCount: Int {
    let own = variants.values.map(\.scratchCount).max() ?? 0
    return isUniform ? own : own + Self.partCount(variants)
  }

  /// Parts of all chunks have one layout, so that they can be added as they are.
  ///
  /// The library may choose another layout for another number of samples.
  private var isUniform: Bool {
    guard let first = variants.values.first else { return true }
    return variants.values.allSatisfy { $0.hasFilterLayout(of: first) }
  }

  /// Floats of one packed gradient.
  static func partCount(_ variants: [Int: ConvolutionPrimitive]) -> Int {
    // In whole cache lines, for the scratch memory behind a part starts at one.
    ArenaAllocator.rounded(variants.values.map(\.filterCount).max() ?? 0)
  }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    guard let primitive = variants[chunk.count] else {
      preconditionFailure("no primitive for \(chunk.count) samples")
    }
    let part = memory[partials] + chunk.index * Self.partCount(variants)
    let uniform = isUniform
    let packed = uniform ? part : memory.scratch
    primitive.run(
      input: memory[images] + chunk.start * imageStride, filter: packed,
      output: memory[cotangent] + chunk.start * cotangentStride, bias: nil,
      scratch: uniform ? memory.scratch : memory.scratch + Self.partCount(variants))
    if !uniform { primitive.unpackFilter(packed, into: part) }
  }

  var parts: ChunkParts? {
    ChunkParts(place: partials, count: Self.partCount(variants), isDouble: false)
  }

  func finish(_ memory: Memory, parts: Int) {
    guard let primitive = variants.values.first else { return }
    let sum = memory[partials]
    if parts > 1 {
      PartialSums.add(sum, parts: parts, count: Self.partCount(variants), into: sum)
    }
    if isUniform {
      primitive.unpackFilter(sum, into: memory[result])
    } else {
      memory[result].update(from: sum, count: filterCount)
    }
  }
}
