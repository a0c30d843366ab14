internal import ComputationGraph
internal import NeuralNetworks

/// Rules of PyTorch's tables and indices.
enum ATenIndexing {
  static let rules: [String: Rule] = [
    "embedding": one { b, a in
      let padding = try a.integer("padding_idx", 2) ?? -1
      return try b.embedding(
        a.tensor("weight", 0), indices: a.tensor("indices", 1),
        padding: padding >= 0 ? padding : nil)
    },
    "gather": one { b, a in
      try b.gatherElements(a.input(), axis: a.integer("dim", 1) ?? 0, indices: a.tensor("index", 2))
    },
    "take_along_dim": one { b, a in
      guard let axis = try a.integer("dim", 2) else { throw Refusal("indices into all elements") }
      return try b.gatherElements(a.input(), axis: axis, indices: a.tensor("indices", 1))
    },
    "index": one { try $0.index($1.input(), $1.optionalTensors("indices", 1)) },
    "_unsafe_index": one { try $0.index($1.input(), $1.optionalTensors("indices", 1)) },
    "index_select": one { b, a in
      let x = try a.input()
      let axis = try x.axis(a.integer("dim", 1) ?? 0)
      let index = try a.tensor("index", 2)
      if let known = index.host?.integers { return try b.gather(x, axis: axis, indices: known) }
      return try b.index(x, [LogicalTensor?](repeating: nil, count: axis) + [index])
    },
    "index_add": one { b, a in
      let (x, source) = (try a.input(), try a.tensor("source", 3))
      let axis = try x.axis(a.integer("dim", 1) ?? 0)
      let index = try a.tensor("index", 2)
      let scale = try a.real("alpha", 4) ?? 1
      guard x.rank > 0, source.rank == x.rank else { throw Refusal("sums into a number") }
      if let known = index.host?.integers {
        return try b.add(
          x, b.scatter(source, axis: axis, indices: known, extent: x.shape[axis]), scale: scale)
      }
      var shape = [Int](repeating: 1, count: source.rank)
      shape[axis] = index.count
      let spread = try b.expand(b.reshape(index, to: shape), to: source.shape)
      return try b.scatterAddElements(
        x, axis: axis, indices: spread, source: b.affine(source, scale: scale, shift: 0))
    },
    "scatter_add": one { b, a in
      try b.scatterAddElements(
        a.input(), axis: a.integer("dim", 1) ?? 0, indices: a.tensor("index", 2),
        source: a.tensor("src", 3))
    },
    "index_put": one { b, a in
      let (x, values) = (try a.input(), try a.tensor("values", 2))
      let indices = try a.optionalTensors("indices", 1)
      // A mask of truth values of the shape of the tensor chooses.
      if indices.count == 1, let mask = indices[0], mask.element == .boolean, mask.shape == x.shape,
        values.count == 1, try !a.flag("accumulate", 3)
      {
        return try b.select(mask, b.reshape(values, to: []), x)
      }
      throw Refusal("replacing elements by indices")
    },
  ]
}
