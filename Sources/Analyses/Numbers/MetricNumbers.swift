internal import Datasets
internal import Objectives

extension ResultNumber {
  /// The metric at one point, under its name: a row for each metric that there is.
  static func metrics(
    _ value: @escaping (Result) -> (metric: Metric?, score: Double?)
  ) -> [ResultNumber] {
    Metric.allCases.map { metric in
      ResultNumber(metric.rawValue) { result in
        let (own, score) = value(result)
        return own == metric ? score.map { MeasuredValue($0, .exact) } : nil
      }
    }
  }

  /// Loss and metric over parts of the data, under their names.
  static func scores(
    _ values:
      @escaping (Result) -> (
        metric: Metric?, parts: [(part: DatasetSplit, loss: Double?, score: Double?)]
      )
  ) -> [ResultNumber] {
    [
      ResultNumber(parts: "loss") { result in
        values(result).parts.map { ($0.part, $0.loss.map { MeasuredValue($0, .exact) }) }
      }
    ]
      + Metric.allCases.map { metric in
        ResultNumber(parts: metric.rawValue) { result in
          let (own, parts) = values(result)
          return own == metric
            ? parts.map { ($0.part, $0.score.map { MeasuredValue($0, .exact) }) } : []
        }
      }
  }
}
