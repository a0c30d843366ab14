package import Analyses
internal import NeuralNetworks
internal import Objectives
package import Plotting
internal import Training

/// Loss and metric of trainings over their epochs, side by side.
package struct CurvesFigure {
  private let curves: [TrainingCurve]

  /// Draws the courses of trainings.
  ///
  /// - Precondition: There is at least one.
  package init(_ curves: [TrainingCurve]) {
    precondition(!curves.isEmpty, "a figure shows at least one training")
    self.curves = curves
  }

  private var isSingle: Bool { curves.count == 1 }

  /// The figure.
  package var figure: Figure {
    let losses = series({ $0.trainingLoss }, { $0.validationLoss })
    var panels = [
      Panel(
        chart: .lines(
          LineChart(
            series: losses, xAxis: epochs, leftAxis: Axis("loss", kind: kind(of: losses)))))
    ]
    let metrics = Set(curves.map(\.last.metric))
    if metrics.count == 1, let metric = metrics.first ?? nil {
      let scores = series(
        { $0.trainingScore.map(metric.drawn) }, { $0.validationScore.map(metric.drawn) })
      panels.append(
        Panel(
          chart: .lines(
            LineChart(series: scores, xAxis: epochs, leftAxis: Axis(metric.label)))))
    }
    return Figure(panels: panels, title: isSingle ? curves[0].label : "", caption: caption)
  }

  private func series(
    _ training: (EpochRecord) -> Double?, _ validation: (EpochRecord) -> Double?
  ) -> [Series] {
    curves.enumerated().flatMap { index, curve in
      let records = curve.history.epochs
      let x = records.map { Double($0.epoch) }
      var series = [
        Series(
          isSingle ? "training" : curve.label, x: x,
          y: records.map { training($0) ?? .nan }, color: .ofSeries(index))
      ]
      let held = records.filter { validation($0) != nil }
      if !held.isEmpty {
        // Of several runs the caption says what is dashed, or the legend would be twice as long.
        series.append(
          Series(
            isSingle ? "held out" : "", x: held.map { Double($0.epoch) },
            y: held.map { validation($0) ?? .nan }, color: .ofSeries(index),
            dash: .dashed))
      }
      return series
    }
  }

  /// From the first epoch to the last one of the longest run; every one is numbered while few.
  private var epochs: Axis {
    let last = curves.map(\.last.epoch).max() ?? 1
    let margin = last == 1 ? 0.5 : 0.02 * Double(last - 1)
    return Axis(
      "epoch", range: (1 - margin)...(Double(last) + margin),
      names: last > 10
        ? [] : (1...last).map { Tick(value: Double($0), label: "\($0)") })
  }

  /// Losses over more than a factor of 50 are told apart on a log axis only.
  private func kind(of series: [Series]) -> ScaleKind {
    let values = series.flatMap { series -> [Double] in
      if case .curve(_, let y, _, _) = series.geometry { return y }
      return []
    }
    guard let least = values.min(), let most = values.max(), least > 0 else { return .linear }
    return most / least > 50 ? .logarithmic : .linear
  }

  private var caption: String {
    var sentences: [String] = []
    let origins = curves.compactMap(\.origin)
    let subjects = distinct(
      origins.map { "\($0.configuration.architecture.definition.modelName) on \($0.data)" })
    if !subjects.isEmpty { sentences.append(subjects.joined(separator: ", ") + ".") }
    sentences.append(
      "Solid: training samples as they were met, at the weights of their step.")
    if curves.contains(where: { $0.last.validationLoss != nil }) {
      let shares = distinct(
        origins.map { "\(fourDigits(100 * $0.configuration.data.validation)) %" })
      let part =
        shares.isEmpty
        ? "samples held out" : shares.joined(separator: " or ") + " of the training split, held out"
      sentences.append("Dashed: \(part), after the epoch.")
    }
    if isSingle, let best = curves[0].history.best {
      let text = best.bestText
      sentences.append(text.prefix(1).uppercased() + text.dropFirst() + ".")
    }
    return sentences.joined(separator: " ")
  }

  private func distinct(_ texts: [String]) -> [String] {
    texts.enumerated().filter { !texts[..<$0.offset].contains($0.element) }.map(\.element)
  }
}
