internal import ComputationGraph
internal import NumericKernels

/// Sum of products of rows of samples with large matrices, and what follows: `MatrixProductKernel`, which packs
/// the matrices on the way, between what is added before and what is done to the sums behind it.
///
/// Threads share the columns of the result, so every matrix is packed once for all samples of a batch.
struct RowProductKernel: Kernel {
  let product: MatrixProductKernel
  let bias: Buffer?
  let addend: Buffer?
  let rectifies: Bool
  let gate: Buffer?

  var division: KernelDivision { product.division }
  var scratchCount: Int { product.scratchCount }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let columns = product.columns(of: chunk.index)
    let (width, count) = (product.shape.columns, columns.count)
    guard count > 0 else { return }
    let result = memory[product.result] + columns.lowerBound
    let shift = bias.map { UnsafePointer(memory[$0] + columns.lowerBound) }
    let start = addend.map { UnsafePointer(memory[$0] + columns.lowerBound) }
    if shift != nil || start != nil {
      for row in 0..<product.shape.rows {
        let y = result + row * width
        if let start {
          let x = start + row * width
          if let shift {
            TileLoops.run(.add, x, shift, y, count)
          } else if x != UnsafePointer(y) {
            y.update(from: x, count: count)
          }
        } else if let shift {
          y.update(from: shift, count: count)
        }
      }
    }
    product.run(memory, chunk)
    guard rectifies || gate != nil else { return }
    let mask = gate.map { UnsafePointer(memory[$0] + columns.lowerBound) }
    for row in 0..<product.shape.rows {
      let y = result + row * width
      if rectifies { TileLoops.run(.unary(.relu), y, y, y, count) }
      if let mask { TileLoops.run(.gate, y, mask + row * width, y, count) }
    }
  }
}
