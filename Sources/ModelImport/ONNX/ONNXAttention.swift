internal import ComputationGraph
internal import NeuralNetworks

/// Rules of ONNX' attention and of what goes with it.
enum ONNXAttention {
  static let rules: [String: Rule] = [
    "Attention": { b, a in try attention(&b, a) },
    "RotaryEmbedding": one { b, a in try rotaryEmbedding(&b, a) },
  ]

  /// Attention of version 23 to 25: queries, keys, values `[b, heads, t, d]`, or `[b, t, heads d]`, a mask,
  /// earlier keys and values, and how many keys count.
  ///
  /// A query that sees no key gives zeros.
  private static func attention(
    _ b: inout TensorBuilder, _ a: Arguments
  ) throws -> [LogicalTensor] {
    var (query, key, value) = (try a.operand(0), try a.operand(1), try a.operand(2))
    let isFlat = query.rank == 3
    if isFlat {
      guard let heads = try a.integer("q_num_heads", nil), heads >= 1,
        let shared = try a.integer("kv_num_heads", nil), shared >= 1
      else { throw Refusal("attention with an unknown number of heads") }
      query = try split(&b, query, heads)
      key = try split(&b, key, shared)
      value = try split(&b, value, shared)
    }
    guard query.rank == 4, key.rank == 4, value.rank == 4 else {
      throw Refusal("attention over \(query.shape)")
    }
    var past = 0
    if let earlierKey = try a.optionalOperand(4), let earlierValue = try a.optionalOperand(5) {
      guard earlierKey.rank == 4, try a.optionalOperand(6) == nil else {
        throw Refusal("earlier keys \(earlierKey.shape)")
      }
      past = earlierKey.shape[2]
      key = try b.concatenate([earlierKey, key], axis: 2)
      value = try b.concatenate([earlierValue, value], axis: 2)
    }
    let (present, heads) = ([key, value], query.shape[1])
    let (keys, values) = (try spread(&b, key, heads), try spread(&b, value, heads))
    let seen = try seenKeys(&b, a, queries: query.shape[2], keys: key.shape[2], past: past)
    let masks = try masks(&b, a.optionalOperand(3), seen, keys: key.shape[2])
    let cap = try a.real("softcap", nil) ?? 0
    var result: LogicalTensor
    var scores: LogicalTensor?
    if cap == 0, !a.usesOutput(3) {
      result = try b.attention(
        queries: query, keys: keys, values: values, added: masks.added,
        scale: a.real("scale", nil))
      if let any = masks.any { result = try b.multiply(result, any) }
    } else {
      let scale = try a.real("scale", nil) ?? 1 / Double(max(query.shape[3], 1)).squareRoot()
      var products = try b.matrixProduct(
        b.affine(query, scale: scale, shift: 0), b.swapAxes(keys, 2, 3))
      if cap > 0 {
        let bent = try b.unary(.tanh, b.affine(products, scale: 1 / cap, shift: 0))
        products = try b.affine(bent, scale: cap, shift: 0)
      }
      let masked = try masks.added.map { try b.add(products, $0) } ?? products
      var weights = try b.softmax(masked, axis: 3)
      if let any = masks.any { weights = try b.multiply(weights, any) }
      result = try b.matrixProduct(weights, values)
      switch try a.integer("qk_matmul_output_mode", nil) ?? 0 {
      case 0, 1: scores = products
      case 3: scores = weights
      default:
        guard !masks.hides || !a.usesOutput(3) else {
          throw Refusal("scores that are minus infinity as a result")
        }
        scores = masked
      }
    }
    if isFlat {
      let joined = try b.swapAxes(result, 1, 2)
      result = try b.reshape(
        joined, to: [joined.shape[0], joined.shape[1], heads * value.shape[3]])
    }
    return [result] + present + (scores.map { [$0] } ?? [])
  }

  /// `[b, t, heads d]` as `[b, heads, t, d]`.
  private static func split(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ count: Int
  ) throws -> LogicalTensor {
    guard x.rank == 3, x.shape[2] % count == 0 else {
      throw Refusal("\(count) heads of \(x.shape)")
    }
    return try b.swapAxes(
      b.reshape(x, to: [x.shape[0], x.shape[1], count, x.shape[2] / count]), 1, 2)
  }

  /// Heads of keys or values, each shared by as many heads of queries.
  private static func spread(
    _ b: inout TensorBuilder, _ x: LogicalTensor, _ heads: Int
  ) throws -> LogicalTensor {
    let own = x.shape[1]
    guard own > 0, heads % own == 0 else { throw Refusal("\(own) heads for \(heads)") }
    try Extents.parts(heads)
    return try b.gather(x, axis: 1, indices: (0..<heads).map { $0 * own / heads })
  }

