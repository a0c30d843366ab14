extension WinogradConvolution {
  /// Floats of transformed weights: `[outputBlocks][36][inputChannels][16]`.
  package var weightCount: Int { outputBlocks * Self.positions * inputChannels * 16 }

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
    transform(
      weights, to: destination, lanes: weights.outputs, laneStride: 9 * weights.inputs,
      depth: weights.inputs, depthStride: 9, flips: false)
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
    transform(
      weights, to: destination, lanes: weights.inputs, laneStride: 9, depth: weights.outputs,
      depthStride: 9 * weights.inputs, flips: true)
  }

  /// Transforms filters: `lanes` run along the columns of the products, `depth` along their sums.
  private func transform(
    _ weights: Weights, to destination: UnsafeMutablePointer<Float>, lanes: Int, laneStride: Int,
    depth: Int, depthStride: Int, flips: Bool
  ) {
    let target = UnsafeMutableRawPointer(destination)
      .assumingMemoryBound(to: SIMD16<Float>.self)
    for block in 0..<outputBlocks {
      let used = max(0, min(16, lanes - 16 * block))
      let first = weights.values + 16 * block * laneStride
      for k in 0..<inputChannels {
        let column = target + (block &* Self.positions &* inputChannels &+ k)
        if k >= depth || used == 0 {
          for position in 0..<Self.positions { column[position &* inputChannels] = .zero }
          continue
        }
        var scale = SIMD16<Float>(repeating: 1)
        if let factors = weights.scale {
          if flips {
            scale = SIMD16(repeating: factors[k])
          } else {
            for lane in 0..<used { scale[lane] = factors[16 &* block &+ lane] }
          }
        }
        WinogradFilter.transform(
          first + k &* depthStride, laneStride: laneStride, used: used, flips: flips, scale: scale,
          to: column, stride: inputChannels)
      }
    }
  }
}
