internal import LinearAlgebra

/// Outputs of all samples, filled by the workers; every row is written by one thread.
final class OutputRows: @unchecked Sendable {
  // `@unchecked`: rows are disjoint, and they are read after all workers have ended.
  private let elements: UnsafeMutableBufferPointer<Float>
  private let size: Int

  init(samples: Int, size: Int) {
    self.size = size
    elements = .allocate(capacity: max(samples * size, 1))
    elements.initialize(repeating: .nan)
  }

  deinit { elements.deallocate() }

  func set(_ samples: Range<Int>, _ rows: UnsafePointer<Float>) {
    guard let base = elements.baseAddress else { return }
    (base + samples.lowerBound * size).update(from: rows, count: samples.count * size)
  }

  var vector: Vector<Float> { Vector(elements) }
}
