internal import ComputationGraph

/// The same elements in other places.
extension TensorBuilder {
  /// Another shape with as many elements; one extent may be -1.
  mutating func reshape(_ x: LogicalTensor, to target: [Int]) throws -> LogicalTensor {
    var shape = target
    if let free = shape.firstIndex(of: -1) {
      let known = try Extents.count(shape.enumerated().filter { $0.offset != free }.map(\.element))
      guard known > 0, x.count % known == 0 else {
        throw Refusal("\(x.shape) cannot be viewed as \(target)")
      }
      shape[free] = x.count / known
    }
    guard try Extents.count(shape) == x.count else {
      throw Refusal("\(x.shape) cannot be viewed as \(target)")
    }
    switch x.content {
    case .host(let array): return LogicalTensor(array.reshaped(shape))
    case .graph(let value, let isSampled):
      return try tensor(value, isSampled: isSampled, shape: shape, element: x.element)
    }
  }

  /// Axes in another order.
  mutating func permute(_ x: LogicalTensor, _ permutation: [Int]) throws -> LogicalTensor {
    let axes = try permutation.map { try x.axis($0) }
    guard axes.sorted() == Array(0..<x.rank) else {
      throw Refusal("\(permutation) is no order of the axes of \(x.shape)")
    }
    let shape = axes.map { x.shape[$0] }
    switch x.content {
    case .host(let array): return LogicalTensor(array.transposed(axes))
    case .graph(let value, isSampled: false):
      let result = try graph.transpose(value, axes)
      noteTransposition(of: value, to: result, axes)
      return LogicalTensor(result, isSampled: false, shape: shape, element: x.element)
    case .graph(let value, isSampled: true):
      // Axes of extent 1 go anywhere for nothing: only the others are moved.
      let places = axes.filter { x.shape[$0] != 1 }
      let ordered = places.sorted()
      let squeezed = try reshape(value, to: Shape([batch] + ordered.map { x.shape[$0] }))
      let order = places.map { (ordered.firstIndex(of: $0) ?? 0) + 1 }
      return try tensor(
        graph.transpose(squeezed, [0] + order), isSampled: true, shape: shape,
        element: x.element)
    }
  }

  /// Two axes exchanged.
  mutating func swapAxes(_ x: LogicalTensor, _ a: Int, _ b: Int) throws -> LogicalTensor {
    if x.rank == 0 { return x }
    var order = Array(0..<x.rank)
    try order.swapAt(x.axis(a), x.axis(b))
    return try permute(x, order)
  }

  /// Axes of extent 1 repeated, and axes added in front, up to a shape; -1 keeps an extent.
  mutating func expand(_ x: LogicalTensor, to target: [Int]) throws -> LogicalTensor {
    let added = target.count - x.rank
    guard added >= 0 else { throw Refusal("\(x.shape) does not expand to \(target)") }
    let shape = try target.indices.map { axis in
      let own = axis < added ? 1 : x.shape[axis - added]
      guard target[axis] == -1 && axis >= added || own == target[axis] || own == 1 else {
        throw Refusal("\(x.shape) does not expand to \(target)")
      }
      return target[axis] == -1 ? own : target[axis]
    }
    if shape == x.shape { return x }
    try Extents.count(shape, known: x.host != nil)
    switch x.content {
    case .host(let array): return LogicalTensor(array.broadcast(to: shape))
    case .graph(_, let isSampled):
      return LogicalTensor(
        try operand(x, for: shape, isSampled: isSampled), isSampled: isSampled, shape: shape,
        element: x.element)
    }
  }

