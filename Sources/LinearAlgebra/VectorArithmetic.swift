extension Vector {
  /// Dot product `sum_i x_i y_i`, accumulated in `Double`.
  package func dot(_ other: Vector) -> Double {
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
  package var norm: Double { dot(self).squareRoot() }

  /// Sum of the elements, accumulated in `Double`.
  package var sum: Double {
    withUnsafeBuffer { x in
      var total = 0.0
      for value in x { total += Double(value) }
      return total
    }
  }

  /// `self <- factor self`.
  package mutating func scale(by factor: Scalar) {
    withUnsafeMutableBuffer { x in
      for i in x.indices { x[i] *= factor }
    }
  }

  /// `self <- self + factor other`.
  package mutating func add(_ other: Vector, scaledBy factor: Scalar = 1) {
    precondition(count == other.count, "lengths \(count) and \(other.count) differ")
    withUnsafeMutableBuffer { x in
      other.withUnsafeBuffer { y in
        for i in x.indices { x[i] += factor * y[i] }
      }
    }
  }

  /// `self <- self * other`, element by element.
  package mutating func multiplyElements(by other: Vector) {
    precondition(count == other.count, "lengths \(count) and \(other.count) differ")
    withUnsafeMutableBuffer { x in
      other.withUnsafeBuffer { y in
        for i in x.indices { x[i] *= y[i] }
      }
    }
  }

  /// A copy with every element mapped.
  package func map(_ transform: (Scalar) -> Scalar) -> Vector {
    Vector(uninitialized: count) { target in
      withUnsafeBuffer { source in
        for i in source.indices { target.initializeElement(at: i, to: transform(source[i])) }
      }
    }
  }

  /// Index of the first element that is NaN or infinite.
  package var firstNonFiniteIndex: Int? {
    withUnsafeBuffer { x in x.firstIndex { !$0.isFinite } }
  }
}
