internal import Analyses
internal import AnalysisFigures
internal import NeuralNetworks
internal import Objectives
internal import Plotting
internal import Training

/// Loss and metric over the epochs of trainings.
struct TrainingSection: ReportSection {
  let runs: [ReportedRuns.Training]

  let id = "trainings"
  let title = "Training"
  var isEmpty: Bool { runs.isEmpty }

  func contents() throws -> [HTML] {
    let figure = CurvesFigure(runs.map(\.curve)).figure
    let names = runs.map(\.curve.label).joined(separator: " and ")
    var parts = [
      HTML.reading(
        says:
          "Loss and metric after each epoch. Solid lines are the training samples as they were met, at the "
          + "weights of their step; dashed lines are samples that were held out.",
        saysNot:
          "The two kinds of line are not measured alike, so the distance between them is not the "
          + "generalisation gap. One seed is one draw: another may end elsewhere.")
    ]
    var views: [(id: String, view: any Encodable)] = [
      ("view-training-loss", chart("loss", { $0.trainingLoss }, { $0.validationLoss }))
    ]
    let metrics = Set(runs.map(\.curve.last.metric))
    if metrics.count == 1, let metric = metrics.first ?? nil {
      views.append(
        (
          "view-training-metric",
          chart(
            metric.label, { $0.trainingScore.map(metric.drawn) },
            { $0.validationScore.map(metric.drawn) })
        ))
    }
    parts.append(
      try InteractiveFigure.html(
        views: views, picture: figure, description: "Loss and metric over the epochs of \(names)."))
    parts.append(table)
    return parts
  }

  private func chart(
    _ y: String, _ training: (EpochRecord) -> Double?, _ held: (EpochRecord) -> Double?
  ) -> ChartView {
    let series = runs.enumerated().flatMap { index, run -> [ChartView.Series] in
      let epochs = run.curve.history.epochs
      let isSingle = runs.count == 1
      let color = Color.ofSeries(index).hexadecimal
      let name = run.curve.label
      var curves = [
        ChartView.Series(
          name: isSingle ? "training" : "\(name), training", color: color,
          x: epochs.map { Double($0.epoch) }, y: epochs.map { training($0)?.drawn })
      ]
      if epochs.contains(where: { held($0) != nil }) {
        curves.append(
          ChartView.Series(
            name: isSingle ? "held out" : "\(name), held out", color: color,
            x: epochs.map { Double($0.epoch) }, y: epochs.map { held($0)?.drawn }, dash: true))
      }
      return curves
    }
    let values = series.flatMap(\.y).compactMap(\.self)
    // Losses over more than a factor of 50 are told apart on a log axis only.
    let (least, most) = (values.min() ?? 0, values.max() ?? 0)
    return ChartView(
      title: title, x: "epoch", y: y, log: y == "loss" && least > 0 && most / least > 50,
      series: series)
  }

  private var table: HTML {
    .comparison(
      "Trainings in numbers",
      columns: [
        "training", "network", "optimizer", "epochs", "training loss", "held-out loss",
        "best epoch",
        "test loss", "test metric", "seconds",
      ],
      rows: runs.map { run in
        let (curve, result) = (run.curve, run.summary?.result)
        let configuration = run.summary?.configuration
        return [
          curve.label, configuration?.architecture.definition.modelName ?? "not said",
          configuration?.optimizerName.rawValue ?? "not said", "\(curve.last.epoch)",
          fourDigits(curve.last.trainingLoss), curve.last.validationLoss.map(fourDigits) ?? "none",
          curve.history.best.map { "\($0.epoch): \(Self.score($0.metric, $0.validationScore))" }
            ?? "none",
          result?.testLoss.map(fourDigits) ?? "none", Self.score(result?.metric, result?.testScore),
          result.map { fourDigits($0.seconds) } ?? "unfinished",
        ]
      })
  }

  private static func score(_ metric: Metric?, _ value: Double?) -> String {
    guard let metric, let value else { return "none" }
    return metric.text(value)
  }
}
