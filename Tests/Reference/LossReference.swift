package import LinearAlgebra
package import Objectives
import TestSupport

/// What PyTorch computed in float64 for networks with other losses than that of classes.
///
/// The files are what a user has: arrays in an `.npz` and a checkpoint that says nothing of itself.
/// `make_loss_reference.py` made them.
package struct LossReference: Sendable {
  /// The networks.
  package enum Network: String, CaseIterable, Sendable {
    /// A table of numbers and a number, with a squared error.
    case diabetes
    /// Tokens and the next ones, some of which do not count.
    case license
  }

  /// Loss and metric over a split.
  package struct Split: Decodable, Sendable {
    package let samples: Int
    package let rows: Int
    package let loss: Double
    package let score: Double
    package let correct: Int
  }

  /// A vector in the space of the parameters.
  package struct Derivative: Decodable, Sendable {
    package let norm: Double
    package let dot_probe: Double
    package let norms: [String: Double]
    /// Largest eigenvalues of a matrix, descending.
    package let largest: [Double]?
    /// Smallest eigenvalues of the Hessian, ascending.
    package let smallest: [Double]?
  }

  /// The gradient of SAM, and its ratios to the plain one.
  package struct SAM: Decodable, Sendable {
    package let rho: Double
    package let norm: Double
    package let difference_norm: Double
    package let zero_gradients: Int
    package let finite: Int
    package let median: Double
    package let counts: [Int]
  }

  /// Values on a plane; rows go along the second direction.
  package struct Surface: Decodable, Sendable {
    package let coordinates: [Double]
    package let loss: [[Double]]
    package let score: [[Double]]
  }

  /// All figures of a network; derivatives are over the training split.
  package struct Figures: Decodable, Sendable {
    package let parameters: Int
    package let train: Split
    package let test: Split
    package let gradient: Derivative
    package let sam: SAM
    package let hessian: Derivative
    package let gaussNewton: Derivative
    package let fisher: Derivative
    package let surface: Surface

    /// The figures of a matrix.
    package func product(_ matrix: CurvatureMatrix) -> Derivative {
      switch matrix {
      case .hessian: hessian
      case .gaussNewton: gaussNewton
      case .fisher, .sampledFisher: fisher
      }
    }
  }

  /// The figures.
  package let figures: Figures
  /// Path of the checkpoint.
  package let model: String
  /// Path of the arrays.
  package let data: String
  /// Path of the directions of the surface.
  package let directions: String
  /// Name of the architecture.
  package let architecture: String

  /// Reads the figures.
  ///
  /// - Throws: The errors of files that are damaged.
  package init(_ network: Network) throws {
    figures = try ReferenceFile.figures(of: network.rawValue, in: "losses.json")
    let stem = ReferenceFile.path(network.rawValue)
    data = "\(stem).npz"
    directions = "\(stem)-directions.npz"
    switch network {
    case .diabetes: (model, architecture) = ("\(stem)-mlp.pt", "mlp-16-16")
    case .license: (model, architecture) = ("\(stem)-nplm.pt", "nplm-4-6-24")
    }
  }

  /// The vector that derivatives are multiplied with.
  package var probe: Vector<Float> { referenceProbe(count: figures.parameters) }
}
