package import LinearAlgebra
package import NeuralNetworks

/// One of many random directions: independent standard normal numbers, then normalised.
///
/// The directions of pair p come from the streams `direction.x` and `direction.y` with index p, so that
/// pair 0 is that of a surface with the same seed.
package struct RandomDirection: Hashable, Sendable {
  private let seed: UInt64
  private let label: String
  private let pair: Int

  /// Both directions of a pair.
  package static func pair(_ index: Int, seed: UInt64) -> [RandomDirection] {
    ["direction.x", "direction.y"].map { RandomDirection(seed: seed, label: $0, pair: index) }
  }

  /// All directions of the first pairs, pair by pair.
  package static func all(pairs: Int, seed: UInt64) -> [RandomDirection] {
    (0..<pairs).flatMap { pair($0, seed: seed) }
  }

  /// The numbers as drawn, in parallel where there is a pool.
  func raw(count: Int, pool: WorkerPool?) -> Vector<Float> {
    var stream = RandomStream(seed: seed, label: label, index: pair)
    return stream.normalVector(count: count, as: Float.self, pool: pool)
  }

  /// The direction, scaled to the weights.
  package func axis(
    for weights: ParameterVector, normalization: DirectionNormalization,
    vectors: VectorTreatment, pool: WorkerPool? = nil
  ) -> Vector<Float> {
    normalization.apply(
      to: raw(count: weights.layout.count, pool: pool), weights: weights, vectors: vectors)
  }
}
