internal import ComputationGraph

/// Rules of PyTorch's operators that join, divide, pad and replace parts of tensors.
enum ATenParts {
  static let rules: [String: Rule] = [
    "slice": one { b, a in
      try b.slice(
        a.input(), axis: a.integer("dim", 1) ?? 0, from: a.integer("start", 2),
        to: a.integer("end", 3), step: a.integer("step", 4) ?? 1)
    },
    "narrow": one { b, a in
      let x = try a.input()
      let axis = try a.integer("dim", 1) ?? 0
      var start = try a.integer("start", 2) ?? 0
      if start < 0 { start += x.shape[try x.axis(axis)] }
      return try b.slice(x, axis: axis, start: start, count: a.integer("length", 3) ?? 0)
    },
    "select": one { b, a in
      guard let index = try a.integer("index", 2) else { throw Refusal("an index that is data") }
      return try b.select(a.input(), axis: a.integer("dim", 1) ?? 0, index: index)
    },
    "diagonal": one { b, a in
      let x = try a.input()
      let (first, second) = (
        try x.axis(a.integer("dim1", 2) ?? 0), try x.axis(a.integer("dim2", 3) ?? 1)
      )
      let offset = try a.integer("offset", 1) ?? 0
      guard first != second, x.rank >= 2, (-(1 << 40)..<1 << 40).contains(offset) else {
        throw Refusal("the diagonal of \(x.shape)")
      }
      let (rows, columns) = (x.shape[first], x.shape[second])
      try Extents.known(rows)
      let places = (0..<rows).filter { (0..<columns).contains($0 + offset) }
      let rest = (0..<x.rank).filter { $0 != first && $0 != second }
      let flat = try b.reshape(
        b.permute(x, rest + [first, second]), to: rest.map { x.shape[$0] } + [rows * columns])
      return try b.gather(
        flat, axis: -1, indices: places.map { $0 * columns + $0 + offset })
    },
    "cat": one { try $0.concatenate($1.tensors("tensors", 0), axis: $1.integer("dim", 1) ?? 0) },
    "concat": one { try $0.concatenate($1.tensors("tensors", 0), axis: $1.integer("dim", 1) ?? 0) },
    "stack": one { b, a in
      let axis = try a.integer("dim", 1) ?? 0
      let parts = try a.tensors("tensors", 0).map { try b.unsqueeze($0, axis: axis) }
      guard let first = parts.first else { throw Refusal("a stack of nothing") }
      return try b.concatenate(parts, axis: axis < 0 ? axis + first.rank : axis)
    },
    "hstack": one { b, a in
      let parts = try a.tensors("tensors", 0)
      return try b.concatenate(parts, axis: parts.first.map { $0.rank > 1 ? 1 : 0 } ?? 0)
    },
    "chunk": { b, a in
      let x = try a.input()
      let axis = try x.axis(a.integer("dim", 2) ?? 0)
      guard let count = try a.integer("chunks", 1), count >= 1, x.rank > 0 else {
        throw Refusal("chunks of \(x.shape)")
      }
      return try b.split(x, size: max((x.shape[axis] + count - 1) / count, 1), axis: axis)
    },
    "unsafe_chunk": { b, a in try rules["chunk"]?(&b, a) ?? [] },
    "split": { b, a in
      let axis = try a.integer("dim", 2) ?? 0
      guard let sizes = try a.integers("split_size", 1) else { throw Refusal("sizes of parts") }
      return sizes.count == 1
        ? try b.split(a.input(), size: sizes[0], axis: axis)
        : try b.split(a.input(), sizes: sizes, axis: axis)
    },
    "split_with_sizes": { b, a in
      try b.split(
        a.input(), sizes: a.integers("split_sizes", 1) ?? [], axis: a.integer("dim", 2) ?? 0)
    },
    "unbind": { b, a in
      let x = try a.input()
      let axis = try x.axis(a.integer("dim", 1) ?? 0)
      guard x.rank > 0 else { throw Refusal("parts of a number") }
      try Extents.parts(x.shape[axis])
      return try (0..<x.shape[axis]).map { try b.select(x, axis: axis, index: $0) }
    },
    "pad": one { b, a in
      let x = try a.input()
      let (low, high) = try padding(a.integers("pad", 1) ?? [], x)
      let mode = a.text("mode", 2) ?? "constant"
      return mode == "constant"
        ? try b.pad(x, low: low, high: high, value: a.real("value", 3) ?? 0)
        : try b.pad(x, low: low, high: high, mode: mode)
    },
    "constant_pad_nd": one { b, a in
      let x = try a.input()
      let (low, high) = try padding(a.integers("pad", 1) ?? [], x)
      return try b.pad(x, low: low, high: high, value: a.real("value", 2) ?? 0)
    },
    "reflection_pad1d": one { try padded(&$0, $1, "reflect") },
    "reflection_pad2d": one { try padded(&$0, $1, "reflect") },
    "replication_pad1d": one { try padded(&$0, $1, "replicate") },
    "replication_pad2d": one { try padded(&$0, $1, "replicate") },
    "slice_scatter": one { b, a in
      let (x, source) = (try a.input(), try a.tensor("src", 1))
      let axis = try x.axis(a.integer("dim", 2) ?? 0)
      guard x.rank > 0 else { throw Refusal("a part of a number") }
      let extent = x.shape[axis]
      try Extents.known(extent)
      let places = try b.slice(
        LogicalTensor(HostArray(integers: Array(0..<extent))), axis: 0,
        from: a.integer("start", 3), to: a.integer("end", 4), step: a.integer("step", 5) ?? 1)
      return try replaced(&b, x, axis, places.host?.integers ?? [], source)
    },
    "select_scatter": one { b, a in
      let (x, source) = (try a.input(), try a.tensor("src", 1))
      let axis = try x.axis(a.integer("dim", 2) ?? 0)
      guard let index = try a.integer("index", 3) else { throw Refusal("an index that is data") }
      guard x.rank > 0 else { throw Refusal("a part of a number") }
      return try replaced(
        &b, x, axis, [index < 0 ? index + x.shape[axis] : index], b.unsqueeze(source, axis: axis))
    },
    "unfold": one { b, a in
      let x = try a.input()
      let axis = try x.axis(a.integer("dimension", 1) ?? 0)
      guard let size = try a.integer("size", 2), let step = try a.integer("step", 3), step >= 1,
        size >= 1, x.rank > 0, size <= x.shape[axis]
      else { throw Refusal("windows of \(x.shape)") }
      let count = (x.shape[axis] - size) / step + 1
      try Extents.known(count, size)
      let windows = try b.gather(
        x, axis: axis,
        indices: (0..<count).flatMap { start in (0..<size).map { start * step + $0 } })
      let split = try b.reshape(
        windows, to: Array(x.shape[..<axis]) + [count, size] + x.shape[(axis + 1)...])
      let order = (0..<split.rank).filter { $0 != axis + 1 } + [axis + 1]
      return try b.permute(split, order)
    },
    "tril": one { try triangle(&$0, $1) { $1 - $0 <= $2 } },
    "triu": one { try triangle(&$0, $1) { $1 - $0 >= $2 } },
  ]

