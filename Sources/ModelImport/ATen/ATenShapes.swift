internal import ComputationGraph

/// Rules of PyTorch's operators that move elements.
enum ATenShapes {
  /// Operators whose result may share its memory with their first argument.
  static let views: Set<String> = [
    "view", "reshape", "_unsafe_view", "flatten", "unflatten", "squeeze", "unsqueeze", "transpose",
    "t", "permute", "expand", "expand_as", "slice", "select", "narrow", "chunk", "split",
    "split_with_sizes", "unbind", "alias", "detach", "view_as", "contiguous", "to", "diagonal",
    "unfold", "movedim", "swapaxes", "swapdims", "numpy_T", "mT", "dropout", "type_as",
    "as_strided",
    "tensor_split", "unsafe_split", "unsafe_chunk", "real", "atleast_1d", "atleast_2d",
    "atleast_3d", "reshape_as", "squeeze_", "unsqueeze_", "feature_dropout", "alpha_dropout",
  ]

  static let rules: [String: Rule] = [
    "view": one { b, a in
      guard let size = try a.integers("size", 1) else {
        throw Refusal("a view as another element type")
      }
      return try b.reshape(a.input(), to: size)
    },
    "reshape": one { try $0.reshape($1.input(), to: $1.integers("shape", 1) ?? []) },
    "_unsafe_view": one { try $0.reshape($1.input(), to: $1.integers("size", 1) ?? []) },
    "view_as": one { try $0.reshape($1.input(), to: $1.tensor("other", 1).shape) },
    "reshape_as": one { try $0.reshape($1.input(), to: $1.tensor("other", 1).shape) },
    "flatten": one { b, a in
      let x = try a.input()
      let (start, end) = (
        try x.axis(a.integer("start_dim", 1) ?? 0), try x.axis(a.integer("end_dim", 2) ?? -1)
      )
      guard x.rank > 0 else { return try b.reshape(x, to: [1]) }
      guard start <= end else { throw Refusal("axes \(start) to \(end)") }
      let joined = x.shape[start...end].reduce(1, *)
      return try b.reshape(x, to: Array(x.shape[..<start]) + [joined] + x.shape[(end + 1)...])
    },
    "unflatten": one { b, a in
      let x = try a.input()
      let axis = try x.axis(a.integer("dim", 1) ?? 0)
      var sizes = try a.integers("sizes", 2) ?? []
      if let free = sizes.firstIndex(of: -1) {
        let known = try Extents.count(
          sizes.enumerated().filter { $0.offset != free }.map(\.element))
        guard known > 0, x.rank > 0 else { throw Refusal("sizes \(sizes)") }
        sizes[free] = x.shape[axis] / known
      }
      return try b.reshape(x, to: Array(x.shape[..<axis]) + sizes + x.shape[(axis + 1)...])
    },
    "squeeze": one { b, a in
      try b.squeeze(a.input(), axes: a.has("dim", 1) ? a.integers("dim", 1) : nil)
    },
    "unsqueeze": one { try $0.unsqueeze($1.input(), axis: $1.integer("dim", 1) ?? 0) },
    "transpose": one { b, a in
      try b.swapAxes(a.input(), a.integer("dim0", 1) ?? 0, a.integer("dim1", 2) ?? 1)
    },
    "swapaxes": one { b, a in
      try b.swapAxes(a.input(), a.integer("axis0", 1) ?? 0, a.integer("axis1", 2) ?? 1)
    },
    "t": one { b, a in
      let x = try a.input()
      return x.rank < 2 ? x : try b.swapAxes(x, 0, 1)
    },
    "numpy_T": one { b, a in
      let x = try a.input()
      return try b.permute(x, (0..<x.rank).reversed())
    },
    "mT": one { try $0.swapAxes($1.input(), -1, -2) },
    "permute": one { try $0.permute($1.input(), $1.integers("dims", 1) ?? []) },
    "movedim": one { b, a in
      let x = try a.input()
      let from = try (a.integers("source", 1) ?? []).map { try x.axis($0) }
      let to = try (a.integers("destination", 2) ?? []).map { try x.axis($0) }
      guard from.count == to.count, Set(from).count == from.count, Set(to).count == to.count else {
        throw Refusal("axes \(from) to \(to)")
      }
      var rest = (0..<x.rank).filter { !from.contains($0) }[...]
      let order = (0..<x.rank).map { place in
        to.firstIndex(of: place).map { from[$0] } ?? rest.popFirst() ?? 0
      }
      return try b.permute(x, order)
    },
    "expand": one { try $0.expand($1.input(), to: $1.integers("size", 1) ?? []) },
    "expand_as": one { try $0.expand($1.input(), to: $1.tensor("other", 1).shape) },
    "broadcast_to": one { try $0.expand($1.input(), to: $1.integers("size", 1) ?? []) },
    "broadcast_tensors": { b, a in
      let parts = try a.tensors("tensors", 0)
      let shape = try parts.reduce([]) { try b.broadcastShape($0, $1.shape) }
      return try parts.map { try b.expand($0, to: shape) }
    },
    "repeat": one { b, a in try repeated(&b, a.input(), a.integers("repeats", 1) ?? []) },
    "tile": one { b, a in
      let x = try a.input()
      let times = try a.integers("dims", 1) ?? []
      let missing = max(x.rank - times.count, 0)
      return try repeated(&b, x, [Int](repeating: 1, count: missing) + times)
    },
    "repeat_interleave": one { b, a in
      var x = try a.input()
      guard let times = try a.integer("repeats", 1), times >= 0 else {
        throw Refusal("repetitions that depend on data")
      }
      guard let axis = try a.integer("dim", 2) else {
        x = try b.reshape(x, to: [-1])
        try Extents.known(x.count, times)
        return try b.gather(
          x, axis: 0, indices: (0..<x.count).flatMap { Array(repeating: $0, count: times) })
      }
      let place = try x.axis(axis)
      var shape = x.shape
      shape.insert(times, at: place + 1)
      let spread = try b.expand(b.unsqueeze(x, axis: place + 1), to: shape)
      shape.remove(at: place + 1)
      shape[place] *= times
      return try b.reshape(spread, to: shape)
    },
    "flip": one { try $0.flip($1.input(), axes: $1.integers("dims", 1) ?? []) },
    "roll": one { b, a in
      let x = try a.input()
      let (shifts, axes) = (try a.integers("shifts", 1) ?? [], try a.integers("dims", 2) ?? [])
      if axes.isEmpty {
        let flat = try b.roll(b.reshape(x, to: [-1]), shifts: shifts, axes: [0])
        return try b.reshape(flat, to: x.shape)
      }
      return try b.roll(x, shifts: shifts, axes: axes)
    },
    "rot90": one { b, a in
      let x = try a.input()
      let axes = try a.integers("dims", 2) ?? [0, 1]
      guard axes.count == 2 else { throw Refusal("rotation in \(axes)") }
      switch (((try a.integer("k", 1) ?? 1) % 4) + 4) % 4 {
      case 1: return try b.flip(b.swapAxes(x, axes[0], axes[1]), axes: [axes[0]])
      case 2: return try b.flip(x, axes: axes)
      case 3: return try b.flip(b.swapAxes(x, axes[0], axes[1]), axes: [axes[1]])
      default: return x
      }
    },
    "as_strided": one { b, a in
      let x = try a.input()
      guard let size = try a.integers("size", 1), let strides = try a.integers("stride", 2),
        size.count == strides.count, strides.allSatisfy({ (0...Extents.maximum).contains($0) }),
        try Extents.count(size, known: true) == x.count
      else { throw Refusal("a view by strides") }
      // The strides are those of contiguous memory in some order of the axes.
      guard try a.integer("storage_offset", 3) ?? 0 == 0 else { throw Refusal("a part by strides") }
      var places = [0]
      for (extent, stride) in zip(size, strides) {
        guard (places.max() ?? 0) <= x.count else { throw Refusal("a view by strides") }
        places = places.flatMap { place in (0..<extent).map { place + $0 * stride } }
      }
      guard places.allSatisfy({ (0..<x.count).contains($0) }), places.count == x.count,
        Set(places).count == places.count
      else { throw Refusal("a view by strides that is no permutation") }
      let order = strides.indices.filter { size[$0] != 1 }.sorted { strides[$0] > strides[$1] }
      let sorted = try b.reshape(x, to: order.map { size[$0] })
      let moved = try b.permute(
        sorted, size.indices.filter { size[$0] != 1 }.map { order.firstIndex(of: $0) ?? 0 })
      return try b.reshape(moved, to: size)
    },
    "pixel_shuffle": one {
      try $0.pixelShuffle($1.input(), factor: $1.integer("upscale_factor", 1) ?? 1)
    },
    "pixel_unshuffle": one { b, a in
      try b.pixelUnshuffle(a.input(), factor: a.integer("downscale_factor", 1) ?? 1)
    },
    "channel_shuffle": one { b, a in
      let x = try a.input()
      let groups = try a.integer("groups", 1) ?? 1
      guard x.rank >= 3, groups >= 1, x.shape[1] % groups == 0 else {
        throw Refusal("groups of channels of \(x.shape)")
      }
      let split = try b.reshape(
        x, to: [x.shape[0], groups, x.shape[1] / groups] + x.shape.dropFirst(2))
      return try b.reshape(b.swapAxes(split, 1, 2), to: x.shape)
    },
    "meshgrid": { b, a in
      let parts = try a.tensors("tensors", 0)
      guard parts.allSatisfy({ $0.rank <= 1 }) else { throw Refusal("a grid of \(parts.count)") }
      let extents = parts.map(\.count)
      let grids = try parts.enumerated().map { index, part in
        var shape = [Int](repeating: 1, count: parts.count)
        shape[index] = part.count
        return try b.expand(b.reshape(part, to: shape), to: extents)
      }
      guard a.text("indexing", 1) == "xy", parts.count >= 2 else { return grids }
      return try grids.map { try b.swapAxes($0, 0, 1) }
    },
  ]

  /// A tensor repeated along its axes.
  static func repeated(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ times: [Int]
  ) throws -> LogicalTensor {
    guard times.count >= x.rank, times.allSatisfy({ (0..<1 << 24).contains($0) }) else {
      throw Refusal("\(x.shape) repeated \(times) times")
    }
    var result = try b.reshape(
      x, to: [Int](repeating: 1, count: times.count - x.rank) + x.shape)
    try Extents.count(
      zip(result.shape, times).map { $0 > Extents.maximum / max($1, 1) ? -1 : $0 * $1 })
    for (axis, count) in times.enumerated() where count != 1 {
      if count == 0 {
        return LogicalTensor(
          HostArray(
            [], shape: result.shape.enumerated().map { $0.offset == axis ? 0 : $0.element },
            element: x.element))
      }
      if result.shape[axis] == 1 {
        var shape = result.shape
        shape[axis] = count
        result = try b.expand(result, to: shape)
      } else {
        result = try b.concatenate([LogicalTensor](repeating: result, count: count), axis: axis)
      }
    }
    return result
  }
}
