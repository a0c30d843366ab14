internal import NeuralNetworks

extension ReadingSettings {
  /// The usual settings with what a module says.
  init(_ hints: ModuleHints) {
    if let first = hints.activations.first { activation = first }
    if hints.pools == [.average] { pool = .average }
    if let epsilon = hints.epsilon { self.epsilon = epsilon }
  }

  /// Settings to begin with: what makes a network useless where it is wrong.
  func starts(of skeleton: Skeleton, _ hints: ModuleHints) -> [ReadingSettings] {
    var result: [ReadingSettings] = []
    let functions: [ActivationFunction] =
      hints.activations.isEmpty ? [.relu, .tanh, .sigmoid, .silu] : hints.activations
    for function in functions {
      var settings = self
      settings.activation = function
      for shortcut in skeleton.hasPlainShortcuts ? PlainShortcut.allCases : [.zerosOnBothSides] {
        settings.plainShortcut = shortcut
        result.append(settings)
      }
      guard !skeleton.hasBlocks, !skeleton.images.isEmpty else { continue }
      if hints.pools.count != 1 {
        settings.pool = .average
        result.append(settings)
        settings.pool = pool
      }
      if skeleton.hasNorms, function == functions[0] {
        settings.order = .activationNormPool
        result.append(settings)
      }
    }
    // Other norms give other numbers altogether.
    return result
      + skeleton.groupCounts.flatMap { groups in
        result.filter { $0.activation == functions[0] }.map { settings in
          var grouped = settings
          grouped.groups = groups
          return grouped
        }
      }
  }

  /// Settings that differ in one decision, and which a network of that kind can tell apart.
  func neighbours(
    of skeleton: Skeleton, _ geometry: Geometry, _ hints: ModuleHints
  ) -> [ReadingSettings] {
    var result: [ReadingSettings] = []
    func add(_ change: (inout ReadingSettings) -> Void) {
      var changed = self
      change(&changed)
      if changed != self { result.append(changed) }
    }
    let isStated = !hints.activations.isEmpty
    let functions: [ActivationFunction?] =
      isStated ? hints.activations : Self.activations.map(\.activation)
    for function in functions { add { $0.activation = function } }
    let hasHiddenMatrices = skeleton.head.count > 1
    if hasHiddenMatrices, !skeleton.images.isEmpty {
      let others = isStated ? functions : [.relu, .tanh, .sigmoid]
      for function in [nil] + others {
        add { $0.headActivation = function == $0.activation ? nil : function }
      }
    }
    let pools = geometry.windows.contains { $0 != nil }
    if pools, hints.pools.count != 1 {
      for kind in PoolSettings.Kind.allCases { add { $0.pool = kind } }
    }
    let hasNorms = skeleton.hasNorms || hasPlainNorms
    // Largest elements and functions that do not fall may change places.
    let commutes = pool == .max && (activation?.isMonotone ?? true)
    if hasNorms || (pools && !commutes) {
      for order in Order.allCases {
        switch order {
        case .normActivationPool: break
        case .activationNormPool: guard hasNorms else { continue }
        default: guard pools else { continue }
        }
        add { $0.order = order }
      }
    }
    if hasNorms, hints.epsilon == nil {
      for epsilon in [NormalizationMode.epsilon, 1e-3] { add { $0.epsilon = epsilon } }
    }
    for groups in [nil] + skeleton.groupCounts { add { $0.groups = groups } }
    if skeleton.mayHavePlainNorms { add { $0.hasPlainNorms.toggle() } }
    add { $0.activatesOutputs.toggle() }
    if skeleton.hasSeparable { add { $0.activatesInSeparable.toggle() } }
    guard skeleton.hasBlocks else { return result }
    for end in BlockEnd.allCases { add { $0.blockEnd = end } }
    for shortcut in PlainShortcut.allCases { add { $0.plainShortcut = shortcut } }
    add { $0.poolsShortcuts.toggle() }
    add { $0.sharesPreactivation.toggle() }
    add { $0.activatesBeforeNorms.toggle() }
    return result
  }
}

extension Skeleton {
  /// Whether anything is normalised.
  var hasNorms: Bool {
    func has(_ unit: Unit) -> Bool { unit.before != nil || unit.after != nil }
    return head.contains(where: has)
      || images.contains { item in
        switch item {
        case .norm: true
        case .unit(let unit): has(unit)
        case .block(let block): block.body.contains(where: has)
        }
      }
  }

  /// Whether norms without tensors may stand behind its convolutions.
  var mayHavePlainNorms: Bool { !images.isEmpty && !hasBlocks && !hasNorms }

  /// Numbers of groups that norms without running statistics may have; none where all have some.
  var groupCounts: [Int] {
    let (images, rows) = normsWithoutStatistics
    if images.isEmpty { return rows.isEmpty ? [] : [1] }
    let counts = [32, 16, 8, 4, 2, 1].filter { count in
      images.allSatisfy { $0.isMultiple(of: count) }
    }
    return counts + [.max]
  }

  /// Channels of norms of images and of rows without running statistics.
  private var normsWithoutStatistics: (images: [Int], rows: [Int]) {
    func channels(_ norms: [FoundLayer?]) -> [Int] {
      norms.compactMap { norm in
        if case .norm(let channels, false, _) = norm?.kind { channels } else { nil }
      }
    }
    let ofImages = images.flatMap { item -> [FoundLayer?] in
      switch item {
      case .norm(let norm): [norm]
      case .unit(let unit): [unit.before, unit.after]
      case .block(let block):
        (block.body + [block.shortcut].compactMap(\.self)).flatMap { [$0.before, $0.after] }
      }
    }
    return (channels(ofImages), channels(head.flatMap { [$0.before, $0.after] }))
  }

  /// Whether there are blocks that widen without tensors in their shortcuts.
  var hasPlainShortcuts: Bool {
    images.contains { item in
      if case .block(let block) = item {
        block.shortcut == nil && block.inputs != block.outputs
      } else {
        false
      }
    }
  }

  /// Whether an item is the first half of a separable convolution: each channel for itself, without a norm, before
  /// filters of one pixel.
  func beginsSeparable(_ number: Int) -> Bool {
    guard number + 1 < images.count, case .unit(let first) = images[number],
      case .unit(let second) = images[number + 1]
    else { return false }
    return first.weight.inputs == 1 && (first.weight.outputs ?? 0) > 1 && first.after == nil
      && first.slope == nil && first.weight.kernel != [1, 1] && second.weight.kernel == [1, 1]
      && number > 0
  }

  /// Whether there is a separable convolution.
  var hasSeparable: Bool { images.indices.contains(where: beginsSeparable) }

  /// Whether branches are added.
  var hasBlocks: Bool {
    images.contains { if case .block = $0 { true } else { false } }
  }
}
