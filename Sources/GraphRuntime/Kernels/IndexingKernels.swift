internal import ComputationGraph

/// Slices by indices that are data, and their adjoint: what both kernels share.
///
/// The sliced tensor is `[blocks, extent, width]`, the indices are `[blocks, perBlock]`.
struct IndexedSlices {
  let indices: Buffer
  /// Indices of a block.
  let perBlock: Int
  /// Extent of the axis that indices count along.
  let extent: Int
  /// Floats of a slice.
  let width: Int

  /// Place of the slice of the index at a position; nil where the index is outside or no number.
  @inline(__always)
  func slice(_ indices: UnsafePointer<Float>, at position: Int) -> Int? {
    let index = indices[position]
    guard index >= 0, index < Float(extent) else { return nil }
    // Float(extent) may be rounded up.
    return position / perBlock * extent + min(Int(index), extent - 1)
  }
}

/// `y[b, q, :] = x[b, i[b, q], :]`.
struct TakeKernel: Kernel {
  let division: KernelDivision
  let slices: IndexedSlices
  let source: Buffer
  let target: Buffer
  /// Indices per sample when divided, else all.
  let rows: Int
  /// What an index outside gives.
  let missing: Float

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let positions =
      division == .perChunk
      ? chunk.start * rows..<(chunk.start + chunk.count) * rows : 0..<rows
    let indices = UnsafePointer(memory[slices.indices])
    let (x, y) = (UnsafePointer(memory[source]), memory[target])
    let width = slices.width
    for position in positions {
      let to = y + position * width
      if let slice = slices.slice(indices, at: position) {
        to.update(from: x + slice * width, count: width)
      } else {
        to.update(repeating: missing, count: width)
      }
    }
  }
}

/// `y[b, j, :] = base[b, j, :] + sum of c[b, q, :]` over all `q` with `i[b, q] = j`.
struct ScatterAddKernel: Kernel {
  let division: KernelDivision
  let slices: IndexedSlices
  let source: Buffer
  let target: Buffer
  /// What the slices are added to, possibly the result itself; nil for zeros.
  let base: Buffer?
  /// Blocks per sample when divided, else all.
  let blocks: Int

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let range =
      division == .perChunk
      ? chunk.start * blocks..<(chunk.start + chunk.count) * blocks : 0..<blocks
    let indices = UnsafePointer(memory[slices.indices])
    let (c, y) = (UnsafePointer(memory[source]), memory[target])
    let width = slices.width
    let size = slices.extent * width
    let first = range.lowerBound * size
    if let base {
      let start = UnsafePointer(memory[base])
      if start != UnsafePointer(y) {
        (y + first).update(from: start + first, count: range.count * size)
      }
    } else {
      (y + first).update(repeating: 0, count: range.count * size)
    }
    for position in range.lowerBound * slices.perBlock..<range.upperBound * slices.perBlock {
      guard let slice = slices.slice(indices, at: position) else { continue }
      let (from, to) = (c + position * width, y + slice * width)
      for k in 0..<width { to[k] += from[k] }
    }
  }
}

/// `y[b, indices[k], :] += c[b, k, :]` with indices that the graph knows.
struct ScatterKernel: Kernel {
  let division: KernelDivision
  let source: Buffer
  let target: Buffer
  let indices: [Int]
  /// Extent of the axis that indices count along.
  let extent: Int
  /// Floats behind one index.
  let width: Int
  /// Blocks per sample when divided, else all.
  let blocks: Int

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let range =
      division == .perChunk
      ? chunk.start * blocks..<(chunk.start + chunk.count) * blocks : 0..<blocks
    let (c, y) = (UnsafePointer(memory[source]), memory[target])
    for block in range {
      let from = c + block * indices.count * width
      let to = y + block * extent * width
      to.update(repeating: 0, count: extent * width)
      for (k, index) in indices.enumerated() {
        let (part, place) = (from + k * width, to + index * width)
        for i in 0..<width { place[i] += part[i] }
      }
    }
  }
}
