internal import Artifacts
internal import Datasets
package import Training

extension EvaluationSummary: MeasuredResult {
  package static var numberGroup: String { "evaluation" }

  package static var numberTable: [ResultNumber<EvaluationSummary>] {
    ResultNumber.scores { result in
      let part = DatasetSplit(rawValue: result.split)
      return (result.metric, part.map { [($0, result.loss, result.score)] } ?? [])
    }
  }
}

extension EpochRecord: MeasuredResult {
  package static var numberGroup: String { "training" }

  /// What was met in the epoch, with augmentation, and what the part held out gave after it.
  package static var numberTable: [ResultNumber<EpochRecord>] {
    ResultNumber.scores { record in
      (
        record.metric,
        [
          (.train, record.trainingLoss, record.trainingScore),
          (.validation, record.validationLoss, record.validationScore),
        ]
      )
    } + ResultNumber.steps { $0 }
  }
}

extension TrainingSummary: MeasuredResult {
  package static var numberGroup: String { EpochRecord.numberGroup }

  /// The last epoch, whose weights `model.ckpt` has, and the test part.
  package static var numberTable: [ResultNumber<TrainingSummary>] {
    ResultNumber.scores { summary in
      let (result, last) = (summary.result, summary.result.last)
      return (
        result.metric ?? last.metric,
        [
          (.train, last.trainingLoss, last.trainingScore),
          (.validation, last.validationLoss, last.validationScore),
          (.test, result.testLoss, result.testScore),
        ]
      )
    } + ResultNumber.steps(\.result.last)
  }
}

extension ResultNumber {
  /// What the steps of an epoch were like.
  fileprivate static func steps(_ record: @escaping (Result) -> EpochRecord) -> [ResultNumber] {
    [
      ResultNumber("learning-rate") { MeasuredValue(record($0).learningRate, .exact) },
      ResultNumber("gradient-norm") { MeasuredValue(record($0).gradientNorm, .exact) },
      ResultNumber("perturbation-norm") {
        record($0).perturbationNorm.map { MeasuredValue($0, .exact) }
      },
    ]
  }
}
