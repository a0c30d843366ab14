internal import WinogradConvolutions

extension WinogradConvolution {
  /// Transforms all filters for the forward pass or for the gradient by the input.
  func transformAll(
    _ weights: Weights, isInputGradient: Bool, to destination: UnsafeMutablePointer<Float>
  ) {
    let (outputs, inputs) =
      isInputGradient ? (weights.inputs, weights.outputs) : (weights.outputs, weights.inputs)
    precondition(
      outputs <= outputChannels && inputs <= inputChannels,
      "\(outputs)x\(inputs) filters for \(outputChannels)x\(inputChannels) channels")
    let target = UnsafeMutableRawPointer(destination)
      .assumingMemoryBound(to: SIMD16<Float>.self)
    for (number, phase) in phases(isInputGradient: isInputGradient).enumerated() {
      for block in 0..<outputBlocks {
        transform(
          weights, phase: phase, isInputGradient: isInputGradient, block: block,
          channels: 0..<inputChannels,
          to: target + (number * outputBlocks + block) * Self.positions * inputChannels)
      }
    }
  }

  /// Transforms the filters between one output block and some input channels.
  ///
  /// - Parameters:
  ///   - weights: The filters.
  ///   - phase: Which of their taps are transformed.
  ///   - isInputGradient: Whether they are those of the ``transposed`` convolution: filters are the
  ///     input channels then.
  ///   - block: Number of the block of sixteen output channels, the columns of the products.
  ///   - channels: Input channels, the sums of the products; zero is written for padding.
  ///   - target: `[36][channels.count]` vectors.
  func transform(
    _ weights: Weights, phase: WinogradPhase, isInputGradient: Bool, block: Int,
    channels: Range<Int>, to target: UnsafeMutablePointer<SIMD16<Float>>
  ) {
    let lanes = isInputGradient ? weights.inputs : weights.outputs
    let depth = isInputGradient ? weights.outputs : weights.inputs
    let laneStride = isInputGradient ? 9 : 9 &* weights.inputs
    let depthStride = isInputGradient ? 9 &* weights.inputs : 9
    let used = max(0, min(16, lanes - 16 * block))
    let first = weights.values + 16 * block * laneStride
    for k in channels {
      let column = target + (k &- channels.lowerBound)
      if k >= depth || used == 0 {
        for position in 0..<Self.positions { column[position &* channels.count] = .zero }
        continue
      }
      var scale = SIMD16<Float>(repeating: 1)
      if let factors = weights.scale {
        if isInputGradient {
          scale = SIMD16(repeating: factors[k])
        } else {
          for lane in 0..<used { scale[lane] = factors[16 &* block &+ lane] }
        }
      }
      WinogradFilter.transform(
        first + k &* depthStride, laneStride: laneStride, used: used, phase: phase, scale: scale,
        to: column, stride: channels.count)
    }
  }
}