  /// Which keys each query sees by order, window and number of keys that count: `[t, s]` or `[b, 1, t, s]`;
  /// nil for all.
  private static func seenKeys(
    _ b: inout TensorBuilder, _ a: Arguments, queries: Int, keys: Int, past: Int
  ) throws -> LogicalTensor? {
    let isCausal = try a.flag("is_causal", nil)
    let left = try a.integer("left_window_size", nil) ?? -1
    let right = try a.integer("right_window_size", nil) ?? -1
    guard (-1..<1 << 31).contains(left), (-1..<1 << 31).contains(right) else {
      throw Refusal("a window of \(left) and \(right) keys")
    }
    var counts: [Int]?
    if let operand = try a.optionalOperand(6) {
      guard let known = operand.host?.integers, known.allSatisfy({ (0...keys).contains($0) }) else {
        throw Refusal("a number of keys that depends on data")
      }
      counts = known
    }
    guard isCausal || left >= 0 || right >= 0 || counts != nil else { return nil }
    let batches = counts.map { $0.map { (offset: $0 - queries, count: $0) } } ?? [(past, keys)]
    try Extents.count([batches.count, queries, keys], known: true)
    let numbers = batches.flatMap { batch in
      (0..<queries).flatMap { query in
        (0..<keys).map { key -> Double in
          let distance = query + batch.offset - key
          let isSeen =
            key < batch.count && (!isCausal || distance >= 0) && (left < 0 || distance <= left)
            && (right < 0 || -distance <= right)
          return isSeen ? 1 : 0
        }
      }
    }
    let shape = counts == nil ? [queries, keys] : [batches.count, 1, queries, keys]
    return LogicalTensor(HostArray(numbers, shape: shape, element: .boolean))
  }

  /// What is added to the scores, 1 for queries that see any key, and whether any key may be hidden; nil
  /// for nothing, and where all see one.
  private static func masks(
    _ b: inout TensorBuilder, _ given: LogicalTensor?, _ seen: LogicalTensor?, keys: Int
  ) throws -> (added: LogicalTensor?, any: LogicalTensor?, hides: Bool) {
    var (seen, added): (LogicalTensor?, LogicalTensor?) = (seen, nil)
    if var mask = given {
      guard mask.rank >= 1, mask.shape[mask.rank - 1] <= keys else {
        throw Refusal("a mask \(mask.shape) for \(keys) keys")
      }
      let isBoolean = mask.element == .boolean
      let missing = keys - mask.shape[mask.rank - 1]
      if missing > 0, mask.shape[mask.rank - 1] > 0 {
        let none = [Int](repeating: 0, count: mask.rank)
        mask = try b.pad(
          mask, low: none, high: none.dropLast() + [missing],
          value: isBoolean ? 0 : -TensorBuilder.farBelow)
      }
      if let own = try b.seenKeys(of: mask) {
        seen = try seen.map { try ATenArithmetic.both(&b, $0, own) } ?? own
      }
      if !isBoolean { added = try b.addedMask(mask) }
    }
    guard let seen else { return (added, nil, false) }
    let far = try b.addedMask(seen)
    return (try added.map { try b.add($0, far) } ?? far, try b.anyKey(seen), true)
  }

  /// Rotary position embedding of version 23 (Su and others 2021).
  private static func rotaryEmbedding(
    _ b: inout TensorBuilder, _ a: Arguments
  ) throws -> LogicalTensor {
    var x = try a.operand(0)
    let isFlat = x.rank == 3
    if isFlat {
      guard let heads = try a.integer("num_heads", nil), heads >= 1, x.shape[2] % heads == 0 else {
        throw Refusal("an unknown number of heads")
      }
      x = try b.reshape(x, to: [x.shape[0], x.shape[1], heads, x.shape[2] / heads])
    } else {
      x = try b.swapAxes(x, 1, 2)
    }
    guard x.rank == 4 else { throw Refusal("rotation of \(x.shape)") }
    var (cosine, sine) = (try a.operand(1), try a.operand(2))
    if let positions = try a.optionalOperand(3) {
      cosine = try b.index(cosine, [positions])
      sine = try b.index(sine, [positions])
    }
    let given = try a.integer("rotary_embedding_dim", nil) ?? 0
    let width = given == 0 ? x.shape[3] : given
    guard width % 2 == 0, width <= x.shape[3], cosine.rank >= 2 else {
      throw Refusal("rotation of \(width)")
    }
    let turned = try b.slice(x, axis: 3, start: 0, count: width)
    let rest = try b.slice(x, axis: 3, start: width, count: x.shape[3] - width)
    let isInterleaved = try a.flag("interleaved", nil)
    let half = width / 2
    let (first, second) =
      isInterleaved
      ? (
        try b.slice(turned, axis: 3, start: 0, count: half, step: 2),
        try b.slice(turned, axis: 3, start: 1, count: half, step: 2)
      )
      : (
        try b.slice(turned, axis: 3, start: 0, count: half),
        try b.slice(turned, axis: 3, start: half, count: half)
      )
    // [b, t, 1, half]
    let c = try b.unsqueeze(cosine, axis: 2)
    let s = try b.unsqueeze(sine, axis: 2)
    let real = try b.subtract(b.multiply(first, c), b.multiply(second, s))
    let imaginary = try b.add(b.multiply(first, s), b.multiply(second, c))
    var result: LogicalTensor
    if isInterleaved {
      result = try b.reshape(
        b.concatenate([b.unsqueeze(real, axis: 4), b.unsqueeze(imaginary, axis: 4)], axis: 4),
        to: turned.shape)
    } else {
      result = try b.concatenate([real, imaginary], axis: 3)
    }
    result = rest.count > 0 ? try b.concatenate([result, rest], axis: 3) : result
    return isFlat
      ? try b.reshape(result, to: [x.shape[0], x.shape[1], x.shape[2] * x.shape[3]])
      : try b.swapAxes(result, 1, 2)
  }
}
