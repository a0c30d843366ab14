internal import NumericKernels

extension WinogradConvolution {
  typealias Lanes = SIMD16<Float>

  /// Writes the transformed filters of all phases.
  func transform(_ weights: Weights, to destination: UnsafeMutablePointer<Float>) {
    let target = UnsafeMutableRawPointer(destination).assumingMemoryBound(to: Lanes.self)
    let phases = filterPhases
    withUnsafeTemporaryAllocation(of: Lanes.self, capacity: 9) { taps in
      guard let taps = taps.baseAddress else { return }
      for panel in 0..<outputPanels {
        for channel in 0..<inputChannels {
          gatherTaps(
            weights, isInputGradient: isInputGradient, panel: panel, channel: channel, to: taps)
          for (number, phase) in phases.enumerated() {
            let place = (number * outputPanels + panel) * Self.positions * inputChannels + channel
            WinogradFilter.transform(
              taps, phase: phase, to: target + place, stride: inputChannels)
          }
        }
      }
    }
  }

  /// Writes the taps of the filters, in the same order for either direction.
  func sortTaps(_ weights: Weights, to destination: UnsafeMutablePointer<Float>) {
    let target = UnsafeMutableRawPointer(destination).assumingMemoryBound(to: Lanes.self)
    let forward = isInputGradient ? transposed : self
    for panel in 0..<forward.outputPanels {
      for channel in 0..<forward.inputChannels {
        forward.gatherTaps(
          weights, isInputGradient: false, panel: panel, channel: channel,
          to: target + 9 &* (panel &* forward.inputChannels &+ channel))
      }
    }
  }

  /// Transforms sorted taps between some output panels and a run of input channels.
  ///
  /// - Parameters:
  ///   - taps: As written by `sortTaps`.
  ///   - phase: One of `filterPhases`.
  ///   - panels: The output panels.
  ///   - channels: The input channels; the first one is a multiple of sixteen.
  ///   - destination: Panel `b`, position `p`, channel `c` goes to
  ///     `(b - panels.lowerBound) * panelStride + p * stride + c - channels.lowerBound`.
  ///   - stride: Vectors between positions.
  ///   - panelStride: Vectors between output panels.
  ///   - work: 144 vectors.
  @inline(__always)
  func transform(
    _ taps: UnsafePointer<Lanes>, phase: WinogradPhase, panels: Range<Int>, channels: Range<Int>,
    to destination: UnsafeMutablePointer<Lanes>, stride: Int, panelStride: Int,
    work: UnsafeMutablePointer<Lanes>
  ) {
    if !isInputGradient {
      for panel in panels {
        let first = taps + 9 &* (panel &* inputChannels &+ channels.lowerBound)
        let target = destination + (panel &- panels.lowerBound) &* panelStride
        for channel in 0..<channels.count {
          WinogradFilter.transform(
            first + 9 &* channel, phase: phase, to: target + channel, stride: stride)
        }
      }
      return
    }
    // Sixteen filters lie side by side, but sixteen of their channels are wanted so. The order is
    // that of the memory.
    var channel = channels.lowerBound
    while channel < channels.upperBound {
      let lanes = min(16, channels.upperBound &- channel)
      for panel in panels {
        let first = taps + 9 &* (channel / 16 &* outputChannels &+ 16 &* panel)
        let rows = min(16, outputChannels &- 16 &* panel)
        for tap in 0..<9 {
          Transposition.transpose(first + tap, rows: rows, stride: 9, to: work + tap)
        }
        let target =
          destination
          + ((panel &- panels.lowerBound) &* panelStride &+ channel &- channels.lowerBound)
        for lane in 0..<lanes {
          WinogradFilter.transform(
            work + 9 &* lane, phase: phase, to: target + lane, stride: stride)
        }
      }
      channel &+= 16
    }
  }

  /// Writes the nine taps of the filters between one output panel and one input channel; zeros for
  /// channels that are only padding.
  private func gatherTaps(
    _ weights: Weights, isInputGradient: Bool, panel: Int, channel: Int,
    to taps: UnsafeMutablePointer<Lanes>
  ) {
    let lanes = isInputGradient ? weights.inputs : weights.outputs
    let depth = isInputGradient ? weights.outputs : weights.inputs
    precondition(
      lanes <= outputChannels && depth <= inputChannels,
      "\(lanes)x\(depth) filters for \(outputChannels)x\(inputChannels) channels")
    let laneStride = isInputGradient ? 9 : 9 &* weights.inputs
    let depthStride = isInputGradient ? 9 &* weights.inputs : 9
    let used = channel < depth ? max(0, min(16, lanes - 16 * panel)) : 0
    let first = weights.values + (16 &* panel &* laneStride &+ channel &* depthStride)
    let target = UnsafeMutableRawPointer(taps).assumingMemoryBound(to: Float.self)
    if used < 16 { target.update(repeating: 0, count: 144) }
    for lane in 0..<used {
      let source = first + lane &* laneStride
      for tap in 0..<9 { target[16 &* tap &+ lane] = source[tap] }
    }
  }
}
