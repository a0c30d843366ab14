extension Vector {
  /// Overwrites the elements from `offset` on with those of a shorter vector.
  package mutating func setElements(from offset: Int, to other: Vector) {
    other.withUnsafeBuffer { setElements(from: offset, to: $0) }
  }

  /// Overwrites the elements from `offset` on with those in memory.
  package mutating func setElements(from offset: Int, to source: UnsafeBufferPointer<Scalar>) {
    precondition(
      offset >= 0 && offset <= count && source.count <= count - offset,
      "\(source.count) elements from \(offset) do not fit in \(count)")
    withUnsafeMutableBuffer { target in
      guard let p = target.baseAddress, let q = source.baseAddress else { return }
      (p + offset).update(from: q, count: source.count)
    }
  }

  /// `factor self`, multiplied in `Double` and rounded once.
  ///
  /// The factor may lie outside the range of the scalar, as the reciprocal of a tiny norm does.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func scaled(by factor: Double) -> Vector {
    let count = count
    return Vector(uninitialized: count) { target in
      withUnsafeBuffer { source in
        guard let p = target.baseAddress, let q = source.baseAddress else { return }
        var i = 0
        while i < count {
          p[i] = Scalar(Double(q[i]) * factor)
          i &+= 1
        }
      }
    }
  }
}

extension Vector {
  /// `self <- factor self`, multiplied in `Double` and rounded once: `scaled(by:)` in place.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package mutating func rescale(by factor: Double) {
    let count = count
    withUnsafeMutableBuffer { x in
      guard let p = x.baseAddress else { return }
      var i = 0
      while i < count {
        p[i] = Scalar(Double(p[i]) * factor)
        i &+= 1
      }
    }
  }
}

extension Vector where Scalar == Double {
  /// The elements rounded to another scalar.
  @specialized(where Other == Float)
  @specialized(where Other == Double)
  package func rounded<Other: BLASScalar>(to type: Other.Type = Other.self) -> Vector<Other> {
    let count = count
    return Vector<Other>(uninitialized: count) { target in
      withUnsafeBuffer { source in
        guard let p = target.baseAddress, let q = source.baseAddress else { return }
        var i = 0
        while i < count {
          p[i] = Other(q[i])
          i &+= 1
        }
      }
    }
  }
}
