package import Checkpoints
package import Datasets
package import LinearAlgebra
import NeuralNetworks
import TestSupport

/// What PyTorch computed in float64 for small networks on the embedded digits.
///
/// Unlike the shared references it is always there; `make_digits_reference.py` made it.
package struct DigitsReference: Sendable {
  /// The networks: one without and one with batch norms and convolutions.
  package enum Network: String, CaseIterable, Sendable {
    case mlp, resnet
  }

  /// Loss and right answers over a whole split.
  package struct Split: Decodable, Sendable {
    package let samples: Int
    package let loss: Double
    package let correct: Int
  }

  /// The product of a matrix with the probe.
  package struct Product: Decodable, Sendable {
    package let norm: Double
    package let dot_probe: Double
    package let norms: [String: Double]
    /// Of the empirical Fisher matrix alone.
    package let trace: Double?
  }

  /// Derivatives over the first samples of the training split.
  package struct Derivatives: Decodable, Sendable {
    package struct SAM: Decodable, Sendable {
      package let rho: Double
      package let gradient_norm: Double
      package let difference_norm: Double
    }

    package let samples: Int
    package let loss: Double
    package let gradient_norm: Double
    package let gradient_dot_probe: Double
    package let gradient_norms: [String: Double]
    package let sam: SAM
    package let hessian: Product
    package let gaussNewton: Product
    package let fisher: Product

    private enum CodingKeys: String, CodingKey {
      case samples, loss, gradient_norm, gradient_dot_probe, gradient_norms, sam, hessian, fisher
      case gaussNewton = "gauss-newton"
    }
  }

  /// Losses over the same samples along the probe, scaled to the norm of the weights.
  package struct Line: Decodable, Sendable {
    package let steps: [Double]
    package let loss: [Double]
  }

  /// Five steps of AdamW, each over the next samples of the training split.
  package struct AdamWSteps: Decodable, Sendable {
    package struct Run: Decodable, Sendable {
      package let losses: [Double]
      /// How far the weights have moved.
      package let distance: Double
      package let weights_dot_probe: Double
      package let mean_norm: Double
      package let square_norm: Double
    }

    package let rate: Double
    package let beta1: Double
    package let beta2: Double
    package let epsilon: Double
    package let weight_decay: Double
    /// Radius of the perturbation of `sam`.
    package let rho: Double
    package let plain: Run
    package let sam: Run
  }

  /// Eigenvalues over the same samples; those of the whole matrix where it is small.
  package struct Eigenvalues: Decodable, Sendable {
    /// Of the Hessian, in descending order.
    package let largest: [Double]
    /// Of the Hessian, in ascending order.
    package let smallest: [Double]
    package let trace: Double?
    package let gaussNewton: [Double]?
    package let fisher: [Double]?

    private enum CodingKeys: String, CodingKey {
      case largest, smallest, trace, fisher
      case gaussNewton = "gauss-newton"
    }
  }

  /// All figures of a network.
  package struct Figures: Decodable, Sendable {
    package let train: Split
    package let test: Split
    package let derivatives: Derivatives
    package let line: Line
    package let eigenvalues: Eigenvalues
    /// Of the perceptron alone.
    package let adamw: AdamWSteps?
  }

  /// The figures.
  package let figures: Figures
  /// The network with its weights.
  package let trained: TrainedModel
  /// Path of its checkpoint.
  package let path: String
  private let normalization: ChannelNormalization

  /// Reads figures and checkpoint.
  ///
  /// - Throws: The errors of files that are damaged.
  package init(_ network: Network) throws {
    figures = try ReferenceFile.figures(of: network.rawValue, in: "digits.json")
    path = ReferenceFile.path("digits-\(network.rawValue).ckpt")
    let (trained, metadata) = try TrainedModel.readDescribed(CheckpointFile.read(path))
    self.trained = trained
    normalization = try ChannelNormalization(parsing: metadata.normalization)
  }

  /// The samples of the derivatives, or all of a split.
  package func samples(allOf split: DatasetSplit? = nil) throws -> Samples {
    let all = try DatasetCatalog.open("digits", split: split ?? .train)
    let chosen = split == nil ? try all.prefix(samples: figures.derivatives.samples) : all
    return try NormalizedDataset(chosen, normalization).samples
  }

  /// The vector that derivatives are multiplied with.
  package var probe: Vector<Float> { referenceProbe(count: trained.model.layout.count) }
}
