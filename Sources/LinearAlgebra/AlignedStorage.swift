internal import Foundation

/// Memory for large numbers of elements.
package enum LargeMemory {
  /// Bytes of a huge page.
  private static let hugePage = 2 << 20

  /// Allocates uninitialised memory that starts at a cache line; free it with `deallocate`.
  ///
  /// Large blocks ask for huge pages: the system has a page to find and to clear for each 2 MiB
  /// instead of each 4 KiB, which takes as long as a few passes over the memory.
  package static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    guard byteCount >= 2 * hugePage else {
      return .allocate(byteCount: byteCount, alignment: AlignedStorage.alignment)
    }
    let pointer = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: hugePage)
    #if os(Linux)
      // Advice alone: where it is refused the pages are small.
      madvise(pointer, byteCount, MADV_HUGEPAGE)
    #endif
    return pointer
  }

  /// Reserves memory of zeros that takes room only where it is touched; give it back with `release`.
  ///
  /// May be larger than the memory of the machine.
  package static func reserve(byteCount: Int) -> UnsafeMutableRawPointer {
    let pointer = mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let pointer, pointer != MAP_FAILED else { fatalError("out of memory") }
    #if os(Linux)
      madvise(pointer, byteCount, MADV_HUGEPAGE)
    #endif
    return pointer
  }

  /// Gives reserved memory back.
  package static func release(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
    munmap(pointer, byteCount)
  }
}

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
    pointer = LargeMemory.allocate(byteCount: rounded)
  }

  deinit { pointer.deallocate() }
}
