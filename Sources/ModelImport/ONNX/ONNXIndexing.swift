internal import ComputationGraph
internal import NeuralNetworks

/// Rules of ONNX' operators that work by indices.
enum ONNXIndexing {
  static let rules: [String: Rule] = [
    "Gather": one { b, a in
      let (x, indices) = (try a.operand(0), try a.operand(1))
      let axis = try x.axis(a.integer("axis", nil) ?? 0)
      if axis == 0, !x.isSampled, x.rank >= 1, indices.host == nil {
        return try b.embedding(x, indices: indices, padding: nil)
      }
      guard let known = indices.host?.integers else {
        return try b.index(x, [LogicalTensor?](repeating: nil, count: axis) + [indices])
      }
      if axis == 0, x.rank == 2, !x.isSampled { b.note(x, .embedding) }
      let rows = try b.gather(x, axis: axis, indices: known)
      return try b.reshape(
        rows, to: Array(x.shape[..<axis]) + indices.shape + x.shape[(axis + 1)...])
    },
    "GatherElements": one { b, a in
      try b.gatherElements(
        a.operand(0), axis: a.integer("axis", nil) ?? 0, indices: a.operand(1))
    },
    "GatherND": one { b, a in
      let (x, indices) = (try a.operand(0), try a.operand(1))
      guard try a.integer("batch_dims", nil) ?? 0 == 0, let depth = indices.shape.last,
        (1...max(x.rank, 1)).contains(depth)
      else { throw Refusal("indices with batches of their own") }
      let parts = try (0..<depth).map { try b.select(indices, axis: -1, index: $0) }
      return try b.index(x, parts)
    },
    "ScatterElements": one { b, a in
      let reduction = a.text("reduction") ?? "none"
      guard reduction == "add" else { throw Refusal("scattering with the reduction \(reduction)") }
      return try b.scatterAddElements(
        a.operand(0), axis: a.integer("axis", nil) ?? 0, indices: a.operand(1),
        source: a.operand(2))
    },
    "ScatterND": one { b, a in
      let (x, updates) = (try a.operand(0), try a.operand(2))
      guard let indices = try a.operand(1).host, let depth = indices.shape.last,
        (1...max(x.rank, 1)).contains(depth), let numbers = indices.integers
      else { throw Refusal("scattering by indices that are data") }
      let reduction = a.text("reduction") ?? "none"
      guard reduction == "none" || reduction == "add" else {
        throw Refusal("scattering with the reduction \(reduction)")
      }
      let extents = Array(x.shape[..<depth])
      let strides = Shape(extents).strides
      let places = try stride(from: 0, to: numbers.count, by: depth).map { start in
        try (0..<depth).reduce(0) { place, axis in
          let index = numbers[start + axis]
          guard (-extents[axis]..<extents[axis]).contains(index) else {
            throw Refusal("an index is outside \(x.shape)")
          }
          return place + (index < 0 ? index + extents[axis] : index) * strides[axis]
        }
      }
      let rest = Array(x.shape[depth...])
      let flat = try b.reshape(x, to: [extents.reduce(1, *)] + rest)
      let rows = try b.reshape(updates, to: [places.count] + rest)
      if reduction == "add" {
        let added = try b.scatter(rows, axis: 0, indices: places, extent: flat.shape[0])
        return try b.reshape(b.add(flat, added), to: x.shape)
      }
      // The last one of equal places counts: all rows behind one another, then each place from there.
      try Extents.known(flat.shape[0])
      var order = Array(0..<flat.shape[0])
      for (row, place) in places.enumerated() { order[place] = flat.shape[0] + row }
      let both = try b.concatenate([flat, rows], axis: 0)
      return try b.reshape(b.gather(both, axis: 0, indices: order), to: x.shape)
    },
  ]
}
