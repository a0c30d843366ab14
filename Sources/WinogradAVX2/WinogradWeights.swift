internal import WinogradConvolutions

extension WinogradConvolution {
  typealias Lanes = SIMD16<Float>

  /// ``WinogradKernels/transform(_:for:isInputGradient:to:)``.
  func transformAll(
    _ weights: Weights, isInputGradient: Bool, to destination: UnsafeMutablePointer<Float>
  ) {
    let target = UnsafeMutableRawPointer(destination).assumingMemoryBound(to: Lanes.self)
    let phases = phases(isInputGradient: isInputGradient)
    withUnsafeTemporaryAllocation(of: Lanes.self, capacity: 9) { taps in
      guard let taps = taps.baseAddress else { return }
      for block in 0..<outputBlocks {
        for channel in 0..<inputChannels {
          gatherTaps(
            weights, isInputGradient: isInputGradient, block: block, channel: channel, to: taps)
          for (number, phase) in phases.enumerated() {
            let place = (number * outputBlocks + block) * Self.positions * inputChannels + channel
            WinogradFilter.transform(
              taps, phase: phase, to: target + place, stride: inputChannels)
          }
        }
      }
    }
  }

  /// ``WinogradKernels/packTaps(_:for:isInputGradient:to:)``.
  func packAllTaps(
    _ weights: Weights, isInputGradient: Bool, to destination: UnsafeMutablePointer<Float>
  ) {
    let target = UnsafeMutableRawPointer(destination).assumingMemoryBound(to: Lanes.self)
    for block in 0..<outputBlocks {
      for channel in 0..<inputChannels {
        gatherTaps(
          weights, isInputGradient: isInputGradient, block: block, channel: channel,
          to: target + 9 &* (block &* inputChannels &+ channel))
      }
    }
  }

  /// Writes the nine taps of the filters between one output block and one input channel; zeros for
  /// channels that are only padding.
  private func gatherTaps(
    _ weights: Weights, isInputGradient: Bool, block: Int, channel: Int,
    to taps: UnsafeMutablePointer<Lanes>
  ) {
    let lanes = isInputGradient ? weights.inputs : weights.outputs
    let depth = isInputGradient ? weights.outputs : weights.inputs
    precondition(
      lanes <= outputChannels && depth <= inputChannels,
      "\(lanes)x\(depth) filters for \(outputChannels)x\(inputChannels) channels")
    let laneStride = isInputGradient ? 9 : 9 &* weights.inputs
    let depthStride = isInputGradient ? 9 &* weights.inputs : 9
    let used = channel < depth ? max(0, min(16, lanes - 16 * block)) : 0
    let first = weights.values + (16 &* block &* laneStride &+ channel &* depthStride)
    let target = UnsafeMutableRawPointer(taps).assumingMemoryBound(to: Float.self)
    if used < 16 { target.update(repeating: 0, count: 144) }
    for lane in 0..<used {
      let source = first + lane &* laneStride
      for tap in 0..<9 { target[16 &* tap &+ lane] = source[tap] }
    }
  }
}
