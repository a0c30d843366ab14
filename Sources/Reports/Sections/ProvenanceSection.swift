internal import Analyses
internal import Artifacts
internal import Foundation

/// How each result came about, and the command that makes it again.
struct ProvenanceSection: ReportSection {
  let runs: ReportedRuns
  /// The command that made the page, program first.
  let command: [String]

  let id = "provenance"
  let title = "Where the numbers come from"
  var isEmpty: Bool { false }

  func contents() throws -> [HTML] {
    runs.provenances.map { name, provenance in
      .element(
        "details", [:],
        [
          .element("summary", [:], name),
          .element("p", [:], "Made by this command, in the folder that its paths start from:"),
          .element("pre", [:], [.element("code", [:], Self.shell(provenance.command))]),
          .properties("Provenance of: \(name)", Self.rows(provenance)),
        ])
    } + [
      .element("p", [:], "This page was made by"),
      .element("pre", [:], [.element("code", [:], Self.shell(command))]),
    ]
  }

  /// All that is recorded, one row each.
  static func rows(_ provenance: Provenance) -> [(name: String, value: String)] {
    var rows: [(name: String, value: String)] = [
      ("started", provenance.date), ("seconds", fourDigits(provenance.wallSeconds)),
      ("version", provenance.version), ("threads", "\(provenance.threads)"),
    ]
    for (index, model) in provenance.models.enumerated() {
      rows.append(
        (
          "network \(index + 1)",
          "\(model.path); \(model.format ?? "format not recorded"); SHA-256 \(model.sha256)"
        ))
    }
    if let data = provenance.data {
      rows.append(
        (
          "data",
          "\(data.samples) samples of \(data.name) \(data.split)"
            + (data.path.map { "; \($0)" } ?? "")
            + "; SHA-256 \(data.digest)"
        ))
    }
    if let batchNorm = provenance.batchNormalization { rows.append(("batch norm", batchNorm)) }
    if let decay = provenance.weightDecay {
      let isIn = provenance.lossIncludesWeightDecay == true
      rows.append(("weight decay", "\(decay), \(isIn ? "in the loss" : "not in the loss")"))
    }
    for (name, seed) in provenance.seeds.sorted(by: { $0.key < $1.key }) {
      rows.append(("seed of \(name)", "\(seed)"))
    }
    for (name, value) in provenance.settings.sorted(by: { $0.key < $1.key }) {
      rows.append((name, value))
    }
    for (name, version) in provenance.libraries.sorted(by: { $0.key < $1.key }) {
      rows.append((name, version))
    }
    for reading in provenance.readings ?? [] {
      rows.append(
        (
          "taken for",
          "\(reading.chosen.architecture), normalisation \(reading.chosen.normalization): "
            + "\(reading.chosen.correct) of \(reading.samples) samples right; \(reading.tried) were tried, "
            + "\(reading.ties.count) do equally well"
        ))
    }
    return rows + (provenance.warnings ?? []).map { ("warning", $0) }
  }

  /// A command as a shell takes it; the program by its name alone.
  static func shell(_ command: [String]) -> String {
    command.enumerated().map { index, argument in
      let text = index == 0 ? URL(filePath: argument).lastPathComponent : argument
      let isPlain =
        !text.isEmpty
        && text.unicodeScalars.allSatisfy {
          $0.isASCII
            && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
              || "-_./:=,+@%".unicodeScalars.contains($0))
        }
      return isPlain ? text : "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }.joined(separator: " ")
  }
}
