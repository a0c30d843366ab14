import Checkpoints
import Datasets
import FileFormats
import Foundation
import LinearAlgebra
import NeuralNetworks
import Objectives
import TestSupport

/// The figures that PyTorch computed in float64 for a real network; see `make_reference.py`.
struct ReferenceFigures: Decodable {
  struct Split: Decodable {
    let samples: Int
    let loss: Double
    let correct: Int
  }

  struct Derivatives: Decodable {
    struct GaussNewton: Decodable {
      let gv_norm: Double
      let v_gv: Double
      let gv_norms: [String: Double]
    }
    struct SAM: Decodable {
      let rho: Double
      let gradient_norm: Double
      let difference_norm: Double
    }
    let samples: Int
    let loss: Double
    let gradient_norm: Double
    let gradient_dot_probe: Double
    let gradient_norms: [String: Double]
    let hv_norm: Double
    let v_hv: Double
    let hv_norms: [String: Double]
    let ggn: GaussNewton?
    let sam: SAM
  }

  struct Landscape: Decodable {
    let samples: Int
    let coordinates: [Double]
    let loss: [[Double]]
    let accuracy: [[Double]]
    let x_norm: Double
    let y_norm: Double
    let x_dot_y: Double
  }

  let parameters: Int
  let weight_norm: Double
  let test: Split
  let train: Split
  let derivatives_eval: Derivatives
  let derivatives_train: Derivatives
  let landscape: Landscape
}

/// A real network, its data and its reference figures.
struct ReferenceCase {
  let figures: ReferenceFigures
  let trained: TrainedModel

  init(_ architecture: String, checkpoint: String) throws {
    let json = try SharedData.url("reference/\(architecture).json")
    let file = try SharedData.url("checkpoints/\(checkpoint)")
    figures = try JSONDecoder().decode(ReferenceFigures.self, from: Data(contentsOf: json))
    let model = try Model(
      Architecture.named(
        architecture, input: .init(channels: 3, height: 32, width: 32), classCount: 10))
    trained = try TrainedModel(CheckpointFile.read(file.path), model: model)
  }

  /// The first samples of a split, normalised as the checkpoints were trained.
  static func samples(_ count: Int?, split: DatasetSplit = .train) throws -> Samples {
    let folder = try SharedData.url("cifar10").path
    let all = try DatasetCatalog.open(folder, split: split)
    let dataset = try count.map { try all.prefix(samples: $0) } ?? all
    let data = try NormalizedDataset(dataset, ChannelNormalization(parsing: "imagenet"))
    return data.samples
  }
}
