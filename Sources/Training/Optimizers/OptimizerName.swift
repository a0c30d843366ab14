/// Which gradient a training follows and which rule makes steps of it, by the name that users give.
///
/// `sgd` and `adamw` follow the plain gradient. `sam` and its kin make steps of SGD; with `-adamw`
/// behind the name, as in `sam-adamw`, steps of AdamW.
public struct OptimizerName: RawRepresentable, Codable, Hashable, Sendable, CaseIterable {
  /// Where a gradient is taken.
  public enum Gradient: String, Sendable, CaseIterable {
    /// At the weights.
    case plain
    /// At the weights that are worst within a radius (arXiv:2010.01412).
    case sam
    /// Likewise with a radius in proportion to the weights (arXiv:2102.11600).
    case asam
    /// SAM with a mask of the largest Fisher information (arXiv:2210.05177).
    case ssamF = "ssam-f"
    /// SAM with a mask that is exchanged step by step (arXiv:2210.05177).
    case ssamD = "ssam-d"
  }

  /// Rules that make a step of a gradient.
  public enum Base: String, Codable, Sendable, CaseIterable {
    /// Stochastic gradient descent with momentum.
    case sgd
    /// Adam with decoupled weight decay (arXiv:1711.05101).
    case adamW = "adamw"
  }

  /// Which gradient is followed.
  public let gradient: Gradient
  /// What makes a step of it.
  public let base: Base

  /// Joins the parts.
  public init(_ gradient: Gradient, base: Base = .sgd) {
    self.gradient = gradient
    self.base = base
  }

  /// Finds the optimizer of a name; nil for an unknown one.
  public init?(rawValue: String) {
    guard let found = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = found
  }

  /// The name, like `sgd`, `adamw`, `sam` or `ssam-f-adamw`.
  public var rawValue: String {
    switch (gradient, base) {
    case (.plain, let base): base.rawValue
    case (let gradient, .sgd): gradient.rawValue
    case (let gradient, let base): "\(gradient.rawValue)-\(base.rawValue)"
    }
  }

  /// All of them, those of SGD first.
  public static let allCases: [OptimizerName] = Base.allCases.flatMap { base in
    Gradient.allCases.map { OptimizerName($0, base: base) }
  }

  /// Plain gradient, steps of SGD.
  public static let sgd = OptimizerName(.plain)
  /// Plain gradient, steps of AdamW.
  public static let adamW = OptimizerName(.plain, base: .adamW)
  /// SAM with SGD.
  public static let sam = OptimizerName(.sam)
  /// Adaptive SAM with SGD.
  public static let asam = OptimizerName(.asam)
  /// Sparse SAM by Fisher information, with SGD.
  public static let ssamF = OptimizerName(.ssamF)
  /// Sparse SAM with exchanged masks, with SGD.
  public static let ssamD = OptimizerName(.ssamD)

  /// Whether a mask makes the perturbation sparse.
  public var isSparse: Bool { gradient == .ssamF || gradient == .ssamD }

  /// Operations of a step in those of a step of SGD, as the paper on sparse SAM counts them.
  ///
  /// 1 for the plain gradient and 2 for SAM. With a share s of zeros among single entries of the mask,
  /// `2 - 0.7 s`: the formula behind Tables 1 to 3 of arXiv:2210.05177. It is a count for hardware that
  /// makes use of sparse gradients, not what a step costs here; the mask's refreshes are left out.
  public func theoreticalCost(sparsity: Double) -> Double {
    switch gradient {
    case .plain: 1
    case .sam, .asam: 2
    case .ssamF, .ssamD: 2 - 0.7 * sparsity
    }
  }
}
