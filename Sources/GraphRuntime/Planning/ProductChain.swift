internal import ComputationGraph

/// How much of what follows a product of samples its kernel does itself.
enum ProductFusion: Hashable {
  /// Nothing.
  case nothing
  /// `relu(product + bias + residual)`.
  case sums
  /// Another product alike is added, and the result is gated, too.
  case everything
}

/// What a convolution, a matrix product or a gradient of one is to the samples.
enum ProductRole: Hashable {
  /// Each sample is multiplied by the same operand: forward passes and gradients by inputs.
  case ofSamples(ProductFusion)
  /// It sums over samples, as gradients by weights do; whether one kernel adds two alike.
  case sumOverSamples(takesTerms: Bool)
}

/// What a product of samples absorbs: `gate(relu(sum of products + bias + residual))`.
struct ProductChain {
  /// Products alike; more than one only where the kernels add them up.
  var products: [Value]
  /// Vector with one number per channel or column that is added, before it is broadcast.
  var bias: Value?
  var residual: Value?
  var relu = false
  /// What the result is gated by.
  var gate: Value?

  /// Takes one more operation into the chain; false where it cannot.
  mutating func absorb(
    _ user: Value, after last: Value, fusion: ProductFusion, plan: FusionPlan,
    claimed: Set<Value>
  ) -> Bool {
    let node = plan.graph[user]
    // What is gated or rectified is finished.
    if gate != nil || relu { return false }
    switch node.operation {
    case .unary(.relu):
      relu = true
      return true
    case .gate:
      guard fusion == .everything, node.inputs[0] == last, node.inputs[1] != last,
        plan.stage(node.inputs[1]) == .sample
      else { return false }
      gate = node.inputs[1]
      return true
    case .add where node.inputs[0] != node.inputs[1]:
      return absorbTerm(
        node.inputs[0] == last ? node.inputs[1] : node.inputs[0], sum: user, after: last,
        fusion: fusion, plan: plan, claimed: claimed)
    default: return false
    }
  }

  /// Takes the other summand of a sum into the chain.
  private mutating func absorbTerm(
    _ other: Value, sum: Value, after last: Value, fusion: ProductFusion, plan: FusionPlan,
    claimed: Set<Value>
  ) -> Bool {
    if bias == nil, let vector = biasVector(other, plan.graph) {
      bias = vector
      return true
    }
    guard plan.stage(other) == .sample else { return false }
    let isAlone = plan.onlyUser(of: other) == sum
    if fusion == .everything, isAlone, products.count == 1, !claimed.contains(other),
      FusionPlan.isAlike(plan.graph, other, products[0])
    {
      products.append(other)
      return true
    }
    guard residual == nil else { return false }
    // Of two products that are added, the later one takes the sum.
    if isAlone, Self.canHoldSum(other, plan), other > last { return false }
    residual = other
    return true
  }

  /// The vector behind a broadcast over everything but channels or columns.
  private func biasVector(_ value: Value, _ graph: Graph) -> Value? {
    guard case .broadcast = graph[value].operation else { return nil }
    let source = graph[value].inputs[0]
    let shape = graph.shape(of: value)
    var axis = 1
    if case .matrixProduct = graph[products[0]].operation { axis = shape.rank - 1 }
    var vector = [Int](repeating: 1, count: shape.rank)
    vector[axis] = shape[axis]
    return graph.shape(of: source) == Shape(vector) ? source : nil
  }

  /// Whether a value that is added to a product may end a chain that takes the sum itself.
  private static func canHoldSum(_ value: Value, _ plan: FusionPlan) -> Bool {
    if case .add = plan.graph[value].operation { return true }
    guard case .ofSamples(let fusion)? = plan.role(value) else { return false }
    return fusion != .nothing
  }
}
