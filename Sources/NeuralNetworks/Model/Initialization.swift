internal import LinearAlgebra

extension Model {
  /// Random weights to start training from.
  ///
  /// One rule for all architectures: weights of convolutions and linear layers are Kaiming normal
  /// by fan-in, `N(0, 2 / fanIn)` (He et al. 2015, arXiv:1502.01852, equation 10); their biases are
  /// uniform in `+-1 / sqrt(fanIn)`, PyTorch's default; batch norms scale by 1 and shift by 0;
  /// embeddings are standard normal and slopes 0.25, PyTorch's defaults too. Every tensor has its own stream,
  /// named after it, so adding a layer does not change the others.
  package func initialParameters(seed: UInt64) -> ParameterVector {
    var elements: [Float] = []
    elements.reserveCapacity(layout.count)
    var fanIn = 1
    for segment in layout.segments {
      var stream = RandomStream(seed: seed, label: "init/\(segment.name)")
      switch segment.role {
      case .weight:
        fanIn = segment.fanIn
        let deviation = Float((2 / Double(fanIn)).squareRoot())
        let normal: Vector<Float> = stream.normalVector(count: segment.range.count)
        elements.append(contentsOf: normal.array.lazy.map { $0 * deviation })
      case .bias:
        // A bias follows the weight of its layer, whose fan-in it shares.
        let bound = 1 / Double(fanIn).squareRoot()
        for _ in segment.range {
          elements.append(Float((2 * stream.uniform() - 1) * bound))
        }
      case .embedding:
        let normal: Vector<Float> = stream.normalVector(count: segment.range.count)
        elements.append(contentsOf: normal.array)
      case .normScale:
        elements.append(contentsOf: repeatElement(1, count: segment.range.count))
      case .slope:
        elements.append(contentsOf: repeatElement(0.25, count: segment.range.count))
      case .normShift:
        elements.append(contentsOf: repeatElement(0, count: segment.range.count))
      }
    }
    return ParameterVector(layout: layout, elements: Vector(elements))
  }

  /// Weights and buffers to start training from.
  package func initialPoint(seed: UInt64) -> ModelPoint {
    ModelPoint(weights: initialParameters(seed: seed), buffers: initialBuffers())
  }

  /// Running statistics before training: mean 0, variance 1.
  package func initialBuffers() -> Buffers {
    var elements: [Float] = []
    for segment in bufferLayout.segments {
      let value: Float =
        switch segment.role {
        case .runningMean, .fixed: 0
        case .runningVariance: 1
        }
      elements.append(contentsOf: repeatElement(value, count: segment.range.count))
    }
    return Buffers(layout: bufferLayout, elements: Vector(elements))
  }
}
