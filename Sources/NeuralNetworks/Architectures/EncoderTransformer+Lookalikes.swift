extension EncoderTransformer {
  /// Networks of the same tensors to begin with, the likelier first: in all ways in which wrong ones do no better than
  /// guessing, and show no way to the right one.
  ///
  /// Options of this network that tensors do not show are those that its names make likely.
  ///
  /// - Parameter normIsOfHead: Whether the last norm and the last layer are one module's.
  /// - Returns: The networks.
  func beginnings(normIsOfHead: Bool) -> [EncoderTransformer] {
    let means: [Set<Option>] =
      options.contains(.nonorm)
      ? [[.mean]] : normIsOfHead ? [[.meannorm], [.mean]] : [[.mean], [.meannorm]]
    let ends = (options.contains(.notoken) ? [] : [[]]) + means
    let orders: [Set<Option>] = options.contains(.split) ? [[]] : [[], [.headwise]]
    // The layers of PyTorch have norms behind the sums and ReLU; who puts the norms in front takes GELU too.
    let norms: [Set<Option>] = options.contains(.relu) ? [[.post, .relu], []] : [[], [.post]]
    let shown = options.subtracting([.relu])
    let variants = orders.flatMap { order in
      norms.flatMap { norms in ends.map { shown.union(order).union(norms).union($0) } }
    }
    return VisionTransformer.likelyHeads(width: width).prefix(2).flatMap { heads in
      variants.map { with(heads: heads, options: $0) }
    }
  }

  private func with(heads: Int? = nil, options: Set<Option>? = nil) -> EncoderTransformer {
    var other = self
    other.heads = heads ?? self.heads
    other.options = options ?? self.options
    return other
  }

  /// Decisions that weights of another one do nearly as well with, or better: a smoother function suits a network that is
  /// too sure of itself.
  func cost(beside usual: any ArchitectureDefinition) -> Double {
    guard let usual = usual as? EncoderTransformer else { return 0 }
    var expected = usual.options
    if !options.contains(.post) { expected.remove(.relu) }
    return options.symmetricDifference(expected).reduce(0) { sum, option in
      switch option {
      case .relu, .twice, .widescale, .mean, .meannorm: sum + 2
      case .headwise: sum + 1
      default: sum
      }
    }
  }

  /// Networks of the same tensors that differ in one decision.
  var lookalikes: [String] {
    let heads = VisionTransformer.likelyHeads(width: width).filter { $0 != self.heads }
    var toggled: [Set<Option>] = [[.post], [.relu], [.twice], [.widescale]]
    if !options.contains(.split) { toggled.append([.headwise]) }
    if options.contains(.rows) || options.contains(.pixels) { toggled.append([.rows, .pixels]) }
    var changed = toggled.map { options.symmetricDifference($0) }
    func choose(_ choices: [Option]) {
      for choice in [[]] + choices.map({ [$0] }) {
        changed.append(options.subtracting(choices).union(choice))
      }
    }
    choose([.mean, .meannorm])
    if headUnits != nil { choose([.headrelu, .headgelu]) }
    let others = heads.map { with(heads: $0) } + changed.map { with(options: $0) }
    return others.filter(\.isConsistent).map(\.name).filter { $0 != name }
  }
}
