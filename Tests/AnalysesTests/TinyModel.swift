import Analyses
import Checkpoints
import Datasets
import HessianSpectra
import Krylov
import LinearAlgebra
import NeuralNetworks
import Objectives

extension OpenedModel {
  /// A network small enough for its whole Hessian: 235 weights on digits.
  static func tiny() throws -> OpenedModel {
    let digits = try OpenedModel.digits(samples: 24)
    let model = try Model(
      Architecture.named(
        "mlp-3", input: .init(channels: 1, height: 8, width: 8), classCount: 10))
    return OpenedModel(
      path: "tiny", sha256: "1", format: digits.format,
      trained: TrainedModel(model: model, point: model.initialPoint(seed: 4)),
      loss: try BoundLoss(nil, model: model, target: digits.data.samples.target),
      data: digits.data, dataPath: "digits", dataDigest: digits.dataDigest)
  }

  /// The Hessian at a point, column by column.
  func denseHessian(at point: ModelPoint) throws -> SymmetricMatrix {
    let risk = try EmpiricalRisk(
      model: trained.model, loss: loss.loss, samples: data.samples, pool: .callerAlone)
    let count = trained.model.layout.count
    let matrix = try RiskOperator(
      CurvatureSettings(.hessian), of: risk, at: point,
      selection: ParameterSelection(trained.model.layout, patterns: [], roles: []))
    var result = SymmetricMatrix(zeros: count)
    for j in 0..<count {
      var unit = Vector<Float>(zeros: count)
      unit[j] = 1
      let column = try matrix.product(with: unit)
      for i in 0...j { result[i, j] = Double(column[i]) }
    }
    return result
  }
}
