internal import NumericKernels

/// `Y = op(A) op(B)` for stacks of matrices, one after another.
struct MatrixStackProductKernel: Kernel {
  let kernels: any MatrixProductKernels
  let division: KernelDivision
  let a: Buffer
  let b: Buffer
  let output: Buffer
  let transposeA: Bool
  let transposeB: Bool
  let rows: Int
  let columns: Int
  let inner: Int
  /// Where the operands of each product begin; operands that are repeated begin at the same place.
  let startsA: [Int]
  let startsB: [Int]
  /// Products per sample when divided, else all.
  let products: Int

  private var shape: MatrixProductShape {
    MatrixProductShape(rows: rows, columns: columns, depth: inner)
  }

  var scratchCount: Int { kernels.productScratchCount(shape) }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let range =
      division == .perChunk
      ? chunk.start * products..<(chunk.start + chunk.count) * products : 0..<products
    let (pa, pb, y) = (memory[a], memory[b], memory[output])
    for product in range {
      kernels.product(
        shape,
        terms: [
          (
            left: .matrix(
              pa + startsA[product], rows: rows, columns: inner, isTransposed: transposeA),
            right: .matrix(
              pb + startsB[product], rows: inner, columns: columns, isTransposed: transposeB)
          )
        ],
        output: y + product * rows * columns, outputStride: columns, accumulates: false,
        scratch: memory.scratch)
    }
  }
}
