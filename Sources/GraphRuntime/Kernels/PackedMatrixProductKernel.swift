internal import NumericKernels

/// Packs a matrix as the right factor of products, once per setting of the weights.
struct PackMatrixKernel: Kernel {
  let division = KernelDivision.whole
  let kernels: any MatrixProductKernels
  let matrix: Buffer
  /// Whether the factor is the matrix transposed.
  let isTransposed: Bool
  let shape: MatrixProductShape
  let packed: Buffer

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    kernels.pack(
      .matrix(
        memory[matrix], rows: shape.depth, columns: shape.columns, isTransposed: isTransposed),
      shape, to: memory[packed])
  }
}

/// Sum of products of samples with packed matrices, and what follows fused in.
struct PackedMatrixProductKernel: Kernel {
  /// One summand.
  struct Term {
    /// Rows of samples.
    let left: Buffer
    /// A packed matrix.
    let right: Buffer
  }

  let division = KernelDivision.perChunk
  let kernels: any MatrixProductKernels
  let terms: [Term]
  let result: Buffer
  let bias: Buffer?
  let addend: Buffer?
  let rectifies: Bool
  let gate: Buffer?
  let rowsPerSample: Int
  /// Most samples of a chunk.
  let largestChunk: Int
  let columns: Int
  let depth: Int

  private func shape(samples: Int) -> MatrixProductShape {
    MatrixProductShape(rows: samples * rowsPerSample, columns: columns, depth: depth)
  }

  var scratchCount: Int { kernels.packedProductScratchCount(shape(samples: largestChunk)) }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let first = chunk.start * rowsPerSample
    let start = first * columns
    kernels.packedProduct(
      shape(samples: chunk.count),
      terms: terms.map {
        (
          left: MatrixOperand(
            elements: memory[$0.left] + first * depth, rowStride: depth, columnStride: 1),
          right: UnsafePointer(memory[$0.right])
        )
      },
      output: memory[result] + start, outputStride: columns,
      epilogue: ProductEpilogue(
        bias: bias.map { UnsafePointer(memory[$0]) },
        addend: addend.map { UnsafePointer(memory[$0] + start) }, rectifies: rectifies,
        gate: gate.map { UnsafePointer(memory[$0] + start) }),
      scratch: memory.scratch)
  }
}
