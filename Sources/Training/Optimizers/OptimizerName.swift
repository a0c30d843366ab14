/// Which gradient a training follows, by the name that users give.
package enum OptimizerName: String, Codable, Hashable, Sendable, CaseIterable {
  /// The plain gradient.
  case sgd
  /// That at the weights that are worst within a radius (arXiv:2010.01412).
  case sam
  /// Likewise with a radius in proportion to the weights (arXiv:2102.11600).
  case asam
  /// SAM with a mask of the largest Fisher information (arXiv:2210.05177).
  case ssamF = "ssam-f"
  /// SAM with a mask that is exchanged step by step (arXiv:2210.05177).
  case ssamD = "ssam-d"

  /// Whether a mask makes the perturbation sparse.
  package var isSparse: Bool { self == .ssamF || self == .ssamD }

  /// Operations of a step in those of a step of SGD, as the paper on sparse SAM counts them.
  ///
  /// 1 for SGD and 2 for SAM. With a share s of zeros among single entries of the mask, `2 - 0.7 s`:
  /// the formula behind Tables 1 to 3 of arXiv:2210.05177. It is a count for hardware that makes use
  /// of sparse gradients, not what a step costs here; the mask's refreshes are left out.
  package func theoreticalCost(sparsity: Double) -> Double {
    switch self {
    case .sgd: 1
    case .sam, .asam: 2
    case .ssamF, .ssamD: 2 - 0.7 * sparsity
    }
  }
}
