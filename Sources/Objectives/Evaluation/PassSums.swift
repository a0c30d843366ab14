internal import Communication
internal import GraphRuntime
internal import LinearAlgebra

/// What passes over samples add up: numbers in `Double`, and vectors in the space of the parameters.
struct PassSums {
  /// The numbers.
  var numbers: [Double]
  /// The vectors; nil where no pass has added anything.
  var vectors: [Vector<Float>?]
  /// Rows that are right.
  var correct = 0

  /// Nothing is added yet.
  init(numbers: Int, vectors: Int) {
    self.numbers = [Double](repeating: 0, count: numbers)
    self.vectors = [Vector<Float>?](repeating: nil, count: vectors)
  }

  /// Adds the sums of later passes.
  mutating func add(_ other: PassSums) {
    for index in numbers.indices { numbers[index] += other.numbers[index] }
    for index in vectors.indices {
      guard let right = other.vectors[index] else { continue }
      if vectors[index] == nil {
        vectors[index] = right
      } else {
        vectors[index]?.add(right)
      }
    }
    correct += other.correct
  }

  /// Adds the partial sums of all ranks in the order of the tree; each rank gets the total.
  ///
  /// - Parameters:
  ///   - parts: Sums over the subtrees of the groups of this rank.
  ///   - tree: The order of the passes.
  ///   - ranks: Who takes part.
  ///   - like: As many numbers and vectors as each part has.
  ///   - vectorCount: Elements of a vector.
  /// - Returns: The total, the same on every rank.
  /// - Throws: `RankFailure`.
  static func total(
    _ parts: [PassSums], _ tree: SumTree, among ranks: any Communicator, like: PassSums,
    vectorCount: Int
  ) throws -> PassSums {
    var result = like
    let sums = RankedSums(tree, among: ranks)
    let numbers = try sums.total(
      parts.map { part in
        let memory = SumMemory<Double>(count: part.numbers.count)
        for (index, value) in part.numbers.enumerated() { memory.pointer[index] = value }
        return memory
      }, count: like.numbers.count)
    for index in like.numbers.indices { result.numbers[index] = numbers.pointer[index] }
    for index in like.vectors.indices {
      let vector = try sums.total(
        parts.map { part in
          let memory = SumMemory<Float>(count: vectorCount)
          part.vectors[index]?.withUnsafeBuffer { source in
            guard let base = source.baseAddress else { return }
            memory.pointer.update(from: base, count: source.count)
          }
          return memory
        }, count: vectorCount)
      result.vectors[index] = Vector(
        UnsafeBufferPointer(start: vector.pointer, count: vectorCount))
    }
    result.correct = try ranks.sum([parts.reduce(0) { $0 + $1.correct }])[0]
    return result
  }
}
