internal import ComputationGraph

/// Decides which values get memory of their own and which live only inside a fused kernel.
struct FusionPlan {
  /// What a forward convolution absorbs.
  struct ConvolutionChain {
    var convolution: Value
    /// Per-channel vector that is added, before it is broadcast.
    var bias: Value?
    var residual: Value?
    var relu = false
  }

  /// Values without memory: folded into the elementwise kernel that uses them.
  private(set) var inlined: Set<Value> = []
  /// Broadcasts and constants that every user reads through an index pattern.
  private(set) var virtual: Set<Value> = []
  /// Values without memory: folded into a convolution.
  private(set) var absorbed: Set<Value> = []
  /// By the last value of each chain.
  private(set) var chains: [Value: ConvolutionChain] = [:]

  private let graph: Graph
  /// Values that a convolution adds to its result, from memory.
  private var residuals: Set<Value> = []
  private var consumers: [Value: [Value]] = [:]
  private let kept: Set<Value>
  private let prefix: (Value) -> Int
  private let block: (Value) -> Int

  /// Plans the kernels of a graph.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - values: The values to compute, in order.
  ///   - kept: Values that somebody reads from memory: outputs and sums over samples.
  ///   - stage: When each value is computed.
  ///   - prefix: Number of axes of each value that count as planes.
  ///   - block: Channels that lie side by side in the layout of each value.
  init(
    _ graph: Graph, values: [Value], kept: Set<Value>, stage: (Value) -> Stage,
    prefix: @escaping (Value) -> Int, block: @escaping (Value) -> Int
  ) {
    self.graph = graph
    self.kept = kept
    self.prefix = prefix
    self.block = block
    for value in values {
      for input in Set(graph[value].inputs) { consumers[input, default: []].append(value) }
    }
    findChains(values, stage: stage)
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
      guard !kept.contains(value), chains[value] == nil, let user = onlyUser(of: value),
        isElementwise(user), !absorbed.contains(user), chains[user] == nil,
        graph.shape(of: user) == graph.shape(of: value), stage(user) == stage(value)
      else { continue }
      inlined.insert(value)
    }
  }

  private func onlyUser(of value: Value) -> Value? {
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
    guard isElementwise(user), !residuals.contains(value) else { return false }
    if case .constant = graph[value].operation { return true }
    return BroadcastPattern(
      from: graph.shape(of: graph[value].inputs[0]), to: graph.shape(of: value),
      prefix: prefix(user), block: block(user)) != nil
  }

  /// Convolutions that end in `+ bias`, `+ residual`, `relu`, each used by the next alone.
  private mutating func findChains(_ values: [Value], stage: (Value) -> Stage) {
    var claimed: Set<Value> = []
    for value in values {
      guard case .convolution = graph[value].operation, stage(value) == .sample else { continue }
      var chain = ConvolutionChain(convolution: value)
      var last = value
      var links: [Value] = []
      while let user = onlyUser(of: last), !claimed.contains(user) {
        let node = graph[user]
        if case .unary(.relu) = node.operation {
          chain.relu = true
          links.append(last)
          last = user
          break
        }
        guard case .add = node.operation, node.inputs[0] != node.inputs[1] else { break }
        let other = node.inputs[0] == last ? node.inputs[1] : node.inputs[0]
        if chain.bias == nil, chain.residual == nil, let vector = channelVector(other) {
          chain.bias = vector
        } else if chain.residual == nil, stage(other) == .sample {
          // Of two convolutions that are added, the later one takes the sum.
          if case .convolution = graph[other].operation, other > value { break }
          if onlyUser(of: other) != nil, case .add = graph[other].operation, other > last { break }
          chain.residual = other
        } else {
          break
        }
        links.append(last)
        last = user
      }
      if last != value {
        chains[last] = chain
        if let residual = chain.residual { residuals.insert(residual) }
        for link in links {
          absorbed.insert(link)
          claimed.insert(link)
        }
        claimed.insert(last)
      }
    }
  }

  /// The vector `[1, c, 1, 1]` behind a broadcast over samples and space.
  private func channelVector(_ value: Value) -> Value? {
    guard case .broadcast = graph[value].operation else { return nil }
    let source = graph[value].inputs[0]
    let shape = graph.shape(of: source)
    let target = graph.shape(of: value)
    return shape.rank == 4 && shape == [1, target[1], 1, 1] ? source : nil
  }
}

/// A broadcast that can be read plane by plane: some leading axes, then the rest.
///
/// The output is walked as `prefix` axes (planes) times the remaining axes. In each part the
/// operand has all elements, or one; or the prefix is `[n, c]` and it has one of the two.
struct BroadcastPattern {
  enum Plane: Hashable {
    case all
    case one
    /// `[n, 1]`: index `p / c`.
    case first
    /// `[1, c]`: index `p % c`.
    case second
  }

  let plane: Plane
  let innerIsOne: Bool

  /// The pattern, or nil when the operand must be written out.
  ///
  /// - Parameters:
  ///   - source: Shape of the operand.
  ///   - target: Shape that it repeats to.
  ///   - prefix: Number of axes that count as planes.
  ///   - block: Channels that lie side by side in the layout of the output.
  init?(from source: Shape, to target: Shape, prefix: Int, block: Int) {
    guard source.rank == target.rank else { return nil }
    func isFull(_ axes: Range<Int>) -> Bool { axes.allSatisfy { source[$0] == target[$0] } }
    func isOne(_ axes: Range<Int>) -> Bool { axes.allSatisfy { source[$0] == 1 } }
    let inner = prefix..<target.rank
    if isFull(inner) && !isOne(inner) || inner.isEmpty {
      innerIsOne = false
    } else if isOne(inner) {
      innerIsOne = true
    } else {
      return nil
    }
    let outer = 0..<prefix
    if isFull(outer) {
      plane = .all
    } else if isOne(outer) {
      plane = .one
    } else if prefix == 2 && source[0] == 1 {
      plane = .second
    } else if prefix == 2 && source[1] == 1 {
      plane = .first
    } else {
      return nil
    }
    // In blocks every pixel has all channels of its block, which one channel cannot give.
    if block > 1 && !innerIsOne && (plane == .one || plane == .first) { return nil }
  }
}
