internal import Foundation

/// Softmax, its logarithm, or the logarithm of its sum along the last axis, computed in `Double`.
///
/// In Float the logarithm of a probability near 1 would keep few digits.
struct SoftmaxKernel: Kernel {
  enum Result {
    case probabilities
    case logarithms
    case logarithmOfSum
  }

  let division: KernelDivision
  let result: Result
  let input: Buffer
  let output: Buffer
  /// Rows per sample when divided, else all rows.
  let rows: Int
  let columns: Int

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let first = division == .perChunk ? chunk.start * rows : 0
    let last = division == .perChunk ? (chunk.start + chunk.count) * rows : rows
    let z = UnsafePointer(memory[input])
    let y = memory[output]
    // In whole vectors.
    let capacity = (columns + 7) / 8 * 8
    withUnsafeTemporaryAllocation(of: Double.self, capacity: capacity) { exponentials in
      let raw = UnsafeMutableRawBufferPointer(exponentials)
      for row in first..<last {
        let x = z + row * columns
        var largest = x[0]
        for k in 1..<columns where x[k] > largest { largest = x[k] }
        var sum = 0.0
        for k in 0..<columns { exponentials[k] = Double(x[k]) - Double(largest) }
        for k in columns..<capacity { exponentials[k] = 0 }
        for k in stride(from: 0, to: capacity, by: 8) {
          let powers = raw.loadUnaligned(fromByteOffset: 8 &* k, as: SIMD8<Double>.self)
          raw.storeBytes(
            of: DoubleFunctions.exponential(powers), toByteOffset: 8 &* k,
            as: SIMD8<Double>.self)
        }
        for k in 0..<columns { sum += exponentials[k] }
        switch result {
        case .probabilities:
          for k in 0..<columns { y[row * columns + k] = Float(exponentials[k] / sum) }
        case .logarithms:
          let shift = Double(largest) + log(sum)
          for k in 0..<columns { y[row * columns + k] = Float(Double(x[k]) - shift) }
        case .logarithmOfSum: y[row] = Float(Double(largest) + log(sum))
        }
      }
    }
  }
}
