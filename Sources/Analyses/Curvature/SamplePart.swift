internal import Datasets
internal import LinearAlgebra
internal import Settings

/// One of several disjoint parts of equal size that samples are divided into at random.
struct SamplePart {
  /// What tells a part from the others.
  struct Identity: Encodable {
    /// Which part, from 0 on.
    let index: Int
    /// Number of parts.
    let count: Int
    /// Seed of the division.
    let seed: UInt64
  }

  let identity: Identity
  /// Its samples, in ascending order.
  let places: [Int]
}

extension OpenedModel {
  /// Divides the samples; what is left over belongs to no part.
  ///
  /// The division depends on the numbers and the seed alone (stream "spectrum.subsets"), so that networks
  /// on the same samples can be compared part by part. It is random since files may be sorted by class.
  ///
  /// - Parameters:
  ///   - count: Number of parts; 0 for none.
  ///   - size: Samples of a part; nil for as many as there are.
  ///   - seed: Seed of the division.
  /// - Returns: The parts.
  /// - Throws: `AnalysisError` when parts would have fewer than 2 samples.
  func sampleParts(
    _ count: Int, size: Int? = nil, seed: UInt64
  ) throws(AnalysisError) -> [SamplePart] {
    guard count > 0 else { return [] }
    let size = size ?? data.count / count
    guard size >= 2 else {
      throw AnalysisError(
        "\(.subsets) \(count) of \(data.count) samples have fewer than 2 each; ask for fewer",
        subject: path)
    }
    var stream = RandomStream(seed: seed, label: "spectrum.subsets")
    let order = stream.permutation(count: data.count)
    return (0..<count).map { index in
      SamplePart(
        identity: .init(index: index, count: count, seed: seed),
        places: order[index * size..<(index + 1) * size].sorted())
    }
  }
}
