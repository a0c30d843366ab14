internal import ComputationGraph

/// What is lowered as a whole.
enum FusedValue: Hashable {
  /// One value, with what was fused into its kernel.
  case value(Value)
  /// The group of operations on rows with a number.
  case rows(Int)
}

/// Decides which values get memory of their own and which live only inside a fused kernel.
struct FusionPlan {
  /// Values without memory: folded into the elementwise kernel that uses them.
  private(set) var inlined: Set<Value> = []
  /// Broadcasts and constants that every user reads through an index pattern.
  private(set) var virtual: Set<Value> = []
  /// Values without memory: folded into a product.
  private(set) var absorbed: Set<Value> = []
  /// By the last value of each chain.
  private(set) var chains: [Value: ProductChain] = [:]

  let graph: Graph
  /// Groups of operations on rows.
  private(set) var rows: RowRegions
  /// Sums of weight gradients that one kernel computes, and their terms.
  private(set) var gradientSums: [Value: [Value]] = [:]
  /// Sums of a table's gradient by its rows and of something else, with the former.
  private(set) var scatterSums: [Value: Value] = [:]
  /// Values that the epilogue of a product reads from memory.
  private var fromMemory: Set<Value> = []
  private var consumers: [Value: [Value]] = [:]
  private let kept: Set<Value>
  private let prefix: (Value) -> Int
  private let block: (Value) -> Int
  let stage: (Value) -> Stage
  /// What each product is, nil for other operations.
  let role: (Value) -> ProductRole?

  /// Plans the kernels of a graph.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - values: The values to compute, in order.
  ///   - kept: Values that somebody reads from memory: outputs and sums over samples.
  ///   - stage: When each value is computed.
  ///   - prefix: Number of axes of each value that count as planes.
  ///   - block: Channels that lie side by side in the layout of each value.
  ///   - isInRows: Whether a value consists of rows along its last axis that belong to samples.
  ///   - rowKind: What values must have in common that one kernel for rows computes.
  ///   - role: What each product is, nil for other operations.
  init(
    _ graph: Graph, values: [Value], kept: Set<Value>, stage: @escaping (Value) -> Stage,
    prefix: @escaping (Value) -> Int, block: @escaping (Value) -> Int,
    isInRows: (Value) -> Bool, rowKind: (Value) -> Int,
    role: @escaping (Value) -> ProductRole?
  ) {
    self.graph = graph
    self.kept = kept
    self.prefix = prefix
    self.block = block
    self.stage = stage
    self.role = role
    rows = RowRegions(graph)
    for value in values {
      for input in Set(graph[value].inputs) { consumers[input, default: []].append(value) }
    }
    findChains(values)
    findGradientSums(values)
    findScatterSums(values)
    for value in values where !kept.contains(value) {
      switch graph[value].operation {
      case .broadcast, .constant:
        let users = consumers[value] ?? []
        if users.allSatisfy({ readsThroughPattern($0, value) }) { virtual.insert(value) }
      default: break
      }
    }
    let others = absorbed.union(chains.keys).union(gradientSums.keys).union(scatterSums.keys)
    let readThroughPatterns = virtual
    rows = RowRegions(
      graph, values: values, kept: kept, consumers: consumers,
      isCandidate: { !others.contains($0) && isInRows($0) && isRowOperation($0, isInRows) },
      isVirtual: { readThroughPatterns.contains($0) }, kind: rowKind)
    // Backwards, so that the user of a value is decided before it.
    for value in values.reversed()
    where isElementwise(value) && !others.contains(value) && rows.region(of: value) == nil {
      guard !kept.contains(value), let user = onlyUser(of: value), isElementwise(user),
        !others.contains(user), rows.region(of: user) == nil,
        graph.shape(of: user) == graph.shape(of: value), stage(user) == stage(value)
      else { continue }
      inlined.insert(value)
    }
  }

  func onlyUser(of value: Value) -> Value? {
    guard !kept.contains(value), let users = consumers[value], users.count == 1 else { return nil }
    return users[0]
  }

  func isElementwise(_ value: Value) -> Bool {
    switch graph[value].operation {
    case .add, .multiply, .affine, .unary, .gate: true
    default: false
    }
  }

  /// Whether an operation treats every row by itself.
  ///
  /// The softmax of a loss is left out: like the loss itself it is computed in `Double`.
  private func isRowOperation(_ value: Value, _ isInRows: (Value) -> Bool) -> Bool {
    let input = graph[value].inputs.first ?? value
    switch graph[value].operation {
    case .add, .multiply, .affine, .unary, .gate: return true
    case .reduceSum(let p): return p.axes == [graph.shape(of: input).rank - 1] && isInRows(input)
    case .softmax:
      return !(consumers[input] ?? []).contains {
        switch graph[$0].operation {
        case .logSoftmax, .logSumExp: true
        default: false
        }
      }
    default: return false
    }
  }

