internal import ComputationGraph
internal import NeuralNetworks

/// Elements by indices, known ones and those that are data.
extension TensorBuilder {
  /// The elements at known indices of an axis; negative ones count from the end.
  mutating func gather(
    _ x: LogicalTensor, axis: Int, indices: [Int]
  ) throws -> LogicalTensor {
    let axis = try x.axis(axis)
    guard x.rank > 0 else { throw Refusal("indices into a single number") }
    let extent = x.shape[axis]
    guard indices.allSatisfy({ (-extent..<extent).contains($0) }) else {
      throw Refusal("an index is outside axis \(axis) of \(x.shape)")
    }
    let indices = indices.map { $0 < 0 ? $0 + extent : $0 }
    if let first = indices.first, indices.count <= 1 || indices[1] > first {
      let step = indices.count > 1 ? indices[1] - first : 1
      if indices == Array(stride(from: first, to: first + step * indices.count, by: step)) {
        return try slice(x, axis: axis, start: first, count: indices.count, step: step)
      }
    }
    var shape = x.shape
    shape[axis] = indices.count
    try Extents.count(shape, known: x.host != nil)
    if let array = x.host {
      let parts = indices.map { LogicalTensor(array.slice(axis: axis, start: $0, count: 1)) }
      return parts.isEmpty
        ? LogicalTensor(HostArray([], shape: shape, element: x.element))
        : try concatenate(parts, axis: axis)
    }
    guard !indices.isEmpty else {
      return LogicalTensor(HostArray([], shape: shape, element: x.element))
    }
    let (held, isSampled) = try lift(x)
    let place = place(axis, of: x)
    let value = place == nil ? try whole(x) : held
    let result = try graph.gather(value, axis: place ?? axis + 1, indices: indices)
    return try tensor(result, isSampled: isSampled, shape: shape, element: x.element)
  }

  /// Elements added at known indices of an axis of zeros.
  mutating func scatter(
    _ x: LogicalTensor, axis: Int, indices: [Int], extent: Int
  ) throws -> LogicalTensor {
    let axis = try x.axis(axis)
    guard x.rank > 0, indices.count == x.shape[axis], extent >= 1,
      indices.allSatisfy({ (-extent..<extent).contains($0) })
    else { throw Refusal("indices do not fit axis \(axis) of \(x.shape)") }
    let indices = indices.map { $0 < 0 ? $0 + extent : $0 }
    var shape = x.shape
    shape[axis] = extent
    try Extents.count(shape)
    let (_, isSampled) = try lift(x)
    let result = try graph.scatter(
      whole(x), axis: isSampled ? axis + 1 : axis, indices: indices, extent: extent)
    return try tensor(result, isSampled: isSampled, shape: shape, element: x.element)
  }

  /// Rows of a table `[v, d..]` by indices `[q..]`; the row `padding` gets no gradient.
  mutating func embedding(
    _ table: LogicalTensor, indices: LogicalTensor, padding: Int?
  ) throws -> LogicalTensor {
    guard table.rank >= 1 else { throw Refusal("a table without rows") }
    note(table, .embedding)
    noteIndices(indices, below: table.shape[0])
    let shape = indices.shape + table.shape.dropFirst()
    try Extents.count(shape)
    if let known = indices.host?.integers {
      let rows = try gather(table, axis: 0, indices: known)
      return try reshape(rows, to: shape)
    }
    guard !table.isSampled, indices.host == nil else {
      throw Refusal("a table that depends on the sample")
    }
    let (value, isSampled) = try lift(indices)
    let rows = try graph.embedding(
      lift(table).value, indices: value, padding: table.rank == 2 ? padding : nil)
    return try tensor(rows, isSampled: isSampled, shape: shape, element: table.element)
  }

