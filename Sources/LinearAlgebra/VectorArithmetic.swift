// Every loop below is compiled for Float and Double by name: other modules call it through the
// generic entry, which then only picks one of the two. Pointers, because the bounds and overflow
// checks of buffers keep loops from being vectorised.

extension Vector {
  /// Dot product `sum_i x_i y_i`, accumulated in `Double`.
  public func dot(_ other: Vector) -> Double {
    precondition(count == other.count, "lengths \(count) and \(other.count) differ")
    guard count > 0 else { return 0 }
    return withUnsafeBuffer { x in
      other.withUnsafeBuffer { y in
        guard let p = x.baseAddress, let q = y.baseAddress else { return 0 }
        return Scalar.dot(p, q, count: count)
      }
    }
  }

  /// Euclidean norm, accumulated in `Double`.
  public var norm: Double { dot(self).squareRoot() }

  /// Sum of the elements: 16 partial sums in `Double`, added in a fixed order.
  public var sum: Double {
    withUnsafeBuffer { x in Self.sum(x) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func sum(_ elements: UnsafeBufferPointer<Scalar>) -> Double {
    guard let base = elements.baseAddress else { return 0 }
    let p = UnsafeRawPointer(base)
    let register = MemoryLayout<Scalar>.stride &* 8
    let count = elements.count
    let whole = count & ~15
    var low = SIMD8<Double>(repeating: 0)
    var high = SIMD8<Double>(repeating: 0)
    var i = 0
    var byte = 0
    while i < whole {
      low += widened(p.loadUnaligned(fromByteOffset: byte, as: SIMD8<Scalar>.self))
      high += widened(
        p.loadUnaligned(fromByteOffset: byte &+ register, as: SIMD8<Scalar>.self))
      i &+= 16
      byte &+= register &* 2
    }
    var total = (low + high).sum()
    while i < count {
      total += Double(base[i])
      i &+= 1
    }
    return total
  }

  /// `self <- factor self`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func scale(by factor: Scalar) {
    let count = count
    withUnsafeMutableBuffer { x in
      guard let p = x.baseAddress else { return }
      var i = 0
      while i < count {
        p[i] *= factor
        i &+= 1
      }
    }
  }

  /// `self <- self + factor other`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func add(_ other: Vector, scaledBy factor: Scalar = 1) {
    precondition(count == other.count, "lengths \(count) and \(other.count) differ")
    let count = count
    withUnsafeMutableBuffer { x in
      other.withUnsafeBuffer { y in
        guard let p = x.baseAddress, let q = y.baseAddress else { return }
        var i = 0
        while i < count {
          p[i] += factor * q[i]
          i &+= 1
        }
      }
    }
  }

  /// `self <- self + factor other` for a vector of another precision, computed in `Double`.
  ///
  /// - Complexity: One pass over both.
  public mutating func add(_ other: Vector<Float>, scaledBy factor: Double)
  where Scalar == Double {
    precondition(count == other.count, "lengths \(count) and \(other.count) differ")
    let count = count
    withUnsafeMutableBuffer { x in
      other.withUnsafeBuffer { y in
        guard let p = x.baseAddress, let q = y.baseAddress else { return }
        var i = 0
        while i < count {
          p[i] += factor * Double(q[i])
          i &+= 1
        }
      }
    }
  }

  /// `self <- base + Σ factor vector`, in the order of the terms, in parallel; keeps the memory.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func assign(
    _ base: Vector, adding terms: [(vector: Vector, factor: Scalar)], pool: WorkerPool
  ) {
    precondition(
      count == base.count && terms.allSatisfy { $0.vector.count == count }, "lengths differ")
    let length = count
    let chunk = 1 << 16
    withUnsafeMutableBuffer { target in
      nonisolated(unsafe) let target = target
      pool.run(count: (length + chunk - 1) / chunk) { number, _ in
        let range = number * chunk..<min(length, (number + 1) * chunk)
        base.withUnsafeBuffer { source in
          for i in range { target[i] = source[i] }
        }
        for term in terms {
          term.vector.withUnsafeBuffer { source in
            for i in range { target[i] += term.factor * source[i] }
          }
        }
      }
    }
  }

  /// `self <- self * other`, element by element.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func multiplyElements(by other: Vector) {
    precondition(count == other.count, "lengths \(count) and \(other.count) differ")
    let count = count
    withUnsafeMutableBuffer { x in
      other.withUnsafeBuffer { y in
        guard let p = x.baseAddress, let q = y.baseAddress else { return }
        var i = 0
        while i < count {
          p[i] *= q[i]
          i &+= 1
        }
      }
    }
  }

  /// A copy with every element mapped.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func map(_ transform: (Scalar) -> Scalar) -> Vector {
    Vector(uninitialized: count) { target in
      withUnsafeBuffer { source in
        guard let p = target.baseAddress, let q = source.baseAddress else { return }
        var i = 0
        while i < source.count {
          (p + i).initialize(to: transform(q[i]))
          i &+= 1
        }
      }
    }
  }

  /// Index of the first element that is NaN or infinite.
  public var firstNonFiniteIndex: Int? {
    withUnsafeBuffer { x in Self.firstNonFinite(x) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func firstNonFinite(_ elements: UnsafeBufferPointer<Scalar>) -> Int? {
    guard let base = elements.baseAddress else { return nil }
    let p = UnsafeRawPointer(base)
    let register = MemoryLayout<Scalar>.stride &* 8
    let blockSize = 4096
    var i = 0
    while i < elements.count & ~(blockSize &- 1) {
      // x - x is 0 for finite x and NaN otherwise, and a sum keeps a NaN.
      var marks = SIMD8<Scalar>(repeating: 0)
      var byte = i &* MemoryLayout<Scalar>.stride
      let end = byte &+ blockSize &* MemoryLayout<Scalar>.stride
      while byte < end {
        let x = p.loadUnaligned(fromByteOffset: byte, as: SIMD8<Scalar>.self)
        marks += x - x
        byte &+= register
      }
      if marks.sum() != 0 { break }
      i &+= blockSize
    }
    while i < elements.count {
      if !base[i].isFinite { return i }
      i &+= 1
    }
    return nil
  }
}
