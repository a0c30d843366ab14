internal import LinearAlgebra

/// The masks of all dropout layers for the samples of a batch.
struct DropoutMasks: Sendable {
  /// Where the rows of a mask lie.
  struct Place: Sendable {
    /// Element at which the first sample begins.
    let start: Int
    /// Elements of a sample.
    let sampleCount: Int
  }

  let elements: Vector<Float>
  let places: [String: Place]

  /// Those of a network without dropout.
  static let none = Self(elements: Vector(zeros: 0), places: [:])

  private init(elements: Vector<Float>, places: [String: Place]) {
    self.elements = elements
    self.places = places
  }

  /// Draws the masks.
  ///
  /// - Parameters:
  ///   - layers: Name and elements of a sample of each layer.
  ///   - samples: Samples, padding included.
  ///   - rate: Probability of a zero.
  ///   - stream: Where the numbers come from.
  init(
    _ layers: [(name: String, sampleCount: Int)], samples: Int, rate: Double, stream: RandomStream
  ) {
    var places: [String: Place] = [:]
    var count = 0
    for layer in layers {
      places[layer.name] = Place(start: count, sampleCount: layer.sampleCount)
      count += samples * layer.sampleCount
    }
    var stream = stream
    elements = stream.dropoutVector(count: count, rate: rate)
    self.places = places
  }
}
