// Products run over blocks of rows: a block of the vector is widened to Double once, stays in the
// first-level cache, and meets every column there. The time is that of reading the columns once.
// Sections of blocks are summed for themselves, by any thread, and added in order.

extension ColumnMatrix {
  /// Rows that are worked on at a time; 8 KiB of the vector in `Double`.
  static var blockRows: Int { 1024 }

  /// Rows that one thread takes.
  package static var sectionRows: Int { 64 * blockRows }

  /// Adds up dots with the columns, one row of numbers for each section of `sectionRows` rows.
  ///
  /// Where the matrix is some sections of a taller one, it is here that the sums of the others are joined.
  package typealias SectionSum = (_ sections: [[Double]]) throws -> [Double]

  /// Sums over sections, in their order: the bits depend on the shape alone.
  package static func sum(_ sections: [[Double]]) -> [Double] {
    guard let first = sections.first else { return [] }
    return sections.reduce([Double](repeating: 0, count: first.count)) { sum, section in
      zip(sum, section).map { $0 + $1 }
    }
  }

  /// Projects on the columns: the coefficients `V^T y`.
  ///
  /// - Parameters:
  ///   - y: A vector of `rows` elements.
  ///   - sum: How sections are added up.
  /// - Returns: One coefficient a column.
  /// - Throws: What `sum` throws.
  /// - Complexity: O(rows columns), one pass over the columns.
  package func project(_ y: Vector<Scalar>, sum: SectionSum) rethrows -> [Double] {
    precondition(y.count == rows, "vector of \(y.count) for a matrix of \(rows) rows")
    let sections = y.withUnsafeBuffer { source in
      let source = Shared(buffer: UnsafeMutableBufferPointer(mutating: source))
      return overBlocks { block, start, count, columns, sums in
        let source = UnsafeBufferPointer(source.buffer)
        ColumnKernels<Scalar>.load(source, from: start, count: count, into: block)
        ColumnKernels<Scalar>.project(block, count: count, columns, from: start, into: sums)
      }
    }
    return try sum(sections)
  }

  /// Projects on the columns of a whole matrix: the coefficients `V^T y`.
  ///
  /// - Returns: One coefficient a column.
  package func project(_ y: Vector<Scalar>) -> [Double] { project(y, sum: Self.sum) }

  /// `y <- y - V c`, rounded to the scalar once per element.
  ///
  /// - Complexity: O(rows columns), one pass over the columns.
  package func subtractCombination(_ coefficients: [Double], from y: inout Vector<Scalar>) {
    precondition(y.count == rows, "vector of \(y.count) for a matrix of \(rows) rows")
    precondition(coefficients.count == columns, "one coefficient a column")
    y.withUnsafeMutableBuffer { target in
      let target = Shared(buffer: target)
      _ = overBlocks { block, start, count, columns, _ in
        let source = UnsafeBufferPointer(target.buffer)
        ColumnKernels<Scalar>.load(source, from: start, count: count, into: block)
        ColumnKernels<Scalar>.subtract(block, count: count, columns, from: start, coefficients)
        ColumnKernels<Scalar>.store(block, into: target.buffer, from: start, count: count)
      }
    }
  }

  /// Two-pass Gram-Schmidt: `y <- (I - V V^T)^2 y`; returns what was removed.
  ///
  /// Twice is enough to make y orthogonal to working precision (Giraud et al. 2005,
  /// doi:10.1007/s00211-005-0615-4). The end of the first pass and the start of the second share
  /// a pass over memory.
  ///
  /// - Parameters:
  ///   - y: A vector of `rows` elements.
  ///   - sum: How sections are added up; called twice.
  /// - Returns: `c` such that the old y is `V c` + the new y.
  /// - Throws: What `sum` throws.
  /// - Complexity: O(rows columns), three passes over the columns.
  package func orthogonalize(_ y: inout Vector<Scalar>, sum: SectionSum) rethrows -> [Double] {
    guard columns > 0 else { return [] }
    let first = try project(y, sum: sum)
    let sections = y.withUnsafeMutableBuffer { target in
      let target = Shared(buffer: target)
      return overBlocks { block, start, count, columns, sums in
        let source = UnsafeBufferPointer(target.buffer)
        ColumnKernels<Scalar>.load(source, from: start, count: count, into: block)
        ColumnKernels<Scalar>.subtract(block, count: count, columns, from: start, first)
        ColumnKernels<Scalar>.store(block, into: target.buffer, from: start, count: count)
        // Again from memory: the second pass must see the rounded elements.
        ColumnKernels<Scalar>.load(source, from: start, count: count, into: block)
        ColumnKernels<Scalar>.project(block, count: count, columns, from: start, into: sums)
      }
    }
    let second = try sum(sections)
    subtractCombination(second, from: &y)
    return zip(first, second).map { $0 + $1 }
  }

