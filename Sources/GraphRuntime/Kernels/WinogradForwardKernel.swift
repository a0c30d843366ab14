internal import WinogradConvolutions

/// Transforms filters for `WinogradForwardKernel`, or sorts their taps where it transforms them
/// itself; once per setting of the weights.
struct WinogradFilterKernel: Kernel {
  let division = KernelDivision.whole
  let kernels: any WinogradKernels
  let convolution: WinogradConvolution
  /// `.forward` or `.inputGradient`.
  let kind: ConvolutionKind
  let filter: Buffer
  let outputs: Int
  let inputs: Int
  let transformed: Buffer

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let weights = WinogradConvolution.Weights(
      values: memory[filter], outputs: outputs, inputs: inputs)
    let isInputGradient = kind == .inputGradient
    if convolution.transformsWeightsAnew {
      kernels.packTaps(
        weights, for: convolution, isInputGradient: isInputGradient, to: memory[transformed])
    } else {
      kernels.transform(
        weights, for: convolution, isInputGradient: isInputGradient, to: memory[transformed])
    }
  }
}

/// Sum of convolutions (or of input gradients) of equal geometry with what follows fused in.
struct WinogradForwardKernel: Kernel {
  /// One summand.
  struct Term {
    let operand: Buffer
    /// Transformed weights, or taps where the convolution transforms them anew.
    let weights: Buffer
  }

  let division = KernelDivision.perChunk
  let kernels: any WinogradKernels
  let convolution: WinogradConvolution
  let terms: [Term]
  /// Whether the filters are those of the transposed convolution.
  let isInputGradient: Bool
  let result: Buffer
  let bias: Buffer?
  let addend: Buffer?
  let rectifies: Bool
  let gate: Buffer?
  /// All sizes of chunks that occur.
  let chunkSizes: Set<Int>

  var scratchCount: Int {
    chunkSizes.map {
      kernels.forwardScratchCount(
        convolution, images: $0, terms: terms.count,
        transformsWeights: convolution.transformsWeightsAnew)
    }.max() ?? 0
  }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let first = chunk.start * convolution.inputChannels * convolution.inputPixels
    let start = chunk.start * convolution.outputChannels * convolution.outputPixels
    kernels.forward(
      convolution, images: chunk.count,
      terms: terms.map {
        .init(input: memory[$0.operand] + first, weights: weights(memory[$0.weights]))
      },
      output: memory[result] + start,
      epilogue: .init(
        bias: bias.map { UnsafePointer(memory[$0]) },
        addend: addend.map { UnsafePointer(memory[$0] + start) }, rectifies: rectifies,
        gate: gate.map { UnsafePointer(memory[$0] + start) }),
      scratch: memory.scratch)
  }

  private func weights(
    _ values: UnsafePointer<Float>
  ) -> WinogradConvolution.TermWeights {
    convolution.transformsWeightsAnew
      ? .taps(values, isInputGradient: isInputGradient) : .transformed(values)
  }
}
