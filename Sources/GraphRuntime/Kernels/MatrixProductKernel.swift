internal import LinearAlgebra

/// `Y = op(A) op(B)` through BLAS.
struct MatrixProductKernel: Kernel {
  let division: KernelDivision
  let a: Buffer
  let b: Buffer
  let output: Buffer
  let transposeA: Bool
  let transposeB: Bool
  let rows: Int
  let columns: Int
  let inner: Int
  /// One result per chunk; only for partial sums.
  let partials: BufferPlace?
  let chunkCount: Int

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let strideA = transposeA ? rows : inner
    let strideB = transposeB ? inner : columns
    var (pa, pb, y) = (memory[a], memory[b], memory[output])
    var (m, k) = (rows, inner)
    switch division {
    case .whole: break
    case .perChunk:  // rows of A and Y are samples
      pa += chunk.start * strideA
      y += chunk.start * columns
      m = chunk.count
    case .partialSums:  // the inner dimension is the sample: rows of both A^T and B
      guard let partials else { return }
      pa += chunk.start * strideA
      pb += chunk.start * strideB
      y = memory[partials] + chunk.index * rows * columns
      k = chunk.count
    }
    Float.matrixProduct(
      transposeA: transposeA, transposeB: transposeB, rows: m, columns: columns, inner: k,
      alpha: 1, a: pa, strideA: strideA, b: pb, strideB: strideB, beta: 0, c: y, strideC: columns)
  }

  func finish(_ memory: Memory) {
    guard let partials else { return }
    PartialSums.add(
      memory[partials], parts: chunkCount, count: rows * columns, into: memory[output])
  }
}

/// Adds the parts that chunks of samples made, in the order of the chunks.
enum PartialSums {
  static func add(
    _ parts: UnsafePointer<Float>, parts partCount: Int, count: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count {
      var sum = Double(parts[i])
      for part in 1..<max(partCount, 1) { sum += Double(parts[part &* count &+ i]) }
      target[i] = Float(sum)
    }
  }
}
