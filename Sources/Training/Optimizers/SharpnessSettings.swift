public import NeuralNetworks

/// Settings of sharpness-aware minimisation, dense or sparse.
///
/// Where the paper on sparse SAM (Mi et al. 2022, arXiv:2210.05177) leaves a choice open, the
/// default is the mathematically sound one; `paperCode` makes the choices of its public code.
public struct SharpnessSettings: Codable, Hashable, Sendable {
  /// Which passes update the running statistics of batch norms.
  public enum Statistics: String, Codable, Hashable, Sendable, CaseIterable {
    /// The first one, at the weights themselves.
    case once
    /// Also the second one, at the perturbed weights.
    case twice
  }

  /// Radius of the perturbation.
  public var rho: Schedule
  /// Summand eta of the adaptive scale `|w| + eta` (ASAM, arXiv:2102.11600); nil for plain SAM.
  public var adaptiveShift: Double?
  /// Which passes update running statistics.
  public var statistics: Statistics
  /// Summand of the gradient norm in the denominator; a zero gradient is no trouble without it.
  public var normEpsilon: Double
  /// Roles of the parameters that may be perturbed.
  public var roles: Set<ParameterRole>
  /// How the perturbation is made sparse; nil for a dense one.
  public var mask: MaskSettings?

  /// Creates settings; the defaults are the sound choices.
  public init(
    rho: Schedule, adaptiveShift: Double? = nil, statistics: Statistics = .once,
    normEpsilon: Double = 0,
    roles: Set<ParameterRole> = Set(ParameterRole.allCases),
    mask: MaskSettings? = nil
  ) {
    self.rho = rho
    self.adaptiveShift = adaptiveShift
    self.statistics = statistics
    self.normEpsilon = normEpsilon
    self.roles = roles
    self.mask = mask
  }

  /// The settings of an optimizer; nil for one that follows the plain gradient.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer.
  ///   - rho: Radius of the perturbation; nil for 0.05, and 0.5 where it is adaptive.
  ///   - sparsity: Share of zeros in the mask of sparse SAM, which is refreshed every 5 epochs.
  /// - Returns: The settings.
  /// - Throws: `TrainingError` for a radius that is negative or not finite.
  public static func usual(
    for optimizer: OptimizerName, rho: Double? = nil, sparsity: Double = 0.5
  ) throws(TrainingError) -> SharpnessSettings? {
    let isAdaptive = optimizer.gradient == .asam
    let policy: MaskSettings.Policy
    switch optimizer.gradient {
    case .plain: return nil
    case .sam, .asam:
      return SharpnessSettings(
        rho: try Schedule(rho ?? (isAdaptive ? 0.5 : 0.05)),
        adaptiveShift: isAdaptive ? 0.01 : nil)
    case .ssamF: policy = .fisher
    case .ssamD: policy = .dynamic
    }
    return SharpnessSettings(
      rho: try Schedule(rho ?? 0.05),
      mask: MaskSettings(policy: policy, sparsity: sparsity, updateEvery: 5))
  }

  /// These settings with the choices of the paper's public code where the paper leaves them open.
  public var paperCode: SharpnessSettings {
    var result = self
    result.statistics = .twice
    result.normEpsilon = 1e-7
    result.roles = Set(ParameterRole.allCases)
    result.mask?.norm = .official
    result.mask?.firstMask = .zero
    result.mask?.refresh = .afterStep
    result.mask?.fisherMode = .batch
    result.mask?.fisherAugmented = true
    return result
  }

  /// Which gradient these settings give, by name.
  public var gradient: OptimizerName.Gradient {
    switch mask?.policy {
    case .fisher: .ssamF
    case .dynamic: .ssamD
    case nil: adaptiveShift == nil ? .sam : .asam
    }
  }

  /// Checks the settings.
  ///
  /// - Throws: `TrainingError` naming the one that is out of range.
  func validate() throws(TrainingError) {
    if let adaptiveShift {
      guard adaptiveShift >= 0, adaptiveShift.isFinite else {
        throw TrainingError("adaptive shift \(adaptiveShift); give a number of 0 or more")
      }
    }
    guard !roles.isEmpty else {
      throw TrainingError("no role of parameters may be perturbed; name at least one")
    }
    try mask?.validate()
  }

  private enum CodingKeys: String, CodingKey {
    case rho, adaptiveShift, statistics, normEpsilon, roles, mask
  }

  /// Writes the roles in a fixed order, so that equal settings give equal texts.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rho, forKey: .rho)
    try container.encodeIfPresent(adaptiveShift, forKey: .adaptiveShift)
    try container.encode(statistics, forKey: .statistics)
    try container.encode(normEpsilon, forKey: .normEpsilon)
    try container.encode(roles.sorted { $0.rawValue < $1.rawValue }, forKey: .roles)
    try container.encodeIfPresent(mask, forKey: .mask)
  }
}

