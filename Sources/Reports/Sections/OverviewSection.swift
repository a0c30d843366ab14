internal import Analyses
internal import Artifacts
internal import FileFormats
internal import Foundation
internal import GradientRatios
internal import HessianSpectra
internal import Krylov
internal import LossSurfaces
internal import Objectives
internal import Training

/// One row a network with the numbers that are asked for first.
struct OverviewSection: ReportSection {
  let runs: ReportedRuns
  /// The numbers of each network of which any is known: of one whose path alone was drawn none is.
  private var rows: [(title: String, cells: [String])] = []

  /// Collects the numbers, for which files are read.
  init(runs: ReportedRuns) {
    self.runs = runs
    rows = networks.map { (title: $0.title, cells: row($0)) }.filter { row in
      row.cells.dropFirst().contains { $0 != "none" }
    }
  }

  let id = "overview"
  let title = "At a glance"
  var isEmpty: Bool { table == nil && warnings.isEmpty }

  /// A network is its file; results of other contents under the same path are another network.
  private struct Network: Hashable {
    let path: String
    let sha256: String
    let title: String
  }

  private var networks: [Network] {
    var found: [Network] = []
    for (_, provenance) in runs.provenances {
      guard let network = provenance.models.first.map(Self.network), !found.contains(network) else {
        continue
      }
      found.append(network)
    }
    return found
  }

  private static func network(_ file: Provenance.InputFile) -> Network {
    Network(path: file.path, sha256: file.sha256, title: file.title)
  }

  func contents() throws -> [HTML] { [table].compactMap(\.self) + warnings }

  /// Names of the networks that the table shows.
  var titles: [String] { rows.map(\.title) }

  /// The numbers; nil where the runs have none of them.
  private var table: HTML? {
    let columns = [
      "network", "held out from training", "loss at the weights", "metric at the weights",
      "lambda1",
      "lambda1/lambda5", "trace", "largest loss on the plane",
      "width of the basin around the weights", "width along random directions",
      "gradient ratios below 0",
    ]
    let rows = rows.map(\.cells)
    // What no result says is left out.
    let kept = columns.indices.filter { index in rows.contains { $0[index] != "none" } }
    guard kept.count > 1 else { return nil }
    return .comparison(
      "Each number is explained in its section below", columns: kept.map { columns[$0] },
      rows: rows.map { row in kept.map { row[$0] } })
  }

  private func row(_ network: Network) -> [String] {
    func isIts(_ provenance: Provenance) -> Bool {
      provenance.models.first.map { Self.network($0) == network } ?? false
    }
    let surface = runs.surfaces.first { isIts($0.summary.provenance) }
    let spectrum = runs.spectra.first { isIts($0.summary.source.provenance) }?.summary
    let width = runs.profiles.first { isIts($0.summary.provenance) }?.summary.width
    let trace = runs.traces.first { isIts($0.source.provenance) }?.trace
    let ratio = runs.ratios.first { isIts($0.provenance) }
    let center = surface?.summary.center
    let lambda = spectrum?.spectrum.largest.first
    let basin = surface.flatMap { TopologySummary(of: $0.surface).centre }
    return [
      network.title, training(of: network),
      (center?.loss ?? spectrum?.source.loss ?? ratio?.loss).map(fourDigits) ?? "none",
      center?.score.flatMap { score in surface?.summary.metric?.text(score) } ?? "none",
      lambda.map {
        "\(fourDigits($0.value)) ± \(boundText($0, floor: spectrum?.spectrum.errorFloor ?? 0))"
      }
        ?? "none",
      SpectrumSection.ratio(spectrum?.spectrum.ratio),
      SpectrumSection.trace(spectrum?.spectrum.trace ?? trace),
      surface?.summary.largest.map { fourDigits($0.loss) } ?? "none",
      basin.map { ($0.exit == .edge ? "at least " : "") + fourDigits($0.width) } ?? "none",
      width?.estimate.map { "\(fourDigits($0.mean)) ± \(errorText($0.standardError))" } ?? "none",
      ratio.map { RatioText.percent($0.histogram.shareBelowZero) } ?? "none",
    ]
  }

  /// How well the network did on samples that its training held out: a file that the training left, by
  /// its digest, since folders are moved.
  private func training(of network: Network) -> String {
    for training in runs.trainings {
      let files = TrainingFiles(folder: training.curve.folder)
      let records = [
        (files.model, training.curve.last), (files.last, training.curve.last),
        (files.best, training.curve.history.best),
      ]
      for (path, record) in records {
        guard let digest = try? SHA256.hexDigest(ofFile: path), digest == network.sha256 else {
          continue
        }
        guard let record, let metric = record.metric, let score = record.validationScore else {
          break
        }
        return metric.text(score)
      }
    }
    return "none"
  }

  /// What results say a reader must know, each once.
  private var warnings: [HTML] {
    var texts: [String] = []
    for (name, provenance) in runs.provenances {
      for warning in provenance.warnings ?? [] {
        let text = "\(name): \(warning)"
        if !texts.contains(text) { texts.append(text) }
      }
    }
    let others = runs.leftOut.map {
      "\($0.folder) is a result of kind \($0.kind), which this page does not show."
    }
    return (texts + others).map(HTML.warning)
  }
}
