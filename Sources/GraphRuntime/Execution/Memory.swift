internal import LinearAlgebra

/// Regions of memory that kernels of a plan work in.
enum MemorySpace: Int, CaseIterable {
  /// Values of one micro-batch (or of the whole batch); places are used again.
  case arena
  /// Values that do not depend on the batch.
  case shared
  /// Scratch memory of one worker.
  case scratch
  /// Values behind the sum over micro-batches.
  case epilogue
  /// Values of one micro-batch that are kept for other directions.
  case kept
  /// Values on the way to shared ones, of the worker that computes these.
  case local
  /// Sums over micro-batches that are kept for other directions.
  case keptSums
}

/// Place of a tensor: in a space of the plan, or in memory that the caller binds.
enum BufferPlace: Hashable {
  case space(MemorySpace, offset: Int)
  case external(Int)
}

/// A tensor in memory: its place and how its elements are ordered.
struct Buffer: Hashable {
  var place: BufferPlace
  var layout: TensorLayout
}

/// The pointers that a worker's kernels resolve their places with.
struct Memory: @unchecked Sendable {
  private let spaces: [UnsafeMutablePointer<Float>]
  private let external: [UnsafeMutablePointer<Float>]

  init(spaces: [UnsafeMutablePointer<Float>], external: [UnsafeMutablePointer<Float>]) {
    self.spaces = spaces
    self.external = external
  }

  @inline(__always)
  subscript(place: BufferPlace) -> UnsafeMutablePointer<Float> {
    switch place {
    case .space(let space, let offset): spaces[space.rawValue] + offset
    case .external(let index): external[index]
    }
  }

  subscript(buffer: Buffer) -> UnsafeMutablePointer<Float> { self[buffer.place] }

  /// Scratch memory of the worker.
  var scratch: UnsafeMutablePointer<Float> { spaces[MemorySpace.scratch.rawValue] }
}

/// Block of floats that starts at a cache line; filled with zeros.
final class FloatBlock: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int
  private let isReserved: Bool

  /// Memory of which the system gives the pages that are touched.
  init(sparse count: Int) {
    self.count = count
    isReserved = true
    pointer = LargeMemory.reserve(byteCount: max(count, 1) * 4)
      .bindMemory(to: Float.self, capacity: max(count, 1))
  }

  init(count: Int) {
    self.count = count
    isReserved = false
    let rounded = (max(count, 1) + 15) / 16 * 16
    let raw = LargeMemory.allocate(byteCount: rounded * 4)
    pointer = raw.bindMemory(to: Float.self, capacity: rounded)
    pointer.initialize(repeating: 0, count: rounded)
  }

  /// A copy of floats.
  init(copying source: UnsafePointer<Float>, count: Int) {
    self.count = count
    isReserved = false
    let raw = LargeMemory.allocate(byteCount: max(count, 1) * 4)
    pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    pointer.initialize(from: source, count: count)
  }

  deinit {
    if isReserved {
      LargeMemory.release(UnsafeMutableRawPointer(pointer), byteCount: max(count, 1) * 4)
    } else {
      UnsafeMutableRawPointer(pointer).deallocate()
    }
  }
}

/// Hands out places in one space and takes them back: first fit over a sorted free list.
struct ArenaAllocator {
  private(set) var extent = 0
  private var free: [(offset: Int, count: Int)] = []

  /// Multiple of a cache line that holds `count` floats.
  static func rounded(_ count: Int) -> Int { (max(count, 1) + 15) / 16 * 16 }

  mutating func allocate(_ count: Int) -> Int {
    let size = Self.rounded(count)
    // Best fit keeps large holes for large tensors.
    if let best = free.indices.filter({ free[$0].count >= size }).min(by: {
      free[$0].count < free[$1].count
    }) {
      let offset = free[best].offset
      free[best].offset += size
      free[best].count -= size
      if free[best].count == 0 { free.remove(at: best) }
      return offset
    }
    if let last = free.last, last.offset + last.count == extent {
      free.removeLast()
      extent = last.offset + size
      return last.offset
    }
    let offset = extent
    extent += size
    return offset
  }

  mutating func release(offset: Int, count: Int) {
    let size = Self.rounded(count)
    let position = free.firstIndex { $0.offset > offset } ?? free.count
    free.insert((offset, size), at: position)
    if position + 1 < free.count,
      free[position].offset + free[position].count == free[position + 1].offset
    {
      free[position].count += free[position + 1].count
      free.remove(at: position + 1)
    }
    if position > 0, free[position - 1].offset + free[position - 1].count == free[position].offset {
      free[position - 1].count += free[position].count
      free.remove(at: position)
    }
  }
}
