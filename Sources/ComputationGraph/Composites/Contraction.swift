extension Graph {
  /// Sum of products over pairs of axes: the general product of two tensors.
  ///
  /// `y[b.., f.., g..] = sum over i.. of a[b.., f.., i..] b[b.., i.., g..]`, where the axes of each operand may be
  /// in any order. Becomes a matrix product of transposed and reshaped operands.
  ///
  /// - Parameters:
  ///   - a: The first operand.
  ///   - b: The second operand.
  ///   - batch: Pairs of axes of `a` and `b` that go together and stay.
  ///   - inner: Pairs of axes that are summed over.
  /// - Returns: Axes `batch`, then those of `a` that are left, then those of `b`, in their orders.
  /// - Throws: `ShapeError` when axes do not fit.
  public mutating func contraction(
    _ a: Value, _ b: Value, batch: [(Int, Int)] = [], inner: [(Int, Int)] = []
  ) throws(ShapeError) -> Value {
    let (shapeA, shapeB) = (shape(of: a), shape(of: b))
    let pairs = batch + inner
    guard
      pairs.allSatisfy({ (0..<shapeA.rank).contains($0.0) && (0..<shapeB.rank).contains($0.1) }),
      Set(pairs.map(\.0)).count == pairs.count, Set(pairs.map(\.1)).count == pairs.count,
      pairs.allSatisfy({ shapeA[$0.0] == shapeB[$0.1] })
    else {
      throw ShapeError(
        "contraction", "axes batch \(batch), inner \(inner) of \(shapeA) and \(shapeB) do not fit")
    }
    // In the order of the first operand, so that neighbours stay neighbours.
    let inner = inner.sorted { $0.0 < $1.0 }
    let first = try matrices(a, batch: batch.map(\.0), inner: inner.map(\.0), innerIsLast: true)
    let second = try matrices(b, batch: batch.map(\.1), inner: inner.map(\.1), innerIsLast: false)
    let product = try matrixProduct(
      first.value, second.value, transposeA: first.isTransposed, transposeB: second.isTransposed)
    let stack = batch.map { shapeA[$0.0] }
    return try reshape(product, to: Shape(stack + first.free + second.free))
  }

  /// An operand as a stack of matrices, free axes by inner ones; transposed where that saves a copy.
  private mutating func matrices(
    _ x: Value, batch: [Int], inner: [Int], innerIsLast: Bool
  ) throws(ShapeError) -> (value: Value, isTransposed: Bool, free: [Int]) {
    let shape = shape(of: x)
    let free = (0..<shape.rank).filter { !batch.contains($0) && !inner.contains($0) }
    let plain = batch + (innerIsLast ? free + inner : inner + free)
    let transposed = batch + (innerIsLast ? inner + free : free + inner)
    let isTransposed = transposed == Array(0..<shape.rank) && plain != transposed
    func count(_ axes: [Int]) -> Int { axes.map { shape[$0] }.reduce(1, *) }
    let freeIsFirst = innerIsLast != isTransposed
    let matrix = freeIsFirst ? [count(free), count(inner)] : [count(inner), count(free)]
    let ordered = try transpose(x, isTransposed ? transposed : plain)
    return (
      try reshape(ordered, to: Shape(batch.map { shape[$0] } + matrix)), isTransposed,
      free.map { shape[$0] }
    )
  }

  /// Product of two tensors by letters of their axes, like `nhqd,nhkd->nhqk`.
  ///
  /// Letters in both operands and the result go together, letters that the result lacks are summed
  /// over. No letter may be twice in one operand.
  ///
  /// - Throws: `ShapeError` when letters and shapes do not fit.
  public mutating func einsum(
    _ letters: String, _ a: Value, _ b: Value
  ) throws(ShapeError) -> Value {
    let sides = letters.split(separator: ">", omittingEmptySubsequences: false)
    let operands = (sides.first ?? "").dropLast().split(
      separator: ",", omittingEmptySubsequences: false
    ).map { Array($0) }
    guard sides.count == 2, sides[0].last == "-", operands.count == 2,
      operands.allSatisfy({ Set($0).count == $0.count }), Set(sides[1]).count == sides[1].count,
      operands[0].count == shape(of: a).rank, operands[1].count == shape(of: b).rank,
      Set(sides[1]).isSubset(of: operands[0] + operands[1])
    else {
      throw ShapeError("einsum", "\(letters) does not fit \(shape(of: a)) and \(shape(of: b))")
    }
    let result = Array(sides[1])
    // What only one operand has and the result lacks is summed over first.
    let (x, first) = try summed(a, operands[0], keeping: operands[1] + result)
    let (y, second) = try summed(b, operands[1], keeping: operands[0] + result)
    var batch: [(Int, Int)] = []
    var inner: [(Int, Int)] = []
    // In the order of the result, so that it need not be transposed.
    for letter in result + first.filter({ !result.contains($0) }) {
      guard let i = first.firstIndex(of: letter), let j = second.firstIndex(of: letter) else {
        continue
      }
      if result.contains(letter) { batch.append((i, j)) } else { inner.append((i, j)) }
    }
    let product = try contraction(x, y, batch: batch, inner: inner)
    let axes =
      batch.map { first[$0.0] } + first.filter { !second.contains($0) }
      + second.filter { !first.contains($0) }
    return try transpose(product, result.compactMap { axes.firstIndex(of: $0) })
  }

  /// A tensor summed over the axes whose letters are not kept, without these axes.
  private mutating func summed(
    _ x: Value, _ letters: [Character], keeping kept: [Character]
  ) throws(ShapeError) -> (Value, [Character]) {
    let axes = letters.indices.filter { !kept.contains(letters[$0]) }
    if axes.isEmpty { return (x, letters) }
    let left = letters.indices.filter { !axes.contains($0) }
    let extents = Shape(left.map { shape(of: x)[$0] })
    return (try reshape(reduceSum(x, axes: axes), to: extents), left.map { letters[$0] })
  }
}
