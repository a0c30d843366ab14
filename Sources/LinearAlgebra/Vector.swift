/// Contiguous vector of floating-point numbers, aligned to 64 bytes, with value semantics.
///
/// Gradients, directions, masks, momenta and eigenvectors are all such vectors. Copies share
/// memory until one of them is written. Dots, norms and sums accumulate in `Double`.
public struct Vector<Scalar: BLASScalar>: Sendable {
  /// Number of elements.
  public let count: Int
  private var storage: AlignedStorage

  /// Creates a vector whose elements the closure must all set.
  ///
  /// - Parameters:
  ///   - count: Number of elements.
  ///   - initialize: Receives the uninitialised elements.
  public init(
    uninitialized count: Int,
    initialize: (UnsafeMutableBufferPointer<Scalar>) throws -> Void
  ) rethrows {
    precondition(count >= 0, "negative count")
    self.count = count
    storage = AlignedStorage(byteCount: count * MemoryLayout<Scalar>.stride)
    try initialize(
      UnsafeMutableBufferPointer(
        start: storage.pointer.assumingMemoryBound(to: Scalar.self), count: count))
  }

  /// Creates a vector of one repeated value.
  public init(repeating value: Scalar, count: Int) {
    self.init(uninitialized: count) { $0.initialize(repeating: value) }
  }

  /// Creates a vector of zeros.
  public init(zeros count: Int) {
    self.init(repeating: 0, count: count)
  }

  /// Creates a vector for a function that sets every element and reads none: they are not specified.
  ///
  /// Large memory is neither cleared nor touched.
  public init(overwritten count: Int) {
    self.init(uninitialized: count) { _ in }
  }

  /// Copies the elements of a collection.
  public init(_ elements: some Collection<Scalar>) {
    self.init(uninitialized: elements.count) { buffer in
      _ = buffer.initialize(from: elements)
    }
  }

  /// Calls a closure with the elements, for reading.
  public func withUnsafeBuffer<R>(
    _ body: (UnsafeBufferPointer<Scalar>) throws -> R
  ) rethrows -> R {
    try withExtendedLifetime(storage) {
      try body(
        UnsafeBufferPointer(
          start: storage.pointer.assumingMemoryBound(to: Scalar.self), count: count))
    }
  }

  /// Calls a closure with the elements, for writing; copies them first if they are shared.
  public mutating func withUnsafeMutableBuffer<R>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> R
  ) rethrows -> R {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = AlignedStorage(byteCount: count * MemoryLayout<Scalar>.stride)
      copy.pointer.copyMemory(
        from: storage.pointer, byteCount: count * MemoryLayout<Scalar>.stride)
      storage = copy
    }
    return try withExtendedLifetime(storage) {
      try body(
        UnsafeMutableBufferPointer(
          start: storage.pointer.assumingMemoryBound(to: Scalar.self), count: count))
    }
  }

  /// One element; for loops over all of them use the buffers.
  public subscript(index: Int) -> Scalar {
    get {
      precondition(index >= 0 && index < count, "index \(index) outside 0..<\(count)")
      return withUnsafeBuffer { $0[index] }
    }
    set {
      precondition(index >= 0 && index < count, "index \(index) outside 0..<\(count)")
      withUnsafeMutableBuffer { $0[index] = newValue }
    }
  }

  /// The elements as an array.
  public var array: [Scalar] { withUnsafeBuffer { Array($0) } }

  /// Copy of a range of elements.
  public subscript(range: Range<Int>) -> Vector {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the vector")
    return withUnsafeBuffer { source in Vector(UnsafeBufferPointer(rebasing: source[range])) }
  }
}

extension Vector: Equatable {
  /// Element-wise equality, as of floating-point numbers (NaN differs from itself).
  public static func == (a: Vector, b: Vector) -> Bool {
    guard a.count == b.count else { return false }
    return a.withUnsafeBuffer { x in b.withUnsafeBuffer { y in x.elementsEqual(y) } }
  }
}
