internal import LinearAlgebra

/// The masks of all dropout layers for the samples of a batch.
struct DropoutMasks: Sendable {
  /// The mask of one layer.
  struct Mask: Sendable {
    /// One row per sample.
    let elements: Vector<Float>
    /// Elements of a sample.
    let sampleCount: Int
  }

  let masks: [String: Mask]

  /// Those of a network without dropout.
  static let none = Self(masks: [:])

  private init(masks: [String: Mask]) { self.masks = masks }

  /// Draws the masks.
  ///
  /// - Parameters:
  ///   - layers: Name, elements of a sample and probability of a zero of each layer.
  ///   - samples: Number of samples.
  ///   - stream: Where the numbers come from.
  init(
    _ layers: [(name: String, sampleCount: Int, rate: Double)], samples: Int, stream: RandomStream
  ) {
    var stream = stream
    var masks: [String: Mask] = [:]
    for layer in layers {
      masks[layer.name] = Mask(
        elements: stream.dropoutVector(count: samples * layer.sampleCount, rate: layer.rate),
        sampleCount: layer.sampleCount)
    }
    self.masks = masks
  }
}