  /// `count` elements of an axis from `start` on, every `step`-th.
  mutating func slice(
    _ x: LogicalTensor, axis: Int, start: Int, count: Int, step: Int = 1
  ) throws -> LogicalTensor {
    let axis = try x.axis(axis)
    guard x.rank > 0, start >= 0, step >= 1, count >= 0, count <= x.shape[axis],
      count == 0 || start < x.shape[axis],
      count <= 1 || step <= x.shape[axis] && start + (count - 1) * step < x.shape[axis]
    else { throw Refusal("slice \(start), \(count), \(step) of axis \(axis) of \(x.shape)") }
    var shape = x.shape
    shape[axis] = count
    if shape == x.shape { return x }
    if let array = x.host {
      return LogicalTensor(array.slice(axis: axis, start: start, count: count, step: step))
    }
    guard count > 0 else {
      return LogicalTensor(HostArray([], shape: shape, element: x.element))
    }
    let (value, isSampled) = try lift(x)
    let place = place(axis, of: x) ?? 0
    let extents = graph.shape(of: value)
    var (starts, strides) = (
      [Int](repeating: 0, count: extents.rank), [Int](repeating: 1, count: extents.rank)
    )
    starts[place] = start
    strides[place] = step
    let part = try graph.slice(
      value, starts: starts, strides: strides,
      sizes: extents.replacing(axis: place, with: count).dimensions)
    return try tensor(part, isSampled: isSampled, shape: shape, element: x.element)
  }

  /// A slice as Python writes it, with ends from the end and beyond it.
  mutating func slice(
    _ x: LogicalTensor, axis: Int, from start: Int?, to end: Int?, step: Int
  ) throws -> LogicalTensor {
    guard x.rank > 0 else { throw Refusal("slice of a single number") }
    let extent = x.shape[try x.axis(axis)]
    func bound(_ value: Int, _ low: Int, _ high: Int) -> Int {
      min(max(value < 0 ? max(value, -extent - 1) + extent : value, low), high)
    }
    if step < 0 {
      guard step > -(1 << 31) else { throw Refusal("slice with step \(step)") }
      let first = bound(start ?? .max, -1, extent - 1)
      let last = end.map { bound($0, -1, extent - 1) } ?? -1
      try Extents.known(extent)
      return try gather(
        x, axis: axis, indices: Array(stride(from: first, to: last, by: step)))
    }
    guard step > 0 else { throw Refusal("slice with step 0") }
    let (first, last) = (bound(start ?? 0, 0, extent), bound(end ?? .max, 0, extent))
    let count = last > first ? (last - first - 1) / step + 1 : 0
    return try slice(x, axis: axis, start: first, count: count, step: step)
  }

  /// One index of an axis, which goes away.
  mutating func select(_ x: LogicalTensor, axis: Int, index: Int) throws -> LogicalTensor {
    let axis = try x.axis(axis)
    guard x.rank > 0, (-x.shape[axis]..<x.shape[axis]).contains(index) else {
      throw Refusal("index \(index) of axis \(axis) of \(x.shape)")
    }
    let part = try slice(
      x, axis: axis, start: index < 0 ? index + x.shape[axis] : index, count: 1)
    var shape = x.shape
    shape.remove(at: axis)
    return try reshape(part, to: shape)
  }

  /// An axis of extent 1 more.
  mutating func unsqueeze(_ x: LogicalTensor, axis: Int) throws -> LogicalTensor {
    guard (-x.rank - 1...x.rank).contains(axis) else {
      throw Refusal("axis \(axis) does not exist beside those of \(x.shape)")
    }
    var shape = x.shape
    shape.insert(1, at: axis < 0 ? axis + x.rank + 1 : axis)
    return try reshape(x, to: shape)
  }

  /// Axes of extent 1 taken away: some, or all; others stay.
  mutating func squeeze(_ x: LogicalTensor, axes: [Int]?) throws -> LogicalTensor {
    let chosen = try axes.map { try $0.map { try x.axis($0) } } ?? Array(0..<x.rank)
    let shape = x.shape.enumerated().filter { !(chosen.contains($0.offset) && $0.element == 1) }
    return try reshape(x, to: shape.map(\.element))
  }

