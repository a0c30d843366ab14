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
  private let archive: ZipArchive

  /// Opens a file of the folder.
  init(_ file: String) throws {
    let network = String(file.prefix { $0 != "." })
    let graph = try GraphFile.read(
      try SharedData.url("import/models/\(file)").path,
      // A buffer that ONNX does not tell from a parameter.
      constants: file == "llama.onnx" ? ["frequency"] : [])
    trained = try graph.trainedModel(name: file)
    let model = trained.model
    let data = try SharedData.url("import/models/\(network).npz").path
    reference = try NPZFile(path: data)
    archive = try ZipArchive(try FileBytes.read(data))
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
    let names = try parameterNames()
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

  /// Names of the parameters as PyTorch gave them.
  private func parameterNames() throws -> [String] {
    let bytes = Array(try archive.contents(named: "parameters.npy"))
    // An array of text: a header of 128 bytes, then 4 bytes a letter.
    let header = String(decoding: bytes.prefix(128), as: UTF8.self)
    guard let width = header.firstMatch(of: #/<U(\d+)/#).flatMap({ Int($0.1) }) else { return [] }
    return stride(from: 128, to: bytes.count, by: 4 * width).map { start in
      let letters = stride(from: start, to: start + 4 * width, by: 4).map { bytes[$0] }
      return String(decoding: letters.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  func figures(_ name: String) throws -> [Double] { try reference.array(name).doubles() }
}