  /// `x[.., i[.., q, ..], ..]`: an element for every index, all other axes going together.
  ///
  /// PyTorch's `gather`, ONNX' `GatherElements`.
  mutating func gatherElements(
    _ x: LogicalTensor, axis: Int, indices: LogicalTensor
  ) throws -> LogicalTensor {
    let axis = try x.axis(axis)
    guard x.rank == indices.rank, x.rank > 0, x.count > 0,
      x.shape.indices.allSatisfy({ $0 == axis || indices.shape[$0] <= x.shape[$0] })
    else { throw Refusal("indices \(indices.shape) do not fit \(x.shape)") }
    var source = x
    for other in 0..<x.rank where other != axis {
      source = try slice(source, axis: other, start: 0, count: indices.shape[other])
    }
    let order = (0..<x.rank).filter { $0 != axis } + [axis]
    let inverse = (0..<x.rank).map { order.firstIndex(of: $0) ?? 0 }
    let columns = try permute(source, order)
    let chosen = try wrapped(permute(indices, order), below: x.shape[axis])
    let result = try take(columns, chosen, batchAxes: x.rank - 1)
    return try permute(result, inverse)
  }

  /// Elements of `x`, `[b.., m, r..]`, at `i`, `[b.., q..]`: `[b.., q.., r..]`.
  mutating func take(
    _ x: LogicalTensor, _ indices: LogicalTensor, batchAxes: Int
  ) throws -> LogicalTensor {
    let shape = indices.shape + x.shape.dropFirst(batchAxes + 1)
    try Extents.count(shape, known: x.host != nil && indices.host != nil)
    if let array = x.host, let known = indices.host?.integers {
      return LogicalTensor(
        Self.take(array, known, indices.shape, batchAxes: batchAxes, shape: shape))
    }
    let isSampled = x.isSampled || indices.isSampled
    let value: Value
    if isSampled && (x.isSampled || batchAxes > 0) {
      value = try graph.take(sampled(x), sampled(indices), batchAxes: batchAxes + 1)
    } else {
      value = try graph.take(whole(x), whole(indices), batchAxes: batchAxes)
    }
    return try tensor(value, isSampled: isSampled, shape: shape, element: x.element)
  }

  private static func take(
    _ x: HostArray, _ indices: [Int], _ indexShape: [Int], batchAxes: Int, shape: [Int]
  ) -> HostArray {
    let batches = x.shape[..<batchAxes].reduce(1, *)
    let extent = x.shape[batchAxes]
    let row = x.shape[(batchAxes + 1)...].reduce(1, *)
    let elements = x.elements
    let perBatch = batches == 0 ? 0 : indices.count / batches
    var result: [Double] = []
    for batch in 0..<batches {
      for place in 0..<perBatch {
        let index = indices[batch * perBatch + place]
        let start = (batch * extent + index) * row
        result +=
          (0..<extent).contains(index)
          ? Array(elements[start..<start + row]) : [Double](repeating: .nan, count: row)
      }
    }
    return HostArray(result, shape: shape, element: x.element)
  }

  /// Indices that count from the end where they are negative, as numbers from 0.
  private mutating func wrapped(
    _ indices: LogicalTensor, below extent: Int
  ) throws -> LogicalTensor {
    if let array = indices.host {
      let elements = array.elements.map { $0 < 0 ? $0 + Double(extent) : $0 }
      return LogicalTensor(HostArray(elements, shape: array.shape, element: .integer))
    }
    let isNegative = try isGreater(with(number(0), element: .integer), indices)
    return try add(indices, isNegative, scale: Double(extent))
  }

