package import Artifacts
internal import Foundation

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
    /// Theoretical operations of a step in those of SGD, see `OptimizerName.theoreticalCost`.
    package let costOverSGD: Double
    /// The same in those of SAM.
    package let costOverSAM: Double
    /// Share of right answers on the test split after the last epoch.
    package let testAccuracy: Spread?
    /// Share of right answers on the part held out, in the best epoch.
    package let bestValidationAccuracy: Spread?
    /// Measured duration of a step.
    package let secondsPerStep: Spread?
  }

  /// One row per optimizer and sparsity, in the order of the outcomes.
  package let rows: [Row]

  /// Groups outcomes by optimizer and sparsity.
  package init(_ outcomes: [SweepOutcome]) {
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
      let cost = key.optimizer.theoreticalCost(sparsity: key.sparsity ?? 0)
      return Row(
        optimizer: key.optimizer, sparsity: key.sparsity, seeds: group.map(\.member.seed),
        costOverSGD: cost,
        costOverSAM: cost / OptimizerName.sam.theoreticalCost(sparsity: 0),
        testAccuracy: spread(group.map(\.testAccuracy)),
        bestValidationAccuracy: spread(group.map(\.bestValidationAccuracy)),
        secondsPerStep: spread(group.map(\.secondsPerStep)))
    }
  }

  /// The rows as comma-separated values; what was not measured is an empty cell.
  package var csv: CSVTable {
    var table = CSVTable(columns: [
      "optimizer", "sparsity", "seeds", "flops_over_sgd", "flops_over_sam",
      "test_accuracy_mean", "test_accuracy_std", "best_validation_accuracy_mean",
      "best_validation_accuracy_std", "seconds_per_step_mean", "seconds_per_step_std",
    ])
    func cell(_ value: Double?) -> String { value.map { CSVTable.cell($0) } ?? "" }
    for row in rows {
      let spreads = [row.testAccuracy, row.bestValidationAccuracy, row.secondsPerStep]
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
    let columns = [
      "optimizer", "sparsity", "FLOPs", "of SAM", "test accuracy (%)", "best held out (%)",
      "ms per step",
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
          row.testAccuracy?.text(scale: 100, digits: 2) ?? "–",
          row.bestValidationAccuracy?.text(scale: 100, digits: 2) ?? "–",
          row.secondsPerStep?.text(scale: 1000, digits: 2) ?? "–",
        ]
        return "| " + cells.joined(separator: " | ") + " |"
      }
  }
}
