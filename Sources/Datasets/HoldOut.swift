internal import LinearAlgebra

extension Dataset {
  /// How the samples of a validation part are chosen.
  package enum HoldOutRule: String, Sendable, Codable, CaseIterable {
    /// Uniformly from all samples.
    case plain
    /// In proportion to the classes: class c gives m n_c / N samples, rounded by largest remainder
    /// (equal remainders: the lower class first), uniformly within the class.
    case stratified
  }

  /// Splits off `samples` images for validation; both parts keep the file order.
  ///
  /// The choice depends on the seed, the rule and the labels alone (stream "data.holdout").
  ///
  /// - Throws: `DatasetError` unless both parts get at least one sample.
  package func holdingOut(
    samples: Int, seed: UInt64, rule: HoldOutRule = .stratified
  ) throws(DatasetError) -> (training: Dataset, validation: Dataset) {
    guard samples > 0, samples < count else {
      throw DatasetError(
        .range, source,
        "\(samples) of \(count) samples to be held out; hold out 1 to \(count - 1)")
    }
    var isHeldOut = [Bool](repeating: false, count: count)
    switch rule {
    case .plain:
      var stream = RandomStream(seed: seed, label: "data.holdout")
      for index in stream.permutation(count: count).prefix(samples) { isHeldOut[index] = true }
    case .stratified:
      var members = [[Int]](repeating: [], count: classCount)
      for (index, label) in labels.enumerated() { members[Int(label)].append(index) }
      let quotas = Self.proportionalQuotas(total: samples, sizes: members.map(\.count))
      for (label, quota) in quotas.enumerated() where quota > 0 {
        var stream = RandomStream(seed: seed, label: "data.holdout", index: label)
        for position in stream.permutation(count: members[label].count).prefix(quota) {
          isHeldOut[members[label][position]] = true
        }
      }
    }
    return (
      selecting(labels.indices.filter { !isHeldOut[$0] }),
      selecting(labels.indices.filter { isHeldOut[$0] }, as: .validation)
    )
  }

  /// Shares of `total` in proportion to `sizes`, by largest remainder.
  static func proportionalQuotas(total: Int, sizes: [Int]) -> [Int] {
    let sum = sizes.reduce(0, +)
    // Double-width products: sizes come from files.
    let exact = sizes.map { sum.dividingFullWidth(total.multipliedFullWidth(by: $0)) }
    var quotas = exact.map(\.quotient)
    let left = total - quotas.reduce(0, +)
    let order = sizes.indices.sorted {
      (exact[$1].remainder, $0) < (exact[$0].remainder, $1)
    }
    for index in order.prefix(left) { quotas[index] += 1 }
    return quotas
  }
}
