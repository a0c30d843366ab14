internal import ComputationGraph
internal import NeuralNetworks

/// Attention and its masks.
///
/// In place of minus infinity stands `-farBelow`, so that no sum is without a number; what is exactly that,
/// or a sum of it, is taken for it. Other numbers are what they are, the lowest of single precision too.
extension TensorBuilder {
  /// Stands for infinity in masks: larger than any score, within single precision, and no number that a
  /// user writes.
  static let farBelow = 0x1p100

  /// Sums of at most so many of them are recognised.
  private static let mostSummands = 0x1p20

  /// `softmax(scale Q K^T + mask) V` for queries `[.., t, d]`, keys `[.., s, d]`, values `[.., s, e]`.
  ///
  /// A mask of truth values says which keys a query sees, others are added to the scores. A query that
  /// sees no key gives zeros, as in PyTorch (`_safe_softmax`).
  mutating func attention(
    queries: LogicalTensor, keys: LogicalTensor, values: LogicalTensor, mask: LogicalTensor?,
    isCausal: Bool, scale: Double?
  ) throws -> LogicalTensor {
    var mask = mask
    if isCausal, queries.rank >= 2, keys.rank >= 2 {
      // The first query sees the first key, however many keys there are, as in PyTorch.
      let (t, s) = (queries.shape[queries.rank - 2], keys.shape[keys.rank - 2])
      try Extents.count([t, s], known: true)
      let seen = (0..<t).flatMap { query in (0..<s).map { $0 <= query ? 1.0 : 0 } }
      mask = LogicalTensor(HostArray(seen, shape: [t, s], element: .boolean))
    }
    let result = try attention(
      queries: queries, keys: keys, values: values, added: mask.map { try addedMask($0) },
      scale: scale)
    guard let mask, let seen = try seenKeys(of: mask), let any = try anyKey(seen) else {
      return result
    }
    return try multiply(result, any)
  }

  /// `softmax(scale Q K^T + added) V`, where `added` is finite.
  mutating func attention(
    queries: LogicalTensor, keys: LogicalTensor, values: LogicalTensor, added: LogicalTensor?,
    scale: Double?
  ) throws -> LogicalTensor {
    guard queries.rank >= 2, keys.rank >= 2, values.rank >= 2,
      queries.shape[queries.rank - 1] == keys.shape[keys.rank - 1],
      keys.shape[keys.rank - 2] == values.shape[values.rank - 2]
    else { throw Refusal("attention over \(queries.shape), \(keys.shape), \(values.shape)") }
    let (t, s) = (queries.shape[queries.rank - 2], keys.shape[keys.rank - 2])
    try Extents.count([t, s])
    let lead = try broadcastShape(
      broadcastShape(Array(queries.shape.dropLast(2)), Array(keys.shape.dropLast(2))),
      Array(values.shape.dropLast(2)))
    let isSampled =
      queries.isSampled || keys.isSampled || values.isSampled || added?.isSampled == true
    let unit = lead.firstIndex(of: 1)
    func all(_ x: LogicalTensor, _ builder: inout TensorBuilder) throws -> Value {
      let full = try builder.expand(x, to: lead + x.shape.suffix(2))
      var extents = full.shape
      if let unit { extents.remove(at: unit) }
      let value = isSampled ? try builder.sampled(full) : try builder.whole(full)
      return try builder.reshape(value, to: Shape([isSampled ? builder.batch : 1] + extents))
    }
    let (q, k, v) = (
      try all(queries, &self), try all(keys, &self), try all(values, &self)
    )
    var scores: Value?
    if var added {
      if added.rank < lead.count + 2 {
        added = try reshape(
          added, to: [Int](repeating: 1, count: lead.count + 2 - added.rank) + added.shape)
      }
      var extents = added.shape
      if let unit { extents.remove(at: unit) }
      let value = try lift(added)
      scores = try reshape(value.value, to: Shape([value.isSampled ? batch : 1] + extents))
    }
    let result = try graph.attention(
      queries: q, keys: k, values: v, mask: scores, scale: scale)
    return try tensor(
      result, isSampled: isSampled, shape: lead + [t, values.shape[values.rank - 1]])
  }

  /// What a mask adds to scores.
  mutating func addedMask(_ mask: LogicalTensor) throws -> LogicalTensor {
    guard mask.element == .boolean else {
      guard let array = mask.host else { return mask }
      let elements = array.elements.map { max($0, -Self.farBelow) }
      return LogicalTensor(HostArray(elements, shape: array.shape, element: .real))
    }
    return try affine(mask, scale: Self.farBelow, shift: -Self.farBelow)
  }

  /// Which keys are seen with a mask; nil where it hides none.
  mutating func seenKeys(of mask: LogicalTensor) throws -> LogicalTensor? {
    if mask.element == .boolean { return mask }
    let seen = try not(isInfinitelyLow(mask))
    return seen.host?.elements.allSatisfy { $0 != 0 } == true ? nil : seen
  }

  /// 1 for queries that see any key, `[.., t, 1]`; nil where all do.
  mutating func anyKey(_ seen: LogicalTensor) throws -> LogicalTensor? {
    guard seen.rank >= 1 else { return real(seen) }
    let any = try boolean(sum(with(seen, element: .integer), axes: [-1], keepsAxes: true))
    return any.host?.elements.allSatisfy { $0 != 0 } == true ? nil : real(any)
  }

  /// 1 where a number is minus infinity, or stands for it.
  mutating func isInfinitelyLow(_ x: LogicalTensor) throws -> LogicalTensor {
    if let array = x.host {
      let elements = array.elements.map { Self.standsForInfinity($0) ? 1.0 : 0 }
      return LogicalTensor(HostArray(elements, shape: array.shape, element: .boolean))
    }
    let isLow = try isGreater(number(-0.75 * Self.farBelow), x)
    let isTooLow = try isGreater(number(-Self.mostSummands * Self.farBelow), x)
    return try with(subtract(real(isLow), real(isTooLow)), element: .boolean)
  }

  private static func standsForInfinity(_ x: Double) -> Bool {
    x == -.infinity || (x < -0.75 * farBelow && x >= -mostSummands * farBelow)
  }

  /// 1 where a softmax along the last axis has no value, since all its scores are minus infinity; nil for
  /// what is no such softmax.
  mutating func isUndefined(softmax x: LogicalTensor) throws -> LogicalTensor? {
    guard case .graph(let value, _) = x.content, let scores = softmaxScores[value] else {
      return nil
    }
    guard let seen = try seenKeys(of: scores), let any = try anyKey(seen) else {
      return try expand(with(number(0), element: .boolean), to: x.shape)
    }
    return try expand(not(with(any, element: .boolean)), to: x.shape)
  }

  /// Softmax of scores along an axis; zeros where all are minus infinity.
  mutating func safeSoftmax(_ x: LogicalTensor, axis: Int) throws -> LogicalTensor {
    try along(x, axis) { builder, x in
      let result = try builder.softmax(x, axis: -1)
      guard let seen = try builder.seenKeys(of: x), let any = try builder.anyKey(seen) else {
        return result
      }
      return try builder.multiply(result, any)
    }
  }
}