  /// Elements by lists of indices of some axes, as `x[i, :, j]`; nil takes all of an axis.
  mutating func index(
    _ x: LogicalTensor, _ given: [LogicalTensor?]
  ) throws -> LogicalTensor {
    var (x, given) = (x, given)
    // Truth values choose where they hold; that gives a shape only if they are known.
    var axis = 0
    while axis < given.count {
      guard let mask = given[axis], mask.element == .boolean else {
        axis += 1
        continue
      }
      guard let known = mask.host, mask.rank >= 1, axis + mask.rank <= x.rank,
        Array(x.shape[axis..<axis + mask.rank]) == mask.shape
      else { throw Refusal("indices that are truth values of data: how many depends on data") }
      let places = known.elements.enumerated().filter { $0.element != 0 }.map(\.offset)
      let merged = Array(x.shape[..<axis]) + [mask.count] + x.shape[(axis + mask.rank)...]
      x = try reshape(x, to: merged)
      given[axis] = LogicalTensor(HostArray(integers: places))
      axis += 1
    }
    guard given.count <= x.rank else { throw Refusal("too many indices for \(x.shape)") }
    let axes = given.indices.filter { given[$0] != nil }
    guard let firstAxis = axes.first, let lastAxis = axes.last else { return x }
    let indices = given.compactMap { $0 }
    let shape = try indices.dropFirst().reduce(indices[0].shape) {
      try broadcastShape($0, $1.shape)
    }
    let rest = (0..<x.rank).filter { !axes.contains($0) }
    let extents = axes.map { x.shape[$0] }
    let flat = try reshape(
      permute(x, axes + rest), to: [extents.reduce(1, *)] + rest.map { x.shape[$0] })
    var joined = with(number(0), element: .integer)
    for (position, index) in indices.enumerated() {
      let factor = extents[(position + 1)...].reduce(1, *)
      joined = try add(joined, wrapped(index, below: extents[position]), scale: Double(factor))
    }
    joined = with(try expand(joined, to: shape), element: .integer)
    let result: LogicalTensor
    if let known = joined.host?.integers {
      result = try reshape(
        gather(flat, axis: 0, indices: known), to: shape + flat.shape.dropFirst())
    } else {
      result = try take(flat, joined, batchAxes: 0)
    }
    // Neighbouring axes are replaced where they were, others come first.
    guard lastAxis - firstAxis + 1 == axes.count, firstAxis > 0 else { return result }
    let count = shape.count
    let order =
      Array(count..<count + firstAxis) + Array(0..<count)
      + Array(count + firstAxis..<result.rank)
    return try permute(result, order)
  }

  /// `x` with `source` added at `index[.., q, ..]` of an axis, all other axes going together.
  mutating func scatterAddElements(
    _ x: LogicalTensor, axis: Int, indices: LogicalTensor, source: LogicalTensor
  ) throws -> LogicalTensor {
    let axis = try x.axis(axis)
    guard x.rank == indices.rank, source.rank == x.rank, x.rank > 0,
      indices.shape.indices.allSatisfy({ indices.shape[$0] <= source.shape[$0] }),
      indices.shape.indices.allSatisfy({
        $0 == axis || indices.shape[$0] <= x.shape[$0]
      })
    else { throw Refusal("indices \(indices.shape) do not fit \(x.shape)") }
    var part = source
    for other in 0..<x.rank {
      part = try slice(part, axis: other, start: 0, count: indices.shape[other])
    }
    let order = (0..<x.rank).filter { $0 != axis } + [axis]
    let slices = try sampled(permute(part, order))
    let places = try sampled(wrapped(permute(indices, order), below: x.shape[axis]))
    let added = try graph.scatterAdd(
      slices, places, batchAxes: x.rank, extent: x.shape[axis])
    var shape = indices.shape
    shape[axis] = x.shape[axis]
    let columns = try tensor(
      added, isSampled: true, shape: order.map { shape[$0] }, element: source.element)
    let sums = try permute(columns, (0..<x.rank).map { order.firstIndex(of: $0) ?? 0 })
    let high = x.shape.indices.map { x.shape[$0] - shape[$0] }
    return try add(x, pad(sums, low: high.map { _ in 0 }, high: high))
  }

  /// Elements of an axis in the opposite order.
  mutating func flip(_ x: LogicalTensor, axes: [Int]) throws -> LogicalTensor {
    var result = x
    for axis in axes {
      guard x.rank > 0 else { throw Refusal("the opposite order of a number") }
      let extent = x.shape[try x.axis(axis)]
      try Extents.known(extent)
      result = try gather(result, axis: axis, indices: (0..<extent).reversed())
    }
    return result
  }

  /// Elements of axes moved in a circle.
  mutating func roll(_ x: LogicalTensor, shifts: [Int], axes: [Int]) throws -> LogicalTensor {
    guard shifts.count == axes.count else { throw Refusal("a roll over all axes") }
    var result = x
    for (shift, axis) in zip(shifts, axes) {
      guard x.rank > 0 else { throw Refusal("a roll of a number") }
      let extent = x.shape[try x.axis(axis)]
      guard extent > 0 else { continue }
      let moved = ((shift % extent) + extent) % extent
      if moved == 0 { continue }
      result = try concatenate(
        [
          slice(result, axis: axis, start: extent - moved, count: moved),
          slice(result, axis: axis, start: 0, count: extent - moved),
        ], axis: axis)
    }
    return result
  }
}
