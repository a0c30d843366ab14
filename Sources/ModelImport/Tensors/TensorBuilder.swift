internal import ComputationGraph
internal import NeuralNetworks

/// Emits the nodes of rules: operations on logical tensors.
///
/// What is known is computed at once; all else becomes nodes. Rules of all dialects are written in terms
/// of these operations, so each works for known numbers and for data alike.
struct TensorBuilder {
  /// Receives the nodes.
  var builder: ModelBuilder
  /// Number of samples.
  let batch: Int
  /// What the program's parameters turned out to be used for.
  private(set) var uses = ParameterUses()
  /// Whether a recurrence over data has a single step.
  var hasRecurrenceOfOneStep = false
  /// The scores of each softmax along the last axis of a tensor.
  var softmaxScores: [Value: LogicalTensor] = [:]

  init(_ builder: ModelBuilder, batch: Int) {
    self.builder = builder
    self.batch = batch
  }

  /// The graph.
  var graph: Graph {
    get { builder.graph }
    _modify { yield &builder.graph }
  }

  // MARK: - Between logical tensors and values

  /// A tensor that is in the graph; known numbers become constants.
  mutating func lift(_ x: LogicalTensor) throws -> (value: Value, isSampled: Bool) {
    switch x.content {
    case .graph(let value, let isSampled): return (value, isSampled)
    case .host(let array):
      try Extents.count(array.shape, known: true)
      return (try graph.constant(array.elements, Shape(array.shape)), false)
    }
  }

  /// Shape in the graph of a tensor of a logical shape.
  func graphShape(_ shape: [Int], isSampled: Bool) -> Shape {
    Shape(isSampled ? [batch] + LogicalTensor.sampleShape(shape) : shape)
  }

  /// A value as a tensor; any value with the right elements in their order will do.
  mutating func tensor(
    _ value: Value, isSampled: Bool, shape: [Int], element: ProgramElement = .real
  ) throws -> LogicalTensor {
    try Extents.count(shape)
    let held = try reshape(value, to: graphShape(shape, isSampled: isSampled))
    return LogicalTensor(held, isSampled: isSampled, shape: shape, element: element)
  }

  /// The value of a tensor with all its axes, after the sample axis where it depends on a sample.
  mutating func whole(_ x: LogicalTensor) throws -> Value {
    let (value, isSampled) = try lift(x)
    return isSampled ? try reshape(value, to: Shape([batch] + x.shape)) : value
  }

  /// The value of a tensor with all axes and a sample axis, repeated for all samples if need be.
  mutating func sampled(_ x: LogicalTensor) throws -> Value {
    let value = try whole(x)
    if x.isSampled { return value }
    return try graph.broadcast(
      reshape(value, to: Shape([1] + x.shape)), to: Shape([batch] + x.shape))
  }

  /// Another shape; of reshapes behind one another only the last one stays.
  mutating func reshape(_ value: Value, to shape: Shape) throws -> Value {
    var value = value
    while case .reshape = graph[value].operation {
      value = graph[value].inputs[0]
    }
    return try graph.reshape(value, to: shape)
  }

  /// The value of a tensor as an operand of an elementwise operation whose result has a shape.
  mutating func operand(
    _ x: LogicalTensor, for shape: [Int], isSampled: Bool
  ) throws -> Value {
    let (value, ownSamples) = try lift(x)
    let full = [Int](repeating: 1, count: shape.count - x.rank) + x.shape
    guard isSampled else {
      return try graph.broadcast(reshape(value, to: Shape(full)), to: Shape(shape))
    }
    var extents = full
    if let unit = LogicalTensor.unitAxis(shape) { extents.remove(at: unit) }
    let aligned = try reshape(value, to: Shape([ownSamples ? batch : 1] + extents))
    let target = graphShape(shape, isSampled: true)
    // With one sample in the batch the shapes are equal although the value is repeated for every sample.
    return try graph.broadcast(aligned, to: target)
  }

  /// Place in the graph of an axis of a tensor; nil where it is the axis that is left out.
  func place(_ axis: Int, of x: LogicalTensor) -> Int? {
    guard x.isSampled else { return axis }
    guard let unit = LogicalTensor.unitAxis(x.shape) else { return axis + 1 }
    return axis == unit ? nil : axis < unit ? axis + 1 : axis
  }

  // MARK: - Uses of parameters

  /// Says that a value is a parameter, or a buffer, of the program.
  mutating func declare(_ value: Value, parameter index: Int, rank: Int) {
    uses.declare(value, parameter: index, rank: rank)
  }

  /// Notes what a tensor does in a layer, if it is a parameter.
  mutating func note(_ x: LogicalTensor?, _ role: ParameterRole, filterAxis: Int = 0) {
    guard let x, case .graph(let value, false) = x.content else { return }
    uses.note(value, role, filterAxis: filterAxis)
  }

  /// Notes that a value is a parameter with its axes in another order.
  mutating func noteTransposition(of value: Value, to result: Value, _ permutation: [Int]) {
    uses.transpose(value, to: result, permutation)
  }

  /// Notes that a data input chooses rows of a table.
  mutating func noteIndices(_ x: LogicalTensor, below bound: Int) {
    if case .graph(let value, _) = x.content { uses.noteIndices(value, below: bound) }
  }
}

/// What parameters do in their layers, found by what consumes them.
struct ParameterUses {
  private struct Origin {
    let parameter: Int
    /// The axis of the parameter that each axis of the value is.
    let axes: [Int]
  }

  private var origins: [Value: Origin] = [:]
  /// What each parameter does, and the axis of its outputs, by number.
  private(set) var roles: [Int: (role: ParameterRole, filterAxis: Int)] = [:]
  /// Smallest number of rows of the tables that values choose from.
  private(set) var bounds: [Value: Int] = [:]

  mutating func declare(_ value: Value, parameter index: Int, rank: Int) {
    origins[value] = Origin(parameter: index, axes: Array(0..<rank))
  }

  mutating func transpose(_ value: Value, to result: Value, _ permutation: [Int]) {
    guard let origin = origins[value], origins[result] == nil else { return }
    origins[result] = Origin(
      parameter: origin.parameter, axes: permutation.map { origin.axes[$0] })
  }

  /// The first use counts: a tied table is an embedding.
  mutating func note(_ value: Value, _ role: ParameterRole, filterAxis: Int) {
    guard let origin = origins[value], roles[origin.parameter] == nil else { return }
    let axis = origin.axes.indices.contains(filterAxis) ? origin.axes[filterAxis] : 0
    roles[origin.parameter] = (role, axis)
  }

  mutating func noteIndices(_ value: Value, below bound: Int) {
    bounds[value] = min(bounds[value] ?? bound, bound)
  }
}
