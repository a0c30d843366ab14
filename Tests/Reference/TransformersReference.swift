import Foundation
package import LinearAlgebra
import TestSupport

/// What transformers computed in float64 for small networks in folders of its own form.
///
/// `make_transformers_reference.py` made them.
package struct TransformersReference: Sendable {
  /// The networks, and what is unusual in their files.
  package enum Network: String, CaseIterable, Sendable {
    /// bfloat16, names without prefix, masks among the weights.
    case gpt2
    /// Untied, ReLU, scores scaled by layer, padding.
    case gpt2Masked = "gpt2-masked"
    /// Three files, grouped heads, biases, angles of LLaMA 3.
    case llama
    /// Tied, padding, texts longer than those of the training.
    case llamaDynamic = "llama-dynamic"
    /// float16, tied, one layer with a window, YaRN, keys of transformers 4.
    case qwen2
    /// `pytorch_model.bin`, windows, heads of another width, scaled angles.
    case mistral
    /// Padding and parts of a text.
    case bertClasses = "bert-classes"
    /// Old names of norms, parts of pretraining; positions that do not count.
    case bertMasked = "bert-masked"
    /// Images that are not square.
    case vit
  }

  /// Norms of one tensor.
  package struct Tensor: Decodable, Sendable {
    package let name: String
    package let gradient: Double
    package let product: Double

    package init(from decoder: any Decoder) throws {
      var container = try decoder.unkeyedContainer()
      name = try container.decode(String.self)
      gradient = try container.decode(Double.self)
      product = try container.decode(Double.self)
    }
  }

  /// All figures of a network.
  package struct Figures: Decodable, Sendable {
    package let parameters: Int
    package let loss: Double
    /// In the order of the parameters.
    package let tensors: [Tensor]
    /// Norm of the product of the Hessian with `direction`.
    package let product: Double
    /// Some elements of the product.
    package let places: [Int]
    package let entries: [Double]
    /// The largest eigenvalues of the Hessian, descending.
    package let largest: [Double]
    /// The smallest ones, ascending.
    package let smallest: [Double]
  }

  /// The figures.
  package let figures: Figures
  /// Path of the folder with the network.
  package let model: String
  /// Path of the arrays.
  package let data: String

  /// Reads the figures.
  ///
  /// - Throws: The errors of files that are damaged.
  package init(_ network: Network) throws {
    let folder = SharedData.packageFolder.appending(path: "Tests/Reference")
    let all = try JSONDecoder().decode(
      [String: Figures].self, from: Data(contentsOf: folder.appending(path: "transformers.json")))
    guard let figures = all[network.rawValue] else {
      throw SharedData.Missing(description: "transformers.json lacks \(network)")
    }
    self.figures = figures
    model = folder.appending(path: "transformers/\(network.rawValue)").path
    data = model + "/data.npz"
  }

  /// The vector `v_i = cos(i)` of the reference.
  package var direction: Vector<Float> {
    Vector((0..<figures.parameters).map { Float(cos(Double($0))) })
  }
}
