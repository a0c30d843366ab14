import Artifacts
import Testing
import Training

@Suite struct SweepTests {
  private static func outcome(
    _ optimizer: OptimizerName, _ sparsity: Double?, seed: UInt64, accuracy: Double?,
    validation: Double? = nil
  ) -> SweepOutcome {
    SweepOutcome(
      member: SweepMember(optimizer: optimizer, sparsity: sparsity, seed: seed),
      testScore: accuracy, bestValidationScore: validation, trainingLoss: 0.1,
      secondsPerStep: 0.25)
  }

  @Test func spreadIsMeanAndStandardDeviationOfASample() throws {
    let spread = try #require(Spread([1, 2, 3, 6]))
    #expect(spread.mean == 3)
    // (4 + 1 + 0 + 9) / 3
    #expect(spread.standardDeviation == (14.0 / 3).squareRoot())
    #expect(spread.text(digits: 1) == "3.0 ± 2.2")
    let single = try #require(Spread([0.975]))
    #expect(single.standardDeviation == nil)
    #expect(single.text(scale: 100, digits: 2) == "97.50")
    #expect(Spread([]) == nil)
  }

  /// The FLOPs columns of Table 1 of the paper, in steps of SGD.
  @Test(arguments: [
    (0.5, 1.65), (0.8, 1.44), (0.9, 1.37), (0.95, 1.335), (0.98, 1.314), (0.99, 1.307),
  ])
  func costIsThatOfThePaper(sparsity: Double, cost: Double) {
    for optimizer in [OptimizerName.ssamF, .ssamD] {
      #expect(abs(optimizer.theoreticalCost(sparsity: sparsity) - cost) < 1e-12)
    }
    #expect(OptimizerName.sgd.theoreticalCost(sparsity: sparsity) == 1)
    #expect(OptimizerName.sam.theoreticalCost(sparsity: sparsity) == 2)
  }

  @Test func denseOptimizersAreTrainedOncePerSeed() {
    let plan = SweepMember.plan(
      optimizers: [.sgd, .ssamF], sparsities: [0, 0.5], seeds: [7, 8])
    #expect(
      plan.map(\.name) == [
        "sgd-seed7", "ssam-f-0-seed7", "ssam-f-0.5-seed7",
        "sgd-seed8", "ssam-f-0-seed8", "ssam-f-0.5-seed8",
      ])
  }

  @Test func tableHasARowPerOptimizerAndSparsityOverAllSeeds() throws {
    let table = SweepTable([
      Self.outcome(.sgd, nil, seed: 1, accuracy: 0.9, validation: 0.8),
      Self.outcome(.ssamF, 0.5, seed: 1, accuracy: 0.96),
      Self.outcome(.ssamF, 0.9, seed: 1, accuracy: 0.92),
      Self.outcome(.sgd, nil, seed: 2, accuracy: 0.94, validation: 0.9),
      Self.outcome(.ssamF, 0.5, seed: 2, accuracy: 0.98),
      Self.outcome(.ssamF, 0.9, seed: 2, accuracy: nil),
    ])
    #expect(table.rows.map(\.sparsity) == [nil, 0.5, 0.9])
    #expect(table.rows.map(\.seeds) == [[1, 2], [1, 2], [1, 2]])
    #expect(table.rows.map(\.costOverSGD) == [1, 1.65, 2 - 0.7 * 0.9])
    #expect(table.rows.map(\.costOverSAM) == [0.5, 0.825, (2 - 0.7 * 0.9) / 2])
    let accuracy = try #require(table.rows[1].testScore)
    #expect(abs(accuracy.mean - 0.97) < 1e-15)
    #expect(abs((accuracy.standardDeviation ?? 0) - 0.01 * 2.0.squareRoot()) < 1e-15)
    // One of two seeds is missing: no mean that would pass for one over both.
    #expect(table.rows[2].testScore == nil)
    #expect(table.csv.rows.count == 3)
    #expect(
      table.markdown[2] == "| sgd | – | 1x | 50 % | 92.00 ± 2.83 | 85.00 ± 7.07 | 250.00 ± 0.00 |")
    #expect(table.markdown[4].contains("| ssam-f | 0.9 | 1.37x | 68.5 % | – | – |"))
  }
}
