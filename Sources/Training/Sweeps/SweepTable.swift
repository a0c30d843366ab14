package import Artifacts
internal import Foundation
package import Objectives

/// Outcomes of a sweep over the seeds: Tables 1 to 3 of the paper on sparse SAM.
package struct SweepTable: Codable, Equatable, Sendable {
  /// All trainings with one optimizer and one sparsity.
  package struct Row: Codable, Equatable, Sendable {
    /// Gradient that was followed.
    package let optimizer: OptimizerName
    /// Share of zeros in the mask; nil for an optimizer without one.
    package let sparsity: Double?
    /// Seeds of the trainings.
    package let seeds: [UInt64]
    /// Operations of a step in those of SGD, see `EpochRecord.relativeFlops`; those of
    /// `OptimizerName.theoreticalCost` where a result does not say.
    package let costOverSGD: Double
    /// The same in those of SAM.
    package let costOverSAM: Double
    /// Metric on the test split after the last epoch.
    package let testScore: Spread?
    /// Metric on the part held out, in the best epoch.
    package let bestValidationScore: Spread?
    /// Measured duration of a step.
    package let secondsPerStep: Spread?
  }

  /// What the scores are; nil where there is nothing but the loss.
  package let metric: Metric?
  /// One row per optimizer and sparsity, in the order of the outcomes.
  package let rows: [Row]

  /// Groups outcomes by optimizer and sparsity.
  package init(_ outcomes: [SweepOutcome]) {
    metric = outcomes.first?.metric
    var keys: [SweepMember] = []
    var groups: [SweepMember: [SweepOutcome]] = [:]
    for outcome in outcomes {
      let key = SweepMember(
        optimizer: outcome.member.optimizer, sparsity: outcome.member.sparsity, seed: 0)
      if groups[key] == nil { keys.append(key) }
      groups[key, default: []].append(outcome)
    }
    /// A mean over some of the seeds alone would pass for one over all.
    func spread(_ values: [Double?]) -> Spread? {
      values.contains(nil) ? nil : Spread(values.compactMap(\.self))
    }
    rows = keys.map { key in
      let group = groups[key] ?? []
      let cost =
        spread(group.map(\.relativeFlops))?.mean
        ?? key.optimizer.theoreticalCost(sparsity: key.sparsity ?? 0)
      return Row(
        optimizer: key.optimizer, sparsity: key.sparsity, seeds: group.map(\.member.seed),
        costOverSGD: cost,
        costOverSAM: cost / OptimizerName.sam.theoreticalCost(sparsity: 0),
        testScore: spread(group.map(\.testScore)),
        bestValidationScore: spread(group.map(\.bestValidationScore)),
        secondsPerStep: spread(group.map(\.secondsPerStep)))
    }
  }

  /// The rows as comma-separated values; what was not measured is an empty cell.
  package var csv: CSVTable {
    let name = (metric ?? .accuracy).arrayName
    var table = CSVTable(columns: [
      "optimizer", "sparsity", "seeds", "flops_over_sgd", "flops_over_sam",
      "test_\(name)_mean", "test_\(name)_std", "best_validation_\(name)_mean",
      "best_validation_\(name)_std", "seconds_per_step_mean", "seconds_per_step_std",
    ])
    func cell(_ value: Double?) -> String { value.map { CSVTable.cell($0) } ?? "" }
    for row in rows {
      let spreads = [row.testScore, row.bestValidationScore, row.secondsPerStep]
      table.append(
        [
          row.optimizer.rawValue, cell(row.sparsity), CSVTable.cell(row.seeds.count),
          cell(row.costOverSGD), cell(row.costOverSAM),
        ] + spreads.flatMap { [cell($0?.mean), cell($0?.standardDeviation)] })
    }
    return table
  }

  /// The rows as a Markdown table, one line each after two lines of heading.
  package var markdown: [String] {
    let metric = metric ?? .accuracy
    let scale: Double = metric.isShare ? 100 : 1
    let columns = [
      "optimizer", "sparsity", "FLOPs", "of SAM", "test \(metric.label)",
      "best held out" + (metric.isShare ? " (%)" : ""), "ms per step",
    ]
    let heading = [
      "| " + columns.joined(separator: " | ") + " |",
      "|---|" + String(repeating: "--:|", count: columns.count - 1),
    ]
    return heading
      + rows.map { row in
        let cells = [
          row.optimizer.rawValue, row.sparsity.map(SweepMember.text) ?? "–",
          String(format: "%.4gx", row.costOverSGD),
          String(format: "%.4g %%", 100 * row.costOverSAM),
          row.testScore?.text(scale: scale, digits: 2) ?? "–",
          row.bestValidationScore?.text(scale: scale, digits: 2) ?? "–",
          row.secondsPerStep?.text(scale: 1000, digits: 2) ?? "–",
        ]
        return "| " + cells.joined(separator: " | ") + " |"
      }
  }
}
