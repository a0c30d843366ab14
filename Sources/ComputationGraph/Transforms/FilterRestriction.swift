extension Graph {
  /// The part of a weight gradient that belongs to some filters, without computing the others.
  ///
  /// The gradient of a convolution by its filters `[o, c, r, s]` and that of a linear layer by its
  /// matrix `[o, c]` take one channel of the cotangent per filter; only these channels are gathered.
  /// Where the number of filters is a multiple of `block`, so is the number of those computed (the
  /// first of the others are taken along), since kernels work on whole blocks of channels.
  ///
  /// - Parameters:
  ///   - gradient: A gradient by one tensor of weights.
  ///   - filters: Indices of its first axis, ascending and not empty.
  ///   - block: Channels that kernels work on at once.
  /// - Returns: A gradient whose first rows belong to `filters`, in order; nil where nothing would be
  ///   saved: as many filters would be computed, or the gradient is not one of these two.
  /// - Throws: `ShapeError` when a filter is outside the gradient.
  package mutating func restricting(
    _ gradient: Value, toFilters filters: [Int], block: Int
  ) throws(ShapeError) -> Value? {
    let node = self[gradient]
    switch node.operation {
    case .convolutionFilterGradient(let p) where p.geometry.groups == 1:
      let count = p.filter[0]
      let computed = Self.filled(filters, of: count, block: count % block == 0 ? block : 1)
      guard computed.count < count else { return nil }
      let cotangent = try gather(node.inputs[1], axis: 1, indices: computed)
      return try convolutionFilterGradient(
        node.inputs[0], cotangent, p.geometry,
        filter: p.filter.replacing(axis: 0, with: computed.count))
    case .matrixProduct(let p)
    where node.shape.rank == 2 && p.transposeA && filters.count < node.shape[0]:
      let cotangent = try gather(node.inputs[0], axis: 1, indices: filters)
      return try matrixProduct(
        cotangent, node.inputs[1], transposeA: true, transposeB: p.transposeB)
    default: return nil
    }
  }

  /// Indices with the first of the others behind them, to a multiple of `block`.
  private static func filled(_ indices: [Int], of count: Int, block: Int) -> [Int] {
    let wanted = (indices.count + block - 1) / block * block
    let chosen = Set(indices)
    return indices
      + (0..<count).lazy.filter { !chosen.contains($0) }.prefix(wanted - indices.count)
  }
}
