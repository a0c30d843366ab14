/// Handle of a tensor in a `Graph`: the number of the node that makes it.
public struct Value: Hashable, Sendable, Comparable {
  /// Position of the node; inputs of a node always come before it.
  public let index: Int

  /// Order of creation.
  public static func < (a: Value, b: Value) -> Bool { a.index < b.index }
}

/// Where the data of an input comes from; decides when a node has to be computed again.
public enum InputRole: Hashable, Sendable {
  /// Weights that derivatives are taken by.
  case parameter
  /// Values that belong to the network but are no parameters (running statistics).
  case buffer
  /// A tangent or other vector in the space of the parameters.
  case direction
  /// Data of the samples; the first axis is the sample.
  ///
  /// Integers (labels, tokens) are given as numbers too, exact below 2^24; see `Take`.
  case batch
}

/// One tensor of a graph: an operation on earlier tensors.
package struct Node: Hashable, Sendable {
  /// What is computed.
  package let operation: Operation
  /// The tensors that it is computed from.
  package let inputs: [Value]
  /// Shape of the result.
  package let shape: Shape
}

/// Static graph of closed primitives over tensors with fixed shapes.
///
/// Append-only: transforms (gradient, tangent) add nodes to the same graph. Equal nodes are
/// created once. The graph owns no memory and knows no hardware.
public struct Graph: Sendable {
  /// All nodes, in an order in which they can be computed.
  package private(set) var nodes: [Node] = []
  private var existing: [Node: Value] = [:]
  /// Whether each node depends on an input of the role `batch`.
  private var dependsOnBatch: [Bool] = []
  /// Whether the batch has a single sample.
  private var hasOneSample = false

  /// Creates an empty graph.
  package init() {}

  /// The node that makes a value.
  package subscript(value: Value) -> Node { nodes[value.index] }

  /// Shape of a value.
  public func shape(of value: Value) -> Shape { nodes[value.index].shape }

  /// All inputs in the order of their creation.
  package var inputs: [(value: Value, name: String, role: InputRole)] {
    nodes.indices.compactMap { index in
      guard case .input(let input) = nodes[index].operation else { return nil }
      return (Value(index: index), input.name, input.role)
    }
  }

  /// Adds an operation, or finds the equal one that exists.
  ///
  /// - Throws: `ShapeError` when the operation does not accept the shapes of its inputs, or a shape is beyond
  ///   any memory.
  package mutating func append(
    _ operation: Operation, _ inputs: [Value]
  ) throws(ShapeError) -> Value {
    var shapes: [Shape] = []
    for input in inputs {
      precondition(input.index < nodes.count, "value of another graph")
      let shape = nodes[input.index].shape
      // Inputs are registered as descriptions of networks say; nothing has looked at their sizes.
      if case .input = nodes[input.index].operation { try Self.check(shape) }
      shapes.append(shape)
    }
    let shape = try operation.outputShape(of: shapes)
    try Self.check(shape)
    let node = Node(operation: operation, inputs: inputs, shape: shape)
    if let value = existing[node] { return value }
    dependsOnBatch.append(inputs.contains { dependsOnBatch[$0.index] })
    return add(node)
  }

  private static func check(_ shape: Shape) throws(ShapeError) {
    guard shape.isPossible else {
      throw ShapeError("size", "a tensor of the shape \(shape) does not fit into any memory")
    }
  }

  private mutating func add(_ node: Node) -> Value {
    let value = Value(index: nodes.count)
    nodes.append(node)
    existing[node] = value
    return value
  }

  /// Adds an input; a name may be used once.
  package mutating func input(_ name: String, _ shape: Shape, role: InputRole) -> Value {
    let node = Node(
      operation: .input(Input(name: name, role: role, shape: shape)), inputs: [], shape: shape)
    precondition(existing[node] == nil, "input \(name) exists")
    dependsOnBatch.append(role == .batch)
    if role == .batch, shape.rank > 0, shape[0] == 1 { hasOneSample = true }
    return add(node)
  }

  /// Whether a value depends on data of the samples.
  func dependsOnSamples(_ value: Value) -> Bool { dependsOnBatch[value.index] }

  /// Whether the first axis of a value, of extent 1, may be the axis of the samples.
  ///
  /// A batch of one sample stands for one of any number: what is repeated for every sample and what
  /// is summed over samples says so, though neither changes a shape. Runtimes that run micro-batches
  /// would otherwise not see the sum.
  func mayCountOneSample(_ value: Value) -> Bool {
    hasOneSample && dependsOnBatch[value.index] && shape(of: value).dimensions.first == 1
  }

  /// Whether repeating a value to its own shape may mean to repeat it for the only sample.
  func mayRepeatForOneSample(_ value: Value) -> Bool {
    hasOneSample && !dependsOnBatch[value.index] && shape(of: value).dimensions.first == 1
  }

  /// Values that `outputs` are computed from, themselves included, in order of computation.
  package func reachable(from outputs: [Value]) -> [Value] {
    var needed = [Bool](repeating: false, count: nodes.count)
    for output in outputs { needed[output.index] = true }
    for index in nodes.indices.reversed() where needed[index] {
      for input in nodes[index].inputs { needed[input.index] = true }
    }
    return nodes.indices.filter { needed[$0] }.map { Value(index: $0) }
  }

  /// For every node, whether it depends on one of `sources`.
  package func dependence(on sources: [Value]) -> [Bool] {
    var depends = [Bool](repeating: false, count: nodes.count)
    for source in sources { depends[source.index] = true }
    for index in nodes.indices where !depends[index] {
      depends[index] = nodes[index].inputs.contains { depends[$0.index] }
    }
    return depends
  }
}
