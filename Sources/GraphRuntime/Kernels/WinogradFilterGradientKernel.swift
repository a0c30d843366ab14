internal import NumericKernels

/// Sum of filter gradients of equal geometry: one part per chunk, added in the order of the chunks.
struct WinogradFilterGradientKernel: Kernel {
  /// One summand.
  struct Term {
    let images: Buffer
    let cotangent: Buffer
  }

  let division = KernelDivision.partialSums
  let kernels: any WinogradKernels
  let convolution: WinogradConvolution
  let terms: [Term]
  /// A gradient in blocks of channels for each chunk; the sum takes the place of the first one.
  let partials: Buffer
  /// All sizes of chunks that occur.
  let chunkSizes: Set<Int>
  /// `[outputs][inputs][3][3]`; nil where the sum stays in blocks.
  let result: Buffer?

  var scratchCount: Int {
    chunkSizes.map {
      kernels.filterGradientScratchCount(convolution, images: $0, terms: terms.count)
    }
    .max() ?? 0
  }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let images = chunk.start * convolution.inputChannels * convolution.inputPixels
    let cotangents = chunk.start * convolution.outputChannels * convolution.outputPixels
    kernels.filterGradient(
      convolution, images: chunk.count,
      terms: terms.map {
        .init(
          input: memory[$0.images] + images, outputGradient: memory[$0.cotangent] + cotangents)
      },
      into: memory[partials] + chunk.index * convolution.filterGradientCount, accumulates: false,
      scratch: memory.scratch)
  }

  var parts: ChunkParts? {
    ChunkParts(place: partials.place, count: convolution.filterGradientCount, isDouble: false)
  }

  func finish(_ memory: Memory, parts: Int) {
    let sum = memory[partials]
    if parts > 1 {
      PartialSums.add(sum, parts: parts, count: convolution.filterGradientCount, into: sum)
    }
    if let result {
      convolution.unpackFilterGradient(
        sum, outputs: convolution.outputChannels, inputs: convolution.inputChannels,
        into: memory[result])
    }
  }
}

/// Sorts a filter gradient in blocks of channels.
struct UnpackFilterGradientKernel: Kernel {
  let division = KernelDivision.whole
  let convolution: WinogradConvolution
  let blocked: Buffer
  /// `[outputs][inputs][3][3]`.
  let result: Buffer

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    convolution.unpackFilterGradient(
      memory[blocked], outputs: convolution.outputChannels, inputs: convolution.inputChannels,
      into: memory[result])
  }
}
