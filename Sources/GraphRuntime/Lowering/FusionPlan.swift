internal import ComputationGraph

/// Decides which values get memory of their own and which live only inside a fused kernel.
struct FusionPlan {
  /// What a forward convolution (or an input gradient) absorbs:
  /// `gate(relu(sum of convolutions + bias + residual))`.
  struct ConvolutionChain {
    /// Convolutions of equal geometry; more than one only where Winograd's kernels add them up.
    var convolutions: [Value]
    /// Per-channel vector that is added, before it is broadcast.
    var bias: Value?
    var residual: Value?
    var relu = false
    /// What the result is gated by.
    var gate: Value?
  }

  /// Values without memory: folded into the elementwise kernel that uses them.
  private(set) var inlined: Set<Value> = []
  /// Broadcasts and constants that every user reads through an index pattern.
  private(set) var virtual: Set<Value> = []
  /// Values without memory: folded into a convolution.
  private(set) var absorbed: Set<Value> = []
  /// By the last value of each chain.
  private(set) var chains: [Value: ConvolutionChain] = [:]

  fileprivate let graph: Graph
  /// Sums of filter gradients that one kernel computes, and their terms.
  private(set) var gradientSums: [Value: [Value]] = [:]
  /// Values that the epilogue of a convolution reads from memory.
  private var fromMemory: Set<Value> = []
  private var consumers: [Value: [Value]] = [:]
  private let kept: Set<Value>
  private let prefix: (Value) -> Int
  private let block: (Value) -> Int
  fileprivate let stage: (Value) -> Stage
  /// What computes each convolution.
  fileprivate let implementation: (Value) -> ConvolutionImplementation

  /// Plans the kernels of a graph.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - values: The values to compute, in order.
  ///   - kept: Values that somebody reads from memory: outputs and sums over samples.
  ///   - stage: When each value is computed.
  ///   - prefix: Number of axes of each value that count as planes.
  ///   - block: Channels that lie side by side in the layout of each value.
  ///   - implementation: What computes each convolution and each gradient of one.
  init(
    _ graph: Graph, values: [Value], kept: Set<Value>, stage: @escaping (Value) -> Stage,
    prefix: @escaping (Value) -> Int, block: @escaping (Value) -> Int,
    implementation: @escaping (Value) -> ConvolutionImplementation
  ) {
    self.graph = graph
    self.kept = kept
    self.prefix = prefix
    self.block = block
    self.stage = stage
    self.implementation = implementation
    for value in values {
      for input in Set(graph[value].inputs) { consumers[input, default: []].append(value) }
    }
    findChains(values)
    findGradientSums(values)
    for value in values where !kept.contains(value) {
      switch graph[value].operation {
      case .broadcast, .constant:
        let users = consumers[value] ?? []
        if users.allSatisfy({ readsThroughPattern($0, value) }) { virtual.insert(value) }
      default: break
      }
    }
    // Backwards, so that the user of a value is decided before it.
    for value in values.reversed() where isElementwise(value) && !absorbed.contains(value) {
      guard !kept.contains(value), chains[value] == nil, gradientSums[value] == nil,
        let user = onlyUser(of: value), isElementwise(user), !absorbed.contains(user),
        chains[user] == nil, gradientSums[user] == nil,
        graph.shape(of: user) == graph.shape(of: value), stage(user) == stage(value)
      else { continue }
      inlined.insert(value)
    }
  }

  fileprivate func onlyUser(of value: Value) -> Value? {
    guard !kept.contains(value), let users = consumers[value], users.count == 1 else { return nil }
    return users[0]
  }

  func isElementwise(_ value: Value) -> Bool {
    switch graph[value].operation {
    case .add, .multiply, .affine, .unary, .gate: true
    default: false
    }
  }

  /// Whether `user` reads a broadcast without having it in memory.
  private func readsThroughPattern(_ user: Value, _ value: Value) -> Bool {
    guard isElementwise(user), !fromMemory.contains(value) else { return false }
    if case .constant = graph[value].operation { return true }
    return BroadcastPattern(
      from: graph.shape(of: graph[value].inputs[0]), to: graph.shape(of: value),
      prefix: prefix(user), block: block(user)) != nil
  }

