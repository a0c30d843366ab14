/// Owner of one block of memory that starts at a cache line.
///
/// `@unchecked Sendable`: the block is only written through `Vector`, which copies it first unless
/// it is the only owner.
final class AlignedStorage: @unchecked Sendable {
  static let alignment = 64
  let pointer: UnsafeMutableRawPointer

  init(byteCount: Int) {
    // Rounded up so that a kernel may load a whole SIMD register at the end.
    let rounded = (max(byteCount, 1) + Self.alignment - 1) / Self.alignment * Self.alignment
    pointer = .allocate(byteCount: rounded, alignment: Self.alignment)
  }

  deinit { pointer.deallocate() }
}
