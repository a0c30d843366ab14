import TestSupport

/// Floats aligned to 64 bytes, followed by guard values that no kernel may touch.
final class AlignedFloats {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int
  private static let guards = 64
  private static let guardValue: Float = -12345.5

  init(_ count: Int, fill: Float = 0) {
    self.count = count
    let total = count + Self.guards
    pointer = UnsafeMutableRawPointer.allocate(byteCount: 4 * total, alignment: 64)
      .bindMemory(to: Float.self, capacity: total)
    pointer.initialize(repeating: fill, count: count)
    (pointer + count).initialize(repeating: Self.guardValue, count: Self.guards)
  }

  deinit { pointer.deallocate() }

  var isIntact: Bool { (0..<Self.guards).allSatisfy { pointer[count + $0] == Self.guardValue } }
  var array: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}

extension Draws {
  mutating func normals(_ count: Int) -> AlignedFloats {
    let values = AlignedFloats(count)
    for index in 0..<count { values.pointer[index] = normal() }
    return values
  }
}