/// How the mask of sparse SAM is chosen and used.
public struct MaskSettings: Codable, Hashable, Sendable {
  /// Which entries are kept.
  public enum Policy: String, Codable, Hashable, Sendable {
    /// Those with the largest empirical Fisher information (SSAM-F).
    case fisher
    /// Random at first; then those with small gradients are exchanged for random ones (SSAM-D).
    case dynamic
  }

  /// Which norm makes the perturbation as long as rho.
  public enum Norm: String, Codable, Hashable, Sendable, CaseIterable {
    /// That of the whole gradient: the masked perturbation is shorter than rho.
    case official
    /// That of the masked gradient: the perturbation is as long as rho.
    case iso
  }

  /// What is kept or left out as one.
  public enum Structure: String, Codable, Hashable, Sendable, CaseIterable {
    /// Single weights.
    case element
    /// Filters: the parts of a tensor with one index on its first axis; other tensors whole.
    case filter
    /// Tensors.
    case layer
    /// The last layers, whatever their information: the mask never changes, so nothing is computed
    /// for it, and `firstMask`, `refresh` and the Fisher pass are without effect.
    case suffix
  }

  /// The first mask of `Policy.fisher`.
  public enum FirstMask: String, Codable, Hashable, Sendable, CaseIterable {
    /// Computed before the first step.
    case computed
    /// Zero until the first refresh: plain SGD.
    case zero
  }

  /// When a mask is computed within the first step of an epoch that refreshes it.
  public enum Refresh: String, Codable, Hashable, Sendable {
    /// Before the perturbation of this step, which already uses it.
    case beforeStep
    /// After the step; the next one uses it.
    case afterStep
  }

  /// Which entries are kept.
  public var policy: Policy
  /// Share s of zeros; the mask has (1 - s) d ones, rounded down.
  public var sparsity: Double
  /// Epochs between two refreshes.
  public var updateEvery: Int
  /// Norm that scales the perturbation.
  public var norm: Norm
  /// What is kept as one.
  public var structure: Structure
  /// First mask of `fisher`.
  public var firstMask: FirstMask
  /// When the mask is refreshed.
  public var refresh: Refresh
  /// Samples of the Fisher pass; all training samples where there are fewer.
  public var fisherSamples: Int
  /// Statistics of batch norms in the Fisher pass.
  ///
  /// In batch mode those of each sample alone, and the running statistics take them in, as in the
  /// public code.
  public var fisherMode: NormalizationMode
  /// Whether the images of the Fisher pass are augmented as in training.
  public var fisherAugmented: Bool
  /// Initial share alpha of the ones that `dynamic` exchanges.
  public var dropRate: Double

  /// Creates settings; the defaults are the sound choices and the paper's numbers.
  public init(
    policy: Policy, sparsity: Double = 0.5, updateEvery: Int = 1, norm: Norm = .iso,
    structure: Structure = .element, firstMask: FirstMask = .computed,
    refresh: Refresh = .beforeStep, fisherSamples: Int = 128,
    fisherMode: NormalizationMode = .inference, fisherAugmented: Bool = false,
    dropRate: Double = 0.5
  ) {
    self.policy = policy
    self.sparsity = sparsity
    self.updateEvery = updateEvery
    self.norm = norm
    self.structure = structure
    self.firstMask = firstMask
    self.refresh = refresh
    self.fisherSamples = fisherSamples
    self.fisherMode = fisherMode
    self.fisherAugmented = fisherAugmented
    self.dropRate = dropRate
  }

  /// Checks the settings.
  ///
  /// - Throws: `TrainingError` naming the one that is out of range.
  func validate() throws(TrainingError) {
    guard (0...1).contains(sparsity) else {
      throw TrainingError("sparsity \(sparsity); give a share of zeros in 0...1")
    }
    guard updateEvery >= 1 else {
      throw TrainingError("a mask refreshed every \(updateEvery) epochs; give 1 or more")
    }
    guard fisherSamples >= 1 else {
      throw TrainingError("\(fisherSamples) samples for the Fisher information; give 1 or more")
    }
    guard (0...1).contains(dropRate) else {
      throw TrainingError("drop rate \(dropRate); give a share in 0...1")
    }
    guard policy == .fisher || structure == .element else {
      throw TrainingError(
        "ssam-d exchanges single weights and has no \(structure.rawValue) masks; use ssam-f or "
          + "element masks")
    }
  }
}