  /// PyTorch's list of paddings, from the last axis on, as numbers for each axis.
  private static func padding(
    _ pairs: [Int], _ x: LogicalTensor
  ) throws -> (low: [Int], high: [Int]) {
    guard pairs.count % 2 == 0, pairs.count / 2 <= x.rank,
      pairs.allSatisfy({ (-(1 << 24)..<1 << 24).contains($0) })
    else { throw Refusal("padding \(pairs) of \(x.shape)") }
    var (low, high) = ([Int](repeating: 0, count: x.rank), [Int](repeating: 0, count: x.rank))
    for index in 0..<pairs.count / 2 {
      low[x.rank - 1 - index] = pairs[2 * index]
      high[x.rank - 1 - index] = pairs[2 * index + 1]
    }
    return (low, high)
  }

  private static func padded(
    _ b: inout TensorBuilder, _ a: Arguments, _ mode: String
  ) throws -> LogicalTensor {
    let x = try a.input()
    let (low, high) = try padding(a.integers("padding", 1) ?? [], x)
    return try b.pad(x, low: low, high: high, mode: mode)
  }

  /// A tensor with some indices of an axis replaced.
  private static func replaced(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ axis: Int, _ places: [Int],
    _ source: LogicalTensor
  ) throws -> LogicalTensor {
    let extent = x.shape[axis]
    guard source.rank == x.rank, source.shape[axis] == places.count,
      places.allSatisfy({ (0..<extent).contains($0) })
    else { throw Refusal("\(source.shape) in place of a part of \(x.shape)") }
    // All elements behind one another, then each index from where it comes.
    let both = try b.concatenate([x, source], axis: axis)
    try Extents.known(extent)
    var order = Array(0..<extent)
    for (row, index) in places.enumerated() { order[index] = extent + row }
    return try b.gather(both, axis: axis, indices: order)
  }

  private static func triangle(
    _ b: inout TensorBuilder, _ a: Arguments, _ keeps: (Int, Int, Int) -> Bool
  ) throws -> LogicalTensor {
    let x = try a.input()
    let diagonal = try a.integer("diagonal", 1) ?? 0
    guard x.rank >= 2 else { throw Refusal("a triangle of \(x.shape)") }
    let (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
    try Extents.known(rows, columns)
    let mask = HostArray(
      (0..<rows).flatMap { row in (0..<columns).map { keeps(row, $0, diagonal) ? 1 : 0 } },
      shape: [rows, columns], element: .boolean)
    return try b.select(LogicalTensor(mask), x, b.with(b.number(0), element: x.element))
  }
}
