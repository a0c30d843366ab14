extension Vector {
  /// Overwrites the elements from `offset` on with those of a shorter vector.
  package mutating func setElements(from offset: Int, to other: Vector) {
    precondition(
      offset >= 0 && offset <= count && other.count <= count - offset,
      "\(other.count) elements from \(offset) do not fit in \(count)")
    withUnsafeMutableBuffer { target in
      other.withUnsafeBuffer { source in
        guard let p = target.baseAddress, let q = source.baseAddress else { return }
        (p + offset).update(from: q, count: source.count)
      }
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
