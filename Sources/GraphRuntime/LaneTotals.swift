package import LinearAlgebra

/// One output of an executor.
package struct ExecutorOutput: Sendable {
  /// The elements, row-major.
  package let elements: Vector<Float>
  /// The only element of a scalar, in `Double` where the sum was taken in `Double`.
  package let scalar: Double

  init(_ pointer: UnsafePointer<Float>, count: Int) {
    elements = Vector(UnsafeBufferPointer(start: pointer, count: count))
    scalar = count == 1 ? Double(pointer[0]) : .nan
  }

  init(scalar: Double) {
    elements = Vector([Float(scalar)])
    self.scalar = scalar
  }
}

/// Sums over micro-batches, one copy per lane, added in the order of the lanes.
///
/// Small tensors are summed in `Double`, which costs nothing; of large ones a lane adds up few
/// micro-batches, and the lanes are added in `Double`.
final class LaneTotals: @unchecked Sendable {
  // `@unchecked`: lanes are written by one thread each, and combined after all have ended.
  private static let small = 4096
  let lanes: Int
  private let counts: [Int]
  private let doubles: [UnsafeMutablePointer<Double>?]
  private let floats: [FloatBlock?]

  init(lanes: Int, counts: [Int]) {
    self.lanes = lanes
    self.counts = counts
    doubles = counts.map { count in
      guard count <= Self.small else { return nil }
      let pointer = UnsafeMutablePointer<Double>.allocate(capacity: count * lanes)
      pointer.initialize(repeating: 0, count: count * lanes)
      return pointer
    }
    floats = counts.map { $0 <= Self.small ? nil : FloatBlock(count: $0 * lanes) }
  }

  deinit {
    for pointer in doubles { pointer?.deallocate() }
  }

  /// Bytes of memory that the sums take.
  var memoryBytes: Int {
    lanes * zip(counts, doubles).map { $0 * ($1 == nil ? 4 : 8) }.reduce(0, +)
  }

  /// Makes all sums empty; those in `Float` start with the first micro-batch of a lane.
  func clear() {
    for (count, pointer) in zip(counts, doubles) {
      pointer?.update(repeating: 0, count: count * lanes)
    }
  }

  func add(_ values: UnsafePointer<Float>, index: Int, lane: Int, isFirst: Bool) {
    let count = counts[index]
    if let sums = doubles[index] {
      let target = sums + lane * count
      for i in 0..<count { target[i] += Double(values[i]) }
    } else if let block = floats[index] {
      let target = block.pointer + lane * count
      if isFirst {
        target.update(from: values, count: count)
      } else {
        for i in 0..<count { target[i] += values[i] }
      }
    }
  }

  /// Adds all lanes into the first.
  func combine() {
    for (index, count) in counts.enumerated() {
      if let sums = doubles[index] {
        for lane in 1..<max(lanes, 1) {
          for i in 0..<count { sums[i] += sums[lane &* count &+ i] }
        }
      } else if let block = floats[index] {
        PartialSums.add(block.pointer, parts: lanes, count: count, into: block.pointer)
      }
    }
  }

  func scalar(index: Int) -> Double {
    doubles[index].map { $0[0] } ?? .nan
  }

  func store(index: Int, into target: UnsafeMutablePointer<Float>) {
    let count = counts[index]
    if let sums = doubles[index] {
      for i in 0..<count { target[i] = Float(sums[i]) }
    } else if let block = floats[index] {
      target.update(from: block.pointer, count: count)
    }
  }
}
