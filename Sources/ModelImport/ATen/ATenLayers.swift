internal import ComputationGraph
internal import NeuralNetworks

/// Rules of PyTorch's layers: products, convolutions, norms, tables.
enum ATenLayers {
  static let rules: [String: Rule] = [
    "linear": one { b, a in
      try b.linear(
        a.tensor("input", 0), weight: a.tensor("weight", 1), bias: a.optionalTensor("bias", 2))
    },
    "matmul": one { try $0.matrixProduct($1.input(), $1.tensor("other", 1)) },
    "mm": one { try $0.matrixProduct($1.input(), $1.tensor("mat2", 1)) },
    "bmm": one { try $0.matrixProduct($1.input(), $1.tensor("mat2", 1)) },
    "mv": one { try $0.matrixProduct($1.input(), $1.tensor("vec", 1)) },
    "dot": one { try $0.matrixProduct($1.input(), $1.tensor("tensor", 1)) },
    "addmm": one { b, a in try added(&b, a, "mat1", "mat2") },
    "addmv": one { b, a in try added(&b, a, "mat", "vec") },
    "baddbmm": one { b, a in try added(&b, a, "batch1", "batch2") },
    "einsum": one { b, a in
      guard let equation = a.text("equation", 0) else { throw Refusal("an einsum without letters") }
      return try b.einsum(equation, a.tensors("tensors", 1))
    },
    "outer": one { b, a in
      try b.multiply(b.unsqueeze(a.input(), axis: -1), a.tensor("vec2", 1))
    },
    "bilinear": one { b, a in
      let (x, y) = (try a.tensor("input1", 0), try a.tensor("input2", 1))
      let weight = try a.tensor("weight", 2)
      guard weight.rank == 3, x.rank >= 1, y.rank == x.rank else {
        throw Refusal("a bilinear layer")
      }
      // sum over i, j of x[.., i] W[o, i, j] y[.., j]
      let table = try b.reshape(
        b.permute(weight, [1, 0, 2]), to: [weight.shape[1], weight.shape[0] * weight.shape[2]])
      let first = try b.reshape(
        b.matrixProduct(x, table),
        to: Array(x.shape.dropLast()) + [weight.shape[0], weight.shape[2]])
      let result = try b.sum(
        b.multiply(first, b.unsqueeze(y, axis: -2)), axes: [-1], keepsAxes: false)
      return try a.optionalTensor("bias", 3).map { try b.add(result, $0) } ?? result
    },
    "scaled_dot_product_attention": one { b, a in
      guard try a.real("dropout_p", 4) ?? 0 == 0 else { throw Refusal("dropout inside attention") }
      let query = try a.tensor("query", 0)
      var (key, value) = (try a.tensor("key", 1), try a.tensor("value", 2))
      if try a.flag("enable_gqa", nil), query.rank >= 3, key.rank >= 3 {
        let heads = query.shape[query.rank - 3]
        key = try shared(&b, key, heads)
        value = try shared(&b, value, heads)
      }
      return try b.attention(
        queries: query, keys: key, values: value, mask: a.optionalTensor("attn_mask", 3),
        isCausal: a.flag("is_causal", 5), scale: a.real("scale", nil))
    },
  ]

  /// `beta c + alpha a b`; with a weight of the shape `[in, out]` and a bias it is a linear layer.
  private static func added(
    _ b: inout TensorBuilder, _ a: Arguments, _ first: String, _ second: String
  ) throws -> LogicalTensor {
    let (alpha, beta) = (try a.real("alpha", nil) ?? 1, try a.real("beta", nil) ?? 1)
    let bias = try a.input()
    let (x, weight) = (try a.tensor(first, 1), try a.tensor(second, 2))
    b.note(bias, .bias)
    if alpha == 1, beta == 1, weight.rank == 2, bias.rank == 1, !weight.isSampled, x.host == nil {
      return try b.linear(x, weight: weight, bias: bias, inputsFirst: true)
    }
    let product = try b.affine(b.matrixProduct(x, weight), scale: alpha, shift: 0)
    return try b.add(product, bias, scale: beta)
  }

  /// Heads of keys or values, each shared by as many heads of queries.
  private static func shared(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ heads: Int
  ) throws -> LogicalTensor {
    let own = x.shape[x.rank - 3]
    if own == heads { return x }
    guard own > 0, heads % own == 0 else { throw Refusal("\(own) heads for \(heads)") }
    let lead = Array(x.shape.dropLast(3))
    let matrix = Array(x.shape.suffix(2))
    let spread = try b.expand(
      b.reshape(x, to: lead + [own, 1] + matrix), to: lead + [own, heads / own] + matrix)
    return try b.reshape(spread, to: lead + [heads] + matrix)
  }
}
