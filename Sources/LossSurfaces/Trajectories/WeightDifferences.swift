package import LinearAlgebra

/// Differences `w_t - w` of the weights of T checkpoints to those at a centre, read when they are needed.
///
/// Differences rather than weights, because they are what is summed: inner products of weights that
/// hardly differ would lose in the difference what they have in digits.
package final class WeightDifferences {
  /// Number of checkpoints.
  package let count: Int
  private let centre: Vector<Float>
  /// Differences that are held at once.
  private let capacity: Int
  private let read: (Int) throws -> Vector<Float>
  /// All differences, once they are read, where there is room for them.
  private var kept: ColumnMatrix<Float>?
  private let pool: WorkerPool

  /// Prepares reading.
  ///
  /// - Parameters:
  ///   - centre: Weights at the centre.
  ///   - count: Number of checkpoints.
  ///   - memory: Bytes that the differences may take; two of them are held in any case.
  ///   - pool: The threads; the bits of the results depend neither on them nor on the memory.
  ///   - read: Gives the weights of a checkpoint, as many as at the centre; called again for what was not
  ///     kept.
  package init(
    centre: Vector<Float>, count: Int, memory: Int, pool: WorkerPool,
    read: @escaping (Int) throws -> Vector<Float>
  ) {
    self.centre = centre
    self.count = count
    self.pool = pool
    self.read = read
    capacity = max(memory / max(4 * centre.count, 1) - 1, 1)
  }

  /// How often checkpoints are read by the methods below, each called once.
  package var readCount: Int {
    guard capacity < count else { return count }
    // Blocks of columns, each of which meets all that are behind it; then axes and positions.
    return stride(from: 0, to: count, by: capacity).reduce(0) { $0 + count - $1 } + 2 * count
  }

  /// The difference of one checkpoint.
  package func difference(_ index: Int) throws -> Vector<Float> {
    if let kept, index < kept.columns { return kept.column(index) }
    var difference = try read(index)
    precondition(difference.count == centre.count, "weights of another network")
    difference.add(centre, scaledBy: -1)
    return difference
  }

  /// Inner products `<w_s - w, w_t - w>` in `Double`.
  ///
  /// - Complexity: O(T^2 d) time, and the memory that was given. Where that holds B < T differences,
  ///   each is read T / (2 B) times.
  package func gramMatrix() throws -> SymmetricMatrix {
    var gram = SymmetricMatrix(zeros: count)
    for start in stride(from: 0, to: count, by: capacity) {
      var block = ColumnMatrix<Float>(rows: centre.count)
      block.pool = pool
      for index in start..<count {
        let difference = try difference(index)
        if index < start + capacity { block.append(difference) }
        for (offset, product) in block.project(difference).enumerated() {
          gram[index, start + offset] = product
        }
      }
      if block.columns == count { kept = block }
    }
    return gram
  }

  /// Orthonormal vectors along components.
  ///
  /// Sums are made in `Double`: along a component of small variance, large terms cancel. What single
  /// precision leaves of a product between the vectors is taken out.
  ///
  /// - Parameter coefficients: For each vector those of the differences, as
  ///   `PrincipalComponents.coefficients(of:)` gives them.
  /// - Returns: The vectors, in the order of the coefficients.
  /// - Throws: What reading throws.
  package func axes(_ coefficients: [[Double]]) throws -> [Vector<Float>] {
    var sums = coefficients.map { _ in Vector<Double>(zeros: centre.count) }
    for index in 0..<count {
      let difference = try difference(index)
      for k in sums.indices { sums[k].add(difference, scaledBy: coefficients[k][index]) }
    }
    for k in sums.indices {
      for other in sums[..<k] { sums[k].add(other, scaledBy: -sums[k].dot(other)) }
      sums[k].scale(by: 1 / sums[k].norm)
    }
    return sums.map { $0.rounded() }
  }
}

/// Where a point lies with respect to a plane.
package struct PlanePosition: Equatable, Sendable {
  /// Coordinates of the nearest point of the plane.
  package let coordinates: [Double]
  /// Distance of the point from it.
  package let distance: Double

  /// Joins the parts.
  package init(coordinates: [Double], distance: Double) {
    self.coordinates = coordinates
    self.distance = distance
  }

  /// Projects a point onto a plane.
  ///
  /// - Parameters:
  ///   - difference: The point, measured from the origin of the plane.
  ///   - axes: Orthonormal axes of the plane.
  package init(of difference: Vector<Float>, axes: [Vector<Float>]) {
    coordinates = axes.map { $0.dot(difference) }
    var rest = difference
    for (axis, coordinate) in zip(axes, coordinates) {
      rest.add(axis, scaledBy: Float(-coordinate))
    }
    distance = rest.norm
  }
}
