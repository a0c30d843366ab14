extension WinogradConvolution {
  /// Floats of transformed weights: `[phases][outputBlocks][36][inputChannels][16]`.
  package var weightCount: Int {
    inputPhases.count * outputPhases.count * outputBlocks * Self.positions * inputChannels * 16
  }

  /// The weights of a convolution as a network holds them.
  package struct Weights {
    /// `[outputs][inputs][3][3]`.
    package var values: UnsafePointer<Float>
    /// Filters, at most the (padded) output channels.
    package var outputs: Int
    /// Channels of a filter, at most the (padded) input channels.
    package var inputs: Int
    /// A factor for each filter, such as a folded batch norm's.
    package var scale: UnsafePointer<Float>?

    package init(
      values: UnsafePointer<Float>, outputs: Int, inputs: Int, scale: UnsafePointer<Float>? = nil
    ) {
      self.values = values
      self.outputs = outputs
      self.inputs = inputs
      self.scale = scale
    }
  }

  /// Writes `G g Gᵀ` of every filter for the forward pass; channels that are only padding get zero.
  ///
  /// The transform is linear in the weights: `U(w + a d) = U(w) + a U(d)` up to rounding.
  ///
  /// - Parameters:
  ///   - weights: the filters.
  ///   - destination: ``weightCount`` floats.
  package func transformWeights(_ weights: Weights, to destination: UnsafeMutablePointer<Float>) {
    precondition(
      weights.outputs <= outputChannels && weights.inputs <= inputChannels,
      "\(weights.outputs)x\(weights.inputs) filters for \(outputChannels)x\(inputChannels) channels"
    )
    transformAll(weights, isInputGradient: false, to: destination)
  }

  /// Writes the transformed weights of the gradient by the input of another convolution.
  ///
  /// This convolution is the other's ``transposed``: its input channels are the filters. The taps
  /// are rotated by 180 degrees.
  package func transformWeightsForInputGradient(
    _ weights: Weights, to destination: UnsafeMutablePointer<Float>
  ) {
    precondition(
      weights.outputs <= inputChannels && weights.inputs <= outputChannels,
      "\(weights.outputs)x\(weights.inputs) filters for \(inputChannels)x\(outputChannels) channels"
    )
    transformAll(weights, isInputGradient: true, to: destination)
  }

  /// Whether transformed weights are so large that it is better to transform a part whenever it is
  /// needed, in the second-level cache, than to keep all of them in memory.
  ///
  /// From 256 channels on they come from main memory each time (9 MiB a layer, 36 MiB with 512
  /// channels), four times as many bytes as the filters themselves, for few tiles.
  package var transformsWeightsAnew: Bool {
    inputChannels * outputChannels * inputPhases.count * outputPhases.count >= 1 << 16
  }

  private func transformAll(
    _ weights: Weights, isInputGradient: Bool, to destination: UnsafeMutablePointer<Float>
  ) {
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
