internal import LinearAlgebra

/// `Y = op(A) op(B)` for stacks of matrices, one after another through BLAS.
struct MatrixStackProductKernel: Kernel {
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

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let range =
      division == .perChunk
      ? chunk.start * products..<(chunk.start + chunk.count) * products : 0..<products
    let (pa, pb, y) = (memory[a], memory[b], memory[output])
    for product in range {
      Float.matrixProduct(
        transposeA: transposeA, transposeB: transposeB, rows: rows, columns: columns,
        inner: inner, alpha: 1, a: pa + startsA[product], strideA: transposeA ? rows : inner,
        b: pb + startsB[product], strideB: transposeB ? inner : columns, beta: 0,
        c: y + product * rows * columns, strideC: columns)
    }
  }
}
