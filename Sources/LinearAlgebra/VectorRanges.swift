/// Work on a part of a vector without copying it.
extension Vector {
  private func check(_ range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "\(range) outside 0..<\(count)")
  }

  /// Euclidean norm of the elements in a range, accumulated in `Double`.
  package func norm(of range: Range<Int>) -> Double {
    check(range)
    return withUnsafeBuffer { x in
      guard let base = x.baseAddress, !range.isEmpty else { return 0 }
      let start = base + range.lowerBound
      return Scalar.dot(start, start, count: range.count).squareRoot()
    }
  }

  /// Multiplies the elements in a range by a number.
  package mutating func scale(_ range: Range<Int>, by factor: Scalar) {
    check(range)
    withUnsafeMutableBuffer { x in
      for i in range { x[i] *= factor }
    }
  }

  /// Sets the elements in a range to 0.
  package mutating func clear(_ range: Range<Int>) {
    check(range)
    withUnsafeMutableBuffer { x in
      for i in range { x[i] = 0 }
    }
  }

  /// Multiplies the elements in a range by those of another vector.
  package mutating func multiplyElements(in range: Range<Int>, by other: Vector) {
    check(range)
    precondition(other.count == count, "lengths \(count) and \(other.count) differ")
    withUnsafeMutableBuffer { x in
      other.withUnsafeBuffer { y in
        for i in range { x[i] *= y[i] }
      }
    }
  }
}
