package import Checkpoints
internal import NeuralNetworks

/// A network that is known but for the normalisation of its images.
package struct FixedNetwork: Hashable, Sendable {
  /// Model and weights.
  package let trained: TrainedModel
  /// What tells it from others.
  var name: String { trained.model.name }

  /// How unusual it is.
  var cost: Double {
    guard let usual, let own = Self.architecture(of: trained) else { return 0 }
    return own.cost(beside: usual)
  }
  /// The most usual network of its tensors.
  private let usual: Architecture?

  /// Wraps a model.
  ///
  /// - Parameters:
  ///   - trained: Model and weights.
  ///   - usual: The most usual network with these tensors; nil for this one.
  package init(_ trained: TrainedModel, usual: FixedNetwork? = nil) {
    self.trained = trained
    self.usual = usual.flatMap { $0.usual } ?? Self.architecture(of: (usual?.trained ?? trained))
  }

  private static func architecture(of trained: TrainedModel) -> Architecture? {
    if case .architecture(let architecture) = trained.model.recipe { architecture } else { nil }
  }

  /// Networks of the same tensors that differ from it in one decision.
  var lookalikes: [FixedNetwork] {
    let others = Self.architecture(of: trained)?.lookalikes ?? []
    return others.compactMap { other in
      guard let model = try? Model(other), model.layout == trained.model.layout else { return nil }
      return FixedNetwork(trained.lookalike(model), usual: self)
    }
  }

  /// Whether the models are the same; weights are those of one file.
  package static func == (a: FixedNetwork, b: FixedNetwork) -> Bool {
    a.trained.model.recipe == b.trained.model.recipe
  }

  /// Hashes the name.
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
