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
  private let network: String

  /// Opens a file of the folder.
  init(_ file: String) throws {
    network = String(file.prefix { $0 != "." })
    let graph = try GraphFile.read(
      try SharedData.url("import/models/\(file)").path,
      // A buffer that ONNX does not tell from a parameter.
      constants: file == "llama.onnx" ? ["frequency"] : [])
    trained = try graph.trainedModel(name: file)
    let model = trained.model
    let data = try SharedData.url("import/models/\(network).npz").path
    reference = try NPZFile(path: data)
    guard
      case .arrays(let arrays) = try DatasetCatalog.openData(
        data, split: .train, inputs: model.inputs.map(\.name))
    else { throw RiskError(description: "no arrays") }
    samples = arrays.samples
    loss =
      file.contains(".loss.")
      ? Loss(.output) : network == "unet" ? Loss(.binaryCrossEntropy) : nil
  }

  func risk() throws -> EmpiricalRisk {
    try EmpiricalRisk(
      model: trained.model, loss: loss, samples: samples, pool: WorkerPool(threadCount: 2))
  }

  /// The parameters in PyTorch's order, tied ones under their first name.
  func segments() throws -> [ParameterSegment] {
    // Programs of PyTorch keep its order (`SharedGraphTests`).
    let program = try GraphFile.read(try SharedData.url("import/models/\(network).pt2").path)
      .program
    let names = program.tensors.filter { $0.kind == .parameter }.map(\.name)
    // An exporter of ONNX calls the tied table of this network by its other name.
    let aliases = ["token.weight": "head.weight"]
    return try names.map { name in
      guard
        let segment = trained.model.layout[name]
          ?? aliases[name].flatMap({ trained.model.layout[$0] })
          // A loss around the network adds a prefix.
          ?? trained.model.layout["model.\(name)"]
      else { throw RiskError(description: "no parameter \(name)") }
      return segment
    }
  }

  func figures(_ name: String) throws -> [Double] { try reference.array(name).doubles() }
}
