// Products run over blocks of rows: a block of the vector is widened to Double once, stays in the
// first-level cache, and meets every column there. The time is that of reading the columns once.

extension ColumnMatrix {
  /// Rows that are worked on at a time; 8 KiB of the vector in `Double`.
  static var blockRows: Int { 1024 }

  /// Coefficients `V^T y`.
  ///
  /// - Complexity: O(rows columns), one pass over the columns.
  package func project(_ y: Vector<Scalar>) -> [Double] {
    precondition(y.count == rows, "vector of \(y.count) for a matrix of \(rows) rows")
    var result = [Double](repeating: 0, count: columns)
    withColumnPointers { columns in
      y.withUnsafeBuffer { source in
        result.withUnsafeMutableBufferPointer { sums in
          withBlocks { block, start, count in
            ColumnKernels<Scalar>.load(source, from: start, count: count, into: block)
            ColumnKernels<Scalar>.project(block, count: count, columns, from: start, into: sums)
          }
        }
      }
    }
    return result
  }

  /// `y <- y - V c`, rounded to the scalar once per element.
  ///
  /// - Complexity: O(rows columns), one pass over the columns.
  package func subtractCombination(_ coefficients: [Double], from y: inout Vector<Scalar>) {
    precondition(y.count == rows, "vector of \(y.count) for a matrix of \(rows) rows")
    precondition(coefficients.count == columns, "one coefficient a column")
    withColumnPointers { columns in
      y.withUnsafeMutableBuffer { target in
        withBlocks { block, start, count in
          let source = UnsafeBufferPointer(target)
          ColumnKernels<Scalar>.load(source, from: start, count: count, into: block)
          ColumnKernels<Scalar>.subtract(block, count: count, columns, from: start, coefficients)
          ColumnKernels<Scalar>.store(block, into: target, from: start, count: count)
        }
      }
    }
  }

  /// Two-pass Gram-Schmidt: `y <- (I - V V^T)^2 y`; returns what was removed.
  ///
  /// Twice is enough to make y orthogonal to working precision (Giraud et al. 2005,
  /// doi:10.1007/s00211-005-0615-4). The end of the first pass and the start of the second share
  /// a pass over memory.
  ///
  /// - Returns: `c` such that the old y is `V c` + the new y.
  /// - Complexity: O(rows columns), three passes over the columns.
  package func orthogonalize(_ y: inout Vector<Scalar>) -> [Double] {
    guard columns > 0 else { return [] }
    let first = project(y)
    var second = [Double](repeating: 0, count: columns)
    withColumnPointers { columns in
      y.withUnsafeMutableBuffer { target in
        second.withUnsafeMutableBufferPointer { sums in
          withBlocks { block, start, count in
            let source = UnsafeBufferPointer(target)
            ColumnKernels<Scalar>.load(source, from: start, count: count, into: block)
            ColumnKernels<Scalar>.subtract(block, count: count, columns, from: start, first)
            ColumnKernels<Scalar>.store(block, into: target, from: start, count: count)
            // Again from memory: the second pass must see the rounded elements.
            ColumnKernels<Scalar>.load(source, from: start, count: count, into: block)
            ColumnKernels<Scalar>.project(block, count: count, columns, from: start, into: sums)
          }
        }
      }
    }
    subtractCombination(second, from: &y)
    return zip(first, second).map { $0 + $1 }
  }

  /// Linear combination `V c` of the columns.
  ///
  /// - Complexity: O(rows columns), one pass over the columns.
  package func combine(_ coefficients: [Double]) -> Vector<Scalar> {
    var result = Vector<Scalar>(zeros: rows)
    subtractCombination(coefficients.map { -$0 }, from: &result)
    return result
  }

  /// `V <- V C` for a small matrix with fewer or as many columns, in place.
  ///
  /// - Parameter combinations: The columns of C, each with one coefficient per column of V.
  /// - Complexity: O(rows columns combinations.count), one pass over the columns.
  package mutating func replaceColumns(byCombinations combinations: [[Double]]) {
    precondition(combinations.count <= columns, "more combinations than columns")
    precondition(combinations.allSatisfy { $0.count == columns }, "one coefficient a column")
    makeUnique()
    let height = Self.blockRows
    var results = [Double](repeating: 0, count: height * combinations.count)
    withColumnPointers { columns in
      results.withUnsafeMutableBufferPointer { scratch in
        guard let base = scratch.baseAddress else { return }
        withBlocks { _, start, count in
          for (index, combination) in combinations.enumerated() {
            let target = base + index * height
            target.initialize(repeating: 0, count: height)
            ColumnKernels<Scalar>.subtract(target, count: count, columns, from: start, combination)
          }
          for index in combinations.indices {
            let target = UnsafeMutableBufferPointer(start: columns[index], count: rows)
            ColumnKernels<Scalar>.storeNegated(
              base + index * height, into: target, from: start, count: count)
          }
        }
      }
    }
    removeLast(keeping: combinations.count)
  }

  /// Calls a closure for each block of rows with scratch space in `Double`.
  private func withBlocks(
    _ body: (_ block: UnsafeMutablePointer<Double>, _ start: Int, _ count: Int) -> Void
  ) {
    withUnsafeTemporaryAllocation(byteCount: Self.blockRows * 8, alignment: 64) { scratch in
      guard let base = scratch.baseAddress else { return }
      let block = base.bindMemory(to: Double.self, capacity: Self.blockRows)
      var start = 0
      while start < rows {
        body(block, start, min(Self.blockRows, rows - start))
        start += Self.blockRows
      }
    }
  }
}
