internal import NumericKernels

/// Prepares filters for `WinogradForwardKernel`, once per setting of the weights.
struct WinogradFilterKernel: Kernel {
  let division = KernelDivision.whole
  let kernels: any WinogradKernels
  let convolution: WinogradConvolution
  let filter: Buffer
  let outputs: Int
  let inputs: Int
  let prepared: Buffer

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    kernels.prepare(
      .init(values: memory[filter], outputs: outputs, inputs: inputs), for: convolution,
      to: memory[prepared])
  }
}

/// Sum of convolutions (or of input gradients) of equal geometry with what follows fused in.
struct WinogradForwardKernel: Kernel {
  /// One summand.
  struct Term {
    let operand: Buffer
    /// Prepared weights.
    let weights: Buffer
  }

  let division = KernelDivision.perChunk
  let kernels: any WinogradKernels
  let convolution: WinogradConvolution
  let terms: [Term]
  let result: Buffer
  let bias: Buffer?
  let addend: Buffer?
  let rectifies: Bool
  let gate: Buffer?
  /// All sizes of chunks that occur.
  let chunkSizes: Set<Int>

  var scratchCount: Int {
    chunkSizes.map {
      kernels.forwardScratchCount(convolution, images: $0, terms: terms.count)
    }.max() ?? 0
  }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let first = chunk.start * convolution.inputChannels * convolution.inputPixels
    let start = chunk.start * convolution.outputChannels * convolution.outputPixels
    kernels.forward(
      convolution, images: chunk.count,
      terms: terms.map {
        .init(input: memory[$0.operand] + first, weights: memory[$0.weights])
      },
      output: memory[result] + start,
      epilogue: .init(
        bias: bias.map { UnsafePointer(memory[$0]) },
        addend: addend.map { UnsafePointer(memory[$0] + start) }, rectifies: rectifies,
        gate: gate.map { UnsafePointer(memory[$0] + start) }),
      scratch: memory.scratch)
  }
}
