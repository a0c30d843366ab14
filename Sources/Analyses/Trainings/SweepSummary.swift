package import Artifacts
internal import NeuralNetworks
package import Training

/// What `summary.json` of a sweep holds.
package struct SweepSummary: Codable, Sendable {
  /// How the result came about.
  package let provenance: Provenance
  /// Name of the network.
  package let architecture: String
  /// Settings of all trainings, in the order of `runs`.
  package let configurations: [TrainingConfiguration]
  /// What each training led to.
  package let runs: [SweepOutcome]
  /// Means and spreads over the seeds.
  package let table: SweepTable

  /// Sums up trainings.
  ///
  /// - Precondition: there is at least one run.
  init(
    provenance: Provenance, configurations: [TrainingConfiguration], runs: [SweepOutcome]
  ) {
    self.provenance = provenance
    self.configurations = configurations
    self.runs = runs
    architecture = configurations[0].architecture.definition.modelName
    table = SweepTable(runs)
  }

  /// Network and data.
  package var title: String { "\(architecture) on \(provenance.data?.name ?? "")" }

  /// What all trainings have in common, in one sentence.
  package var settings: String {
    let first = configurations[0]
    let radii = Set(configurations.compactMap(\.sharpness?.rho.initial)).sorted()
    var parts = ["\(first.epochs) epochs", "batch size \(first.batchSize)"] + steps
    if !radii.isEmpty { parts.append("rho " + radii.map { "\($0)" }.joined(separator: " and ")) }
    if first.data.validation > 0 {
      parts.append("\(fourDigits(100 * first.data.validation)) % of the training split held out")
    }
    return parts.joined(separator: ", ") + "; " + seeds + "."
  }

  /// Learning rate and weight decay, for each rule where there are several.
  private var steps: [String] {
    let bases = OptimizerName.Base.allCases.compactMap { base in
      configurations.first { $0.optimizer.name == base }
    }
    return bases.map {
      (bases.count > 1 ? "\($0.optimizer.name.rawValue): " : "")
        + "learning rate \($0.learningRate.initial), weight decay \($0.optimizer.weightDecay)"
    }
  }

  private var seeds: String {
    let seeds = table.rows[0].seeds.map { "\($0)" }
    return (seeds.count == 1 ? "seed " : "seeds ") + seeds.joined(separator: ", ")
  }

  /// The table with what its columns mean.
  package var markdown: String {
    let lines =
      ["# Sweep: \(title)", "", settings.prefix(1).uppercased() + settings.dropFirst(), ""]
      + table.markdown + [
        "",
        "FLOPs: operations of a step in those of SGD; in theory, 2 - 0.7 x sparsity, for masks of "
          + "single weights (arXiv:2210.05177), counted for all others. Test: after the last epoch; best held out: "
          + "of the best epoch. ±: standard deviation over the seeds. ms per step: measured, with "
          + "refreshes of masks.",
      ]
    return lines.joined(separator: "\n") + "\n"
  }
}