  /// Tensors behind one another along an axis.
  mutating func concatenate(_ parts: [LogicalTensor], axis: Int) throws -> LogicalTensor {
    // PyTorch and ONNX pass over empty tensors.
    let parts = parts.filter { $0.count > 0 || parts.count == 1 }
    guard let first = parts.first else { return LogicalTensor(HostArray(integers: [])) }
    let axis = try first.axis(axis)
    var shape = first.shape
    for part in parts {
      guard part.rank == first.rank, first.rank > 0,
        part.shape.indices.allSatisfy({ $0 == axis || part.shape[$0] == first.shape[$0] })
      else { throw Refusal("\(part.shape) does not go behind \(first.shape)") }
    }
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    try Extents.count(shape, known: parts.allSatisfy { $0.host != nil })
    let element = parts.dropFirst().reduce(first.element) { Self.joined($0, $1.element) }
    if parts.count == 1 { return first }
    let arrays = parts.compactMap(\.host)
    if arrays.count == parts.count {
      return LogicalTensor(Self.joined(arrays, axis: axis, shape: shape, element: element))
    }
    let isSampled = parts.contains(where: \.isSampled)
    guard isSampled else {
      let values = try parts.map { try whole($0) }
      return LogicalTensor(
        try graph.concatenate(values, axis: axis), isSampled: false, shape: shape,
        element: element)
    }
    // The axis that all parts leave out in the graph, if it is not the one they are joined along.
    if let unit = LogicalTensor.unitAxis(shape), unit != axis {
      let values = try parts.map { part in try operand(part, for: part.shape, dropping: unit) }
      let joined = try graph.concatenate(values, axis: axis < unit ? axis + 1 : axis)
      return try tensor(joined, isSampled: true, shape: shape, element: element)
    }
    let values = try parts.map { try sampled($0) }
    let joined = try graph.concatenate(values, axis: axis + 1)
    return try tensor(joined, isSampled: true, shape: shape, element: element)
  }

  /// A tensor with a sample axis and without one of its axes of extent 1.
  private mutating func operand(
    _ x: LogicalTensor, for shape: [Int], dropping unit: Int
  ) throws -> Value {
    var extents = shape
    extents.remove(at: unit)
    return try reshape(sampled(x), to: Shape([batch] + extents))
  }

  private static func joined(
    _ arrays: [HostArray], axis: Int, shape: [Int], element: ProgramElement
  ) -> HostArray {
    let outer = shape[..<axis].reduce(1, *)
    let all = arrays.map(\.elements)
    var elements: [Double] = []
    elements.reserveCapacity(shape.reduce(1, *))
    for index in 0..<outer {
      for part in all {
        let length = part.count / max(outer, 1)
        elements += part[index * length..<(index + 1) * length]
      }
    }
    return HostArray(elements, shape: shape, element: element)
  }

  /// The parts of an axis, of given sizes.
  mutating func split(
    _ x: LogicalTensor, sizes: [Int], axis: Int
  ) throws -> [LogicalTensor] {
    let axis = try x.axis(axis)
    guard x.rank > 0, sizes.allSatisfy({ (0...x.shape[axis]).contains($0) }),
      sizes.reduce(0, { min($0 + $1, Extents.maximum) }) == x.shape[axis]
    else {
      throw Refusal("\(x.shape) does not split into \(sizes)")
    }
    try Extents.parts(sizes.count)
    var start = 0
    return try sizes.map { size in
      defer { start += size }
      return try slice(x, axis: axis, start: start, count: size)
    }
  }

  /// Parts of an axis of one size, the last one smaller if need be.
  mutating func split(
    _ x: LogicalTensor, size: Int, axis: Int
  ) throws -> [LogicalTensor] {
    let extent = x.rank > 0 ? x.shape[try x.axis(axis)] : 0
    guard size >= 1 else { throw Refusal("parts of size \(size)") }
    try Extents.parts(extent / size)
    let sizes = stride(from: 0, to: extent, by: size).map { min(size, extent - $0) }
    return try split(x, sizes: sizes, axis: axis)
  }
}