  /// The values in an order in which groups of operations on rows come as a whole, at their last
  /// members.
  func order(_ values: [Value]) -> [FusedValue] {
    var result: [FusedValue] = []
    var isDone = [Bool](repeating: false, count: graph.nodes.count)
    var regionsDone: Set<Int> = []
    func visit(_ value: Value) {
      if let number = rows.region(of: value) {
        guard regionsDone.insert(number).inserted else { return }
        for member in rows.regions[number].members {
          for input in graph[member].inputs
          where rows.region(of: rows.operandSource(of: input)) != number { visit(input) }
        }
        result.append(.rows(number))
        return
      }
      guard !isDone[value.index] else { return }
      isDone[value.index] = true
      graph[value].inputs.forEach(visit)
      result.append(.value(value))
    }
    values.forEach(visit)
    return result
  }

  /// Whether `user` reads a broadcast without having it in memory.
  private func readsThroughPattern(_ user: Value, _ value: Value) -> Bool {
    guard isElementwise(user), !fromMemory.contains(value) else { return false }
    if case .constant = graph[value].operation { return true }
    return BroadcastPattern(
      from: graph.shape(of: graph[value].inputs[0]), to: graph.shape(of: value),
      prefix: prefix(user), block: block(user)) != nil
  }

  /// Products that end in `+ bias`, `+ residual`, `relu`, `gate`, each used by the next alone.
  private mutating func findChains(_ values: [Value]) {
    var claimed: Set<Value> = []
    for value in values where stage(value) == .sample && !claimed.contains(value) {
      guard case .ofSamples(let fusion)? = role(value), fusion != .nothing else { continue }
      var chain = ProductChain(products: [value])
      var last = value
      var links: [Value] = []
      while let user = onlyUser(of: last), !claimed.contains(user),
        chain.absorb(user, after: last, fusion: fusion, plan: self, claimed: claimed)
      {
        links.append(last)
        last = user
      }
      guard last != value else { continue }
      links += chain.products.dropFirst()
      chains[last] = chain
      fromMemory.formUnion([chain.residual, chain.gate].compactMap { $0 })
      absorbed.formUnion(links)
      claimed.formUnion(links)
      claimed.insert(last)
    }
  }

  /// Sums of two weight gradients alike, used by the sum alone.
  private mutating func findGradientSums(_ values: [Value]) {
    for value in values where stage(value) == .sample {
      guard let terms = Self.gradientTerms(graph, value),
        terms.allSatisfy({
          onlyUser(of: $0) == value && role($0) == .sumOverSamples(takesTerms: true)
        })
      else { continue }
      gradientSums[value] = terms
      absorbed.formUnion(terms)
    }
  }

  /// Slices that samples add up in a table are added to the other summand right away: a table of an own
  /// would mostly hold zeros.
  private mutating func findScatterSums(_ values: [Value]) {
    for value in values where stage(value) == .sample && !absorbed.contains(value) {
      guard case .add = graph[value].operation, chains[value] == nil, gradientSums[value] == nil
      else { continue }
      let terms = graph[value].inputs
      guard terms[0] != terms[1],
        let slices = terms.first(where: {
          guard case .scatterAdd(let p) = graph[$0].operation else { return false }
          return p.batchAxes == 0 && stage($0) == .sample && onlyUser(of: $0) == value
        })
      else { continue }
      scatterSums[value] = slices
      absorbed.insert(slices)
    }
  }

  /// The two weight gradients alike that a value is the sum of.
  ///
  /// Of matrix products those count that could be sums over samples; whether they are, `role` knows.
  static func gradientTerms(_ graph: Graph, _ value: Value) -> [Value]? {
    let node = graph[value]
    guard case .add = node.operation, node.inputs[0] != node.inputs[1] else { return nil }
    for input in node.inputs {
      switch graph[input].operation {
      case .convolutionFilterGradient: break
      case .matrixProduct(let p) where p.transposeA && !p.transposeB: break
      default: return nil
      }
    }
    return isAlike(graph, node.inputs[0], node.inputs[1]) ? node.inputs : nil
  }

  /// Whether two nodes do the same operation on operands of the same shapes.
  static func isAlike(_ graph: Graph, _ a: Value, _ b: Value) -> Bool {
    graph[a].operation == graph[b].operation
      && graph[a].inputs.map { graph.shape(of: $0) } == graph[b].inputs.map { graph.shape(of: $0) }
  }
}
