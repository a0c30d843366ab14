internal import Analyses
internal import AnalysisFigures

/// How much the loss rises in balls around the weights.
struct SharpnessSection: ReportSection {
  let runs: [SharpnessSummary]

  let id = "sharpness"
  let title = "Sharpness"
  var isEmpty: Bool { runs.isEmpty }

  func contents() throws -> [HTML] {
    [
      HTML.reading(
        says:
          "The rise of the loss over that at the weights in balls of radius rho: the largest that ascents found, "
          + "which is a lower bound of the maximum, or the mean over random perturbations.",
        saysNot: SharpnessSummary.meaning),
      try InteractiveFigure.still(
        SharpnessFigure(runs).figure,
        description:
          "Sharpness against rho for \(SharpnessSummary.titles(of: runs).joined(separator: " and ")). The numbers "
          + "are in the tables below."),
    ] + runs.map(table)
  }

  private func table(_ run: SharpnessSummary) -> HTML {
    .table(
      "\(run.title): loss at the weights \(fourDigits(run.loss)). \(run.setting)",
      columns: [
        "measure", "rho", "samples of a part", "parts", "rise", "± standard error",
        "first order", "ascents differ by",
      ],
      rows: run.entries.map { entry in
        [
          entry.measure.title, fourDigits(entry.rho), "\(entry.samples)", "\(entry.parts.count)",
          entry.value.map(fourDigits) ?? "not finite",
          (entry.spread?.standardError ?? entry.drawError).map(errorText) ?? "none",
          entry.linearRise.map(fourDigits) ?? "none",
          entry.restartRange.map(fourDigits) ?? "none",
        ]
      })
  }
}
