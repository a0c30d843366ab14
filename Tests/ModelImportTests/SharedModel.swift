import Checkpoints
import Datasets
import FileFormats
import Foundation
import GraphFiles
import GraphRuntime
import LinearAlgebra
import ModelImport
import NeuralNetworks
import Objectives
import TestSupport

/// A network of `import/models` with its data and what PyTorch computed for it in float64.
struct SharedModel {
  static let networks = [
    "vit", "gpt", "llama", "mobile", "convnext", "sine", "lstm", "unet", "dense",
  ]

  let trained: TrainedModel
  let samples: Samples
  let loss: Loss?
  let reference: NPZFile

  /// Opens a file of the folder.
  init(_ file: String) throws {
    let network = String(file.prefix { $0 != "." })
    let graph = try GraphFile.read(try SharedData.url("import/models/\(file)").path)
    let model = try Model(.definition(AnyModelDefinition(ImportedModel(graph.program, name: file))))
    trained = try TrainedModel(graph.contents, model: model)
    let data = try SharedData.url("import/models/\(network).npz").path
    reference = try NPZFile(path: data)
    let isInside = file.contains(".loss.")
    var inputs = model.inputs.map(\.name)
    if isInside { inputs.removeAll { $0 == "target" } }
    guard
      case .arrays(let arrays) = try DatasetCatalog.openData(data, split: .train, inputs: inputs)
    else { throw RiskError(description: "no arrays") }
    if isInside, let target = arrays.samples.target {
      samples = Samples(
        count: arrays.samples.count, inputs: arrays.samples.inputs + [target], target: nil)
      loss = Loss(.output)
    } else {
      samples = arrays.samples
      loss = network == "unet" ? Loss(.binaryCrossEntropy) : nil
    }
  }

  func risk() throws -> EmpiricalRisk {
    try EmpiricalRisk(
      model: trained.model, loss: loss, samples: samples, pool: WorkerPool(threadCount: 2))
  }

  func figures(_ name: String) throws -> [Double] { try reference.array(name).doubles() }
}