  /// Convolutions that end in `+ bias`, `+ residual`, `relu`, `gate`, each used by the next alone.
  private mutating func findChains(_ values: [Value]) {
    var claimed: Set<Value> = []
    for value in values where stage(value) == .sample && !claimed.contains(value) {
      guard let kind = convolutionKind(value) else { continue }
      let isWinograd = implementation(value) == .winograd
      // oneDNN fuses nothing into an input gradient.
      guard kind == .forward || isWinograd else { continue }
      var chain = ConvolutionChain(convolutions: [value])
      var last = value
      var links: [Value] = []
      while let user = onlyUser(of: last), !claimed.contains(user),
        chain.absorb(user, after: last, isWinograd: isWinograd, plan: self, claimed: claimed)
      {
        links.append(last)
        last = user
      }
      guard last != value else { continue }
      links += chain.convolutions.dropFirst()
      chains[last] = chain
      fromMemory.formUnion([chain.residual, chain.gate].compactMap { $0 })
      absorbed.formUnion(links)
      claimed.formUnion(links)
      claimed.insert(last)
    }
  }

  /// Sums of two filter gradients of equal geometry, used by the sum alone.
  private mutating func findGradientSums(_ values: [Value]) {
    for value in values where stage(value) == .sample {
      guard let terms = Self.gradientTerms(graph, value),
        terms.allSatisfy({ onlyUser(of: $0) == value && implementation($0) == .winograd })
      else { continue }
      gradientSums[value] = terms
      absorbed.formUnion(terms)
    }
  }

  /// The two filter gradients of equal geometry that a value is the sum of.
  static func gradientTerms(_ graph: Graph, _ value: Value) -> [Value]? {
    let node = graph[value]
    guard case .add = node.operation, node.inputs[0] != node.inputs[1] else { return nil }
    for input in node.inputs {
      guard case .convolutionFilterGradient = graph[input].operation else { return nil }
    }
    return isAlike(graph, node.inputs[0], node.inputs[1]) ? node.inputs : nil
  }

  /// Whether two nodes do the same operation on operands of the same shapes.
  static func isAlike(_ graph: Graph, _ a: Value, _ b: Value) -> Bool {
    graph[a].operation == graph[b].operation
      && graph[a].inputs.map { graph.shape(of: $0) } == graph[b].inputs.map { graph.shape(of: $0) }
  }

  private func convolutionKind(_ value: Value) -> ConvolutionKind? {
    switch graph[value].operation {
    case .convolution: .forward
    case .convolutionInputGradient: .inputGradient
    default: nil
    }
  }

  /// Whether a value that is added to a convolution may end a chain that takes the sum itself.
  fileprivate func canHoldSum(_ value: Value) -> Bool {
    switch graph[value].operation {
    case .convolution, .add: true
    case .convolutionInputGradient: implementation(value) == .winograd
    default: false
    }
  }

  /// The vector `[1, c, 1, 1]` behind a broadcast over samples and space.
  fileprivate func channelVector(_ value: Value) -> Value? {
    guard case .broadcast = graph[value].operation else { return nil }
    let source = graph[value].inputs[0]
    let shape = graph.shape(of: source)
    let target = graph.shape(of: value)
    return shape.rank == 4 && shape == [1, target[1], 1, 1] ? source : nil
  }
}

extension FusionPlan.ConvolutionChain {
  /// Takes one more operation into the chain; false where it cannot.
  fileprivate mutating func absorb(
    _ user: Value, after last: Value, isWinograd: Bool, plan: FusionPlan, claimed: Set<Value>
  ) -> Bool {
    let node = plan.graph[user]
    // What is gated or rectified is finished.
    if gate != nil || relu { return false }
    switch node.operation {
    case .unary(.relu):
      relu = true
      return true
    case .gate:
      guard isWinograd, node.inputs[0] == last, node.inputs[1] != last,
        plan.stage(node.inputs[1]) == .sample
      else { return false }
      gate = node.inputs[1]
      return true
    case .add where node.inputs[0] != node.inputs[1]:
      return absorbTerm(
        node.inputs[0] == last ? node.inputs[1] : node.inputs[0], sum: user, after: last,
        isWinograd: isWinograd, plan: plan, claimed: claimed)
    default: return false
    }
  }

  /// Takes the other summand of a sum into the chain.
  private mutating func absorbTerm(
    _ other: Value, sum: Value, after last: Value, isWinograd: Bool, plan: FusionPlan,
    claimed: Set<Value>
  ) -> Bool {
    if bias == nil, let vector = plan.channelVector(other) {
      bias = vector
      return true
    }
    guard plan.stage(other) == .sample else { return false }
    let isAlone = plan.onlyUser(of: other) == sum
    if isWinograd, isAlone, convolutions.count == 1, !claimed.contains(other),
      FusionPlan.isAlike(plan.graph, other, convolutions[0])
    {
      convolutions.append(other)
      return true
    }
    guard residual == nil else { return false }
    // Of two convolutions that are added, the later one takes the sum.
    if isAlone, plan.canHoldSum(other), other > last { return false }
    residual = other
    return true
  }
}
