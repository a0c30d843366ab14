internal import Datasets
internal import Settings

extension BoundSamples {
  /// Checks that targets which are probabilities can be some; classes are checked with the weights.
  ///
  /// - Throws: `RiskError` naming the first sample whose target is none; `DatasetError` when a file
  ///   ends early.
  /// - Complexity: One pass over the targets, none for classes and squared errors.
  func checkTargets() throws {
    guard loss.target == .values, loss.loss.kind != .squaredError, let target = samples.target
    else { return }
    let size = target.elementCount
    let block = max(1, (1 << 14) / size)
    for start in stride(from: 0, to: samples.count, by: block) {
      let range = start..<min(start + block, samples.count)
      let values = try samples.values(of: target, range)
      if let place = values.firstIndex(where: { !(0...1).contains($0) }) {
        throw RiskError(
          description: "sample \(start + place / size) of '\(target.name)' holds \(values[place]); "
            + "\(loss.loss.kind.rawValue) takes probabilities in 0...1")
      }
      guard loss.classAxis != nil else { continue }
      for row in 0..<values.count / loss.classCount {
        let own = values[row * loss.classCount..<(row + 1) * loss.classCount]
        let sum = own.reduce(0) { $0 + Double($1) }
        // Numbers that were stored with three decimals still pass.
        guard abs(sum - 1) <= 1e-3 * Double(max(loss.classCount, 10)) / 10 else {
          throw RiskError(
            description: "the probabilities in sample \(start + row * loss.classCount / size) of "
              + "'\(target.name)' add up to \(sum) along the last axis, not to 1; give "
              + "probabilities of the classes, or choose \(.loss) squared-error or "
              + "binary-cross-entropy")
        }
      }
    }
  }
}