  /// Two-pass Gram-Schmidt against a whole matrix.
  package func orthogonalize(_ y: inout Vector<Scalar>) -> [Double] {
    orthogonalize(&y, sum: Self.sum)
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
    let (pool, rows) = (pool ?? .callerAlone, rows)
    // Rows of all combinations, for each worker.
    let room = height * combinations.count
    var results = [Double](repeating: 0, count: room * pool.threadCount)
    withColumnPointers { columns in
      results.withUnsafeMutableBufferPointer { scratch in
        let (columns, scratch) = (SharedColumns(pointers: columns), Shared(buffer: scratch))
        pool.run(count: (rows + Self.sectionRows - 1) / Self.sectionRows) { section, worker in
          guard let base = scratch.buffer.baseAddress.map({ $0 + worker * room }) else { return }
          let columns = columns.pointers
          let first = section * Self.sectionRows
          Self.withBlocks(first..<min(first + Self.sectionRows, rows)) { _, start, count in
            for (index, combination) in combinations.enumerated() {
              let target = base + index * height
              target.initialize(repeating: 0, count: height)
              ColumnKernels<Scalar>.subtract(
                target, count: count, columns, from: start, combination)
            }
            for index in combinations.indices {
              let target = UnsafeMutableBufferPointer(start: columns[index], count: rows)
              ColumnKernels<Scalar>.storeNegated(
                base + index * height, into: target, from: start, count: count)
            }
          }
        }
      }
    }
    removeLast(keeping: combinations.count)
  }

  /// Memory that several threads work on, each on rows of its own.
  private struct Shared<Element>: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<Element>
  }

  /// The same for the columns.
  private struct SharedColumns: @unchecked Sendable {
    let pointers: ColumnKernels<Scalar>.Columns
  }

  /// Calls a closure for each block of rows, on all threads of the pool if there is one.
  ///
  /// - Parameter body: Receives scratch space in `Double`, the rows, the columns, and one sum per
  ///   column that it may add to.
  /// - Returns: The sums of each section.
  private func overBlocks(
    _ body:
      @Sendable (
        _ block: UnsafeMutablePointer<Double>, _ start: Int, _ count: Int,
        _ columns: ColumnKernels<Scalar>.Columns, _ sums: UnsafeMutableBufferPointer<Double>
      ) -> Void
  ) -> [[Double]] {
    let sections = (rows + Self.sectionRows - 1) / Self.sectionRows
    let (width, rows) = (columns, rows)
    guard width > 0 else { return [] }
    var partial = [Double](repeating: 0, count: sections * width)
    withColumnPointers { pointers in
      partial.withUnsafeMutableBufferPointer { partial in
        let (columns, sums) = (SharedColumns(pointers: pointers), Shared(buffer: partial))
        (pool ?? .callerAlone).run(count: sections) { section, _ in
          let own = UnsafeMutableBufferPointer(
            rebasing: sums.buffer[section * width..<(section + 1) * width])
          let start = section * Self.sectionRows
          Self.withBlocks(start..<min(start + Self.sectionRows, rows)) { block, start, count in
            body(block, start, count, columns.pointers, own)
          }
        }
      }
    }
    return (0..<sections).map { Array(partial[$0 * width..<($0 + 1) * width]) }
  }

  /// Calls a closure for each block of some rows with scratch space in `Double`.
  private static func withBlocks(
    _ rows: Range<Int>,
    _ body: (_ block: UnsafeMutablePointer<Double>, _ start: Int, _ count: Int) -> Void
  ) {
    withUnsafeTemporaryAllocation(byteCount: blockRows * 8, alignment: 64) { scratch in
      guard let base = scratch.baseAddress else { return }
      let block = base.bindMemory(to: Double.self, capacity: blockRows)
      for start in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: blockRows) {
        body(block, start, min(blockRows, rows.upperBound - start))
      }
    }
  }
}
