internal import WinogradConvolutions

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
  /// `[outputs][inputs][3][3]`.
  let result: Buffer
  /// `chunkCount` gradients in blocks.
  let partials: BufferPlace
  let chunkCount: Int
  /// All sizes of chunks that occur.
  let chunkSizes: Set<Int>

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

  func finish(_ memory: Memory) {
    let parts = memory[partials]
    if chunkCount > 1 {
      PartialSums.add(
        parts, parts: chunkCount, count: convolution.filterGradientCount, into: parts)
    }
    convolution.unpackFilterGradient(
      parts, outputs: convolution.outputChannels, inputs: convolution.inputChannels,
      into: memory[result], accumulates: false)
  }
}
