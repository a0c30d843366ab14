/// Moves elements between tensors whose index maps are separable by axis.
///
/// Covers reorders between layouts, slices, pads, transposes, broadcasts, reshapes and
/// concatenation: the place of element `(i, j, k, ...)` is the sum of one table entry per axis, on
/// both sides. A negative source entry stands for a zero.
struct CopyKernel: Kernel {
  let division: KernelDivision
  let source: Buffer
  let target: Buffer
  /// For each axis, the offset of each index in the target.
  let targetOffsets: [[Int]]
  /// For each axis, the offset of each index in the source, or a negative number for a zero.
  let sourceOffsets: [[Int]]

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let from = UnsafePointer(memory[source])
    let to = memory[target]
    let rank = targetOffsets.count
    guard rank > 0 else {
      to[0] = from[0]
      return
    }
    let rows =
      division == .perChunk ? chunk.start..<chunk.start + chunk.count : targetOffsets[0].indices
    copy(axis: 0, rows, from, to, sourceBase: 0, targetBase: 0)
  }

  private func copy(
    axis: Int, _ range: Range<Int>, _ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>,
    sourceBase: Int, targetBase: Int
  ) {
    let last = axis == targetOffsets.count - 1
    targetOffsets[axis].withUnsafeBufferPointer { target in
      sourceOffsets[axis].withUnsafeBufferPointer { source in
        if last {
          for i in range {
            let offset = source[i]
            to[targetBase &+ target[i]] =
              sourceBase < 0 || offset < 0 ? 0 : from[sourceBase &+ offset]
          }
        } else {
          for i in range {
            let next = axis + 1
            let base = sourceBase < 0 || source[i] < 0 ? -1 : sourceBase &+ source[i]
            copy(
              axis: next, 0..<targetOffsets[next].count, from, to, sourceBase: base,
              targetBase: targetBase &+ target[i])
          }
        }
      }
    }
  }

  /// Offsets of each index along each axis of a tensor with a layout.
  static func offsets(_ shape: [Int], _ layout: TensorLayout) -> [[Int]] {
    switch layout {
    case .plain:
      var stride = 1
      var result: [[Int]] = []
      for extent in shape.reversed() {
        let step = stride
        result.insert((0..<extent).map { $0 * step }, at: 0)
        stride *= extent
      }
      return result
    case .blocked(let block):
      let (c, h, w) = (shape[1], shape[2], shape[3])
      return [
        (0..<shape[0]).map { $0 * c * h * w },
        (0..<c).map { $0 / block * h * w * block + $0 % block },
        (0..<h).map { $0 * w * block },
        (0..<w).map { $0 * block },
      ]
    }
  }
}

/// Fills a tensor with one number.
struct FillKernel: Kernel {
  let division = KernelDivision.whole
  let target: Buffer
  let count: Int
  let value: Float

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    memory[target].update(repeating: value, count: count)
  }
}
