package import Objectives

/// One training of a sweep: what sets it apart from the others.
package struct SweepMember: Codable, Hashable, Sendable {
  /// Gradient that is followed.
  package let optimizer: OptimizerName
  /// Share of zeros in the mask; nil for an optimizer without one.
  package let sparsity: Double?
  /// Seed of the training.
  package let seed: UInt64

  /// Names a training.
  package init(optimizer: OptimizerName, sparsity: Double?, seed: UInt64) {
    self.optimizer = optimizer
    self.sparsity = sparsity
    self.seed = seed
  }

  /// All trainings, one seed after the other, so that the first ones already span the table.
  ///
  /// Optimizers with a mask are trained once per sparsity and seed, the others once per seed.
  package static func plan(
    optimizers: [OptimizerName], sparsities: [Double], seeds: [UInt64]
  ) -> [SweepMember] {
    seeds.flatMap { seed in
      optimizers.flatMap { optimizer in
        (optimizer.isSparse ? sparsities.map { $0 } : [nil]).map {
          SweepMember(optimizer: optimizer, sparsity: $0, seed: seed)
        }
      }
    }
  }

  /// Name of its folder, like `ssam-f-0.5-seed1`.
  package var name: String {
    let parts = [optimizer.rawValue, sparsity.map(Self.text), "seed\(seed)"]
    return parts.compactMap(\.self).joined(separator: "-")
  }

  /// The fewest digits of a share, without `.0`.
  package static func text(_ share: Double) -> String {
    let text = "\(share)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// What one training of a sweep led to.
package struct SweepOutcome: Codable, Sendable {
  /// Which training.
  package let member: SweepMember
  /// Its folder, within that of the sweep.
  package let folder: String
  /// What the scores are; nil where there is nothing but the loss.
  package let metric: Metric?
  /// Metric on the test split at the final weights; nil without such a split.
  package let testScore: Double?
  /// Loss on the test split.
  package let testLoss: Double?
  /// Best metric on the part held out; nil where nothing is.
  package let bestValidationScore: Double?
  /// Mean loss of the last epoch.
  package let trainingLoss: Double
  /// Duration of a step, refreshes of masks included.
  package let secondsPerStep: Double
  /// Operations of a step in those of SGD, see `EpochRecord.relativeFlops`; nil in old results.
  package let relativeFlops: Double?

  /// Joins the parts.
  package init(
    member: SweepMember, metric: Metric? = .accuracy, testScore: Double?, testLoss: Double? = nil,
    bestValidationScore: Double?, trainingLoss: Double, secondsPerStep: Double,
    relativeFlops: Double? = nil
  ) {
    self.member = member
    folder = member.name
    self.metric = metric
    self.testScore = testScore
    self.testLoss = testLoss
    self.bestValidationScore = bestValidationScore
    self.trainingLoss = trainingLoss
    self.secondsPerStep = secondsPerStep
    self.relativeFlops = relativeFlops
  }

  /// Takes what a sweep compares from the result of a training.
  package init(member: SweepMember, result: TrainingResult) {
    self.init(
      member: member, metric: result.metric, testScore: result.testScore,
      testLoss: result.testLoss, bestValidationScore: result.best?.validationScore,
      trainingLoss: result.last.trainingLoss,
      secondsPerStep: result.seconds / Double(max(result.steps, 1)),
      relativeFlops: result.relativeFlops)
  }
}
