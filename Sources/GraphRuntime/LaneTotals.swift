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

/// A sum over all micro-batches.
enum SumValues: Sendable {
  case double([Double])
  case float(Vector<Float>)
}

/// Sums over micro-batches, one copy per lane, added in the order of the lanes.
///
/// Small tensors are summed in `Double`, which costs nothing; of large ones a lane adds up few
/// micro-batches, and the lanes are added in `Double`. The first lane of a large one lies where its
/// total is wanted.
final class LaneTotals: @unchecked Sendable {
  // `@unchecked`: lanes are written by one thread each, and combined after all have ended.

  /// One sum: how many elements, and where its total is wanted.
  struct Target: Equatable {
    let count: Int
    let total: UnsafeMutablePointer<Float>

    /// Whether it is summed in `Double`.
    var isSmall: Bool { count <= LaneTotals.small }
  }

  private static let small = 4096

  /// Bytes of a sum of some elements.
  static func byteCount(_ count: Int) -> Int { count * (count <= small ? 8 : 4) }

  let lanes: Int
  /// The sums that are taken, by their numbers; others are nil.
  let targets: [Target?]
  private let doubles: [UnsafeMutablePointer<Double>?]
  /// All lanes but the first.
  private let floats: [FloatBlock?]

  init(lanes: Int, targets: [Target?]) {
    self.lanes = lanes
    self.targets = targets
    doubles = targets.map { target in
      guard let target, target.isSmall else { return nil }
      let pointer = UnsafeMutablePointer<Double>.allocate(capacity: target.count * lanes)
      pointer.initialize(repeating: 0, count: target.count * lanes)
      return pointer
    }
    floats = targets.map { target in
      guard let target, !target.isSmall else { return nil }
      return FloatBlock(count: target.count * (lanes - 1))
    }
  }

  deinit {
    for pointer in doubles { pointer?.deallocate() }
  }

  /// Bytes of memory that the sums take, without the totals.
  var memoryBytes: Int {
    targets.reduce(0) { bytes, target in
      guard let target else { return bytes }
      return bytes + Self.byteCount(target.count) * (target.isSmall ? lanes : lanes - 1)
    }
  }

  /// Makes all sums empty; those in `Float` start with the first micro-batch of a lane.
  func clear() {
    for (target, pointer) in zip(targets, doubles) {
      pointer?.update(repeating: 0, count: (target?.count ?? 0) * lanes)
    }
  }

  /// Adds the summand of one micro-batch.
  func add(_ values: UnsafePointer<Float>, index: Int, lane: Int, isFirst: Bool) {
    guard let target = targets[index] else { return }
    let count = target.count
    if let sums = doubles[index] {
      let sum = sums + lane * count
      for i in 0..<count { sum[i] += Double(values[i]) }
    } else if let block = floats[index] {
      let sum = lane == 0 ? target.total : block.pointer + (lane - 1) * count
      if isFirst {
        sum.update(from: values, count: count)
      } else {
        for i in 0..<count { sum[i] += values[i] }
      }
    }
  }

  /// Adds all lanes and leaves the totals where they are wanted.
  func combine() {
    for (index, target) in targets.enumerated() {
      guard let target else { continue }
      let count = target.count
      if let sums = doubles[index] {
        for lane in 1..<max(lanes, 1) {
          for i in 0..<count { sums[i] += sums[lane &* count &+ i] }
        }
        for i in 0..<count { target.total[i] = Float(sums[i]) }
      } else if let block = floats[index], lanes > 1 {
        let others = block.pointer
        for i in 0..<count {
          var sum = Double(target.total[i])
          for lane in 0..<lanes - 1 { sum += Double(others[lane &* count &+ i]) }
          target.total[i] = Float(sum)
        }
      }
    }
  }

  /// The combined sums, in the order of their numbers.
  var values: [SumValues] {
    targets.enumerated().compactMap { index, target in
      guard let target else { return nil }
      if let sums = doubles[index] {
        return .double((0..<target.count).map { sums[$0] })
      }
      return .float(Vector(UnsafeBufferPointer(start: target.total, count: target.count)))
    }
  }

  /// The first element of a combined sum in `Double`; nil for sums in `Float` and those not taken.
  func scalar(index: Int) -> Double? { doubles[index]?[0] }
}
