internal import LinearAlgebra

/// Sum over axes of a tensor, accumulated in `Double`.
///
/// The input is seen as planes of `planeCount` floats. Each float of a plane goes to one of
/// `pattern` lanes (its position modulo `pattern`); lane `l` of plane `p` is added to element
/// `(p / divisor) % modulus * pattern + l` of the result.
struct ReduceKernel: Kernel {
  let division: KernelDivision
  let input: Buffer
  let output: Buffer
  /// Planes per sample when divided, else all planes.
  let planes: Int
  let planeCount: Int
  let pattern: Int
  let divisor: Int
  let modulus: Int
  let outputCount: Int
  /// One accumulator of `2 outputCount` floats (as many doubles) per chunk; only for partial sums.
  let partials: BufferPlace?

  var scratchCount: Int { division == .partialSums ? 0 : 2 * outputCount + 2 }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let perSample = division != .whole
    let first = perSample ? chunk.start * planes : 0
    let last = perSample ? (chunk.start + chunk.count) * planes : planes
    let x = UnsafePointer(memory[input])
    switch division {
    case .perChunk:
      // The elements of the result belong to samples too: planes / sample per output element.
      let y = memory[output]
      let perOutput = divisor
      let lowest = first / perOutput
      let count = (last - first) / perOutput * pattern
      let sums = UnsafeMutableRawPointer(memory.scratch).assumingMemoryBound(to: Double.self)
      sums.update(repeating: 0, count: count)
      for plane in first..<last {
        accumulate(x + plane * planeCount, into: sums + (plane / perOutput - lowest) * pattern)
      }
      for i in 0..<count { y[lowest * pattern + i] = Float(sums[i]) }
    case .whole:
      let sums = UnsafeMutableRawPointer(memory.scratch).assumingMemoryBound(to: Double.self)
      sums.update(repeating: 0, count: outputCount)
      for plane in first..<last {
        accumulate(x + plane * planeCount, into: sums + (plane / divisor) % modulus * pattern)
      }
      let y = memory[output]
      for i in 0..<outputCount { y[i] = Float(sums[i]) }
    case .perShare: preconditionFailure("a sum has no shares")
    case .partialSums:
      guard let partials else { return }
      let sums =
        UnsafeMutableRawPointer(memory[partials]).assumingMemoryBound(to: Double.self)
        + chunk.index * outputCount
      sums.update(repeating: 0, count: outputCount)
      for plane in first..<last {
        accumulate(x + plane * planeCount, into: sums + (plane / divisor) % modulus * pattern)
      }
    }
  }

  var parts: ChunkParts? {
    partials.map { ChunkParts(place: $0, count: outputCount, isDouble: true) }
  }

  func finish(_ memory: Memory, parts: Int) {
    guard let partials else { return }
    let sums = UnsafeMutableRawPointer(memory[partials]).assumingMemoryBound(to: Double.self)
    let y = memory[output]
    for i in 0..<outputCount {
      var sum = 0.0
      for part in 0..<parts { sum += sums[part * outputCount + i] }
      y[i] = Float(sum)
    }
  }

  @inline(__always)
  private func accumulate(_ x: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Double>) {
    let raw = UnsafeRawPointer(x)
    if pattern == planeCount {
      for i in 0..<planeCount { sums[i] += Double(x[i]) }
      return
    }
    switch pattern {
    case 1:
      var partial = SIMD8<Double>(repeating: 0)
      let whole = planeCount & ~7
      var i = 0
      while i < whole {
        partial += SIMD8<Double>(
          raw.loadUnaligned(fromByteOffset: i &* 4, as: SIMD8<Float>.self))
        i &+= 8
      }
      var total = partial.sum()
      while i < planeCount {
        total += Double(x[i])
        i &+= 1
      }
      sums[0] += total
    case 8:
      var total = SIMD8<Double>(repeating: 0)
      var i = 0
      while i < planeCount {
        total += SIMD8<Double>(raw.loadUnaligned(fromByteOffset: i &* 4, as: SIMD8<Float>.self))
        i &+= 8
      }
      for lane in 0..<8 { sums[lane] += total[lane] }
    case 16:
      var total = SIMD16<Double>(repeating: 0)
      var i = 0
      while i < planeCount {
        total += SIMD16<Double>(raw.loadUnaligned(fromByteOffset: i &* 4, as: SIMD16<Float>.self))
        i &+= 16
      }
      for lane in 0..<16 { sums[lane] += total[lane] }
    default:
      var i = 0
      while i < planeCount {
        for lane in 0..<pattern { sums[lane] += Double(x[i &+ lane]) }
        i &+= pattern
      }
    }
  }
}

/// Sum over any axes of a row-major tensor by index arithmetic; for rare combinations.
struct GeneralReduceKernel: Kernel {
  let division = KernelDivision.whole
  let input: Buffer
  let output: Buffer
  let inputShape: [Int]
  /// Stride of each axis in the result, 0 where it is summed over.
  let outputStrides: [Int]
  let outputCount: Int

  var scratchCount: Int { 2 * outputCount + 2 }

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let x = UnsafePointer(memory[input])
    let sums = UnsafeMutableRawPointer(memory.scratch).assumingMemoryBound(to: Double.self)
    sums.update(repeating: 0, count: outputCount)
    var index = [Int](repeating: 0, count: inputShape.count)
    var target = 0
    let count = inputShape.reduce(1, *)
    for i in 0..<count {
      sums[target] += Double(x[i])
      var axis = inputShape.count - 1
      while axis >= 0 {
        index[axis] += 1
        target += outputStrides[axis]
        if index[axis] < inputShape[axis] { break }
        target -= outputStrides[axis] * inputShape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    let y = memory[output]
    for i in 0..<outputCount { y[i] = Float(sums[i]) }
  }
}
