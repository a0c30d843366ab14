internal import NumericKernels

/// Sum of products of matrices, `Y = sum of op(A) op(B)`; gradients of weights among others.
///
/// Threads share the columns of the result: a sum over samples needs no parts that are added up, and
/// its bits do not depend on how many there are.
struct MatrixProductKernel: Kernel {
  /// One summand.
  struct Term {
    let left: Buffer
    let right: Buffer
  }

  let kernels: any MatrixProductKernels
  let shape: MatrixProductShape
  /// Whether the left factors lie in memory as `[depth, rows]`.
  let transposesLeft: Bool
  /// Whether the right factors lie in memory as `[columns, depth]`.
  let transposesRight: Bool
  let terms: [Term]
  let result: Buffer
  /// Calls that share the work.
  let parts: Int
  /// Whether the sums are added to what is there.
  var accumulates = false

  var division: KernelDivision { parts > 1 ? .perShare : .whole }

  /// Columns that a call computes: whole panels of sixteen.
  func columns(of part: Int) -> Range<Int> {
    func bound(_ part: Int) -> Int { min(shape.panels * part / parts * 16, shape.columns) }
    return bound(part)..<bound(part + 1)
  }

  private func shape(of columns: Range<Int>) -> MatrixProductShape {
    MatrixProductShape(rows: shape.rows, columns: columns.count, depth: shape.depth)
  }

  var scratchCount: Int {
    kernels.productScratchCount(shape(of: 0..<(shape.panels + parts - 1) / parts * 16))
  }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let columns = columns(of: chunk.index)
    guard !columns.isEmpty else { return }
    kernels.product(
      shape(of: columns),
      terms: terms.map { term in
        (
          left: .matrix(
            memory[term.left], rows: shape.rows, columns: shape.depth,
            isTransposed: transposesLeft),
          right: .matrix(
            memory[term.right], rows: shape.depth, columns: shape.columns,
            isTransposed: transposesRight
          ).from(row: 0, column: columns.lowerBound)
        )
      },
      output: memory[result] + columns.lowerBound, outputStride: shape.columns,
      accumulates: accumulates, scratch: memory.scratch)
  }
}
