import Foundation
import LinearAlgebra
import LossSurfaces
import TestSupport
import Testing

/// The path of weights as numbers: components, positions and walks against other routes to them.
@Suite struct TrajectoryTests {
  private let dimension = 40
  private let points: [Vector<Float>]

  init() {
    var stream = RandomStream(seed: 2, label: "test")
    // A drift, a bend and noise: variances of different sizes.
    let directions = (0..<3).map { _ in stream.normalVector(count: 40, as: Float.self) }
    points = (0..<7).map { step in
      var point = directions[0].map { $0 * Float(step) }
      point.add(directions[1], scaledBy: Float(step * step) / 8)
      point.add(directions[2], scaledBy: Float(stream.normal()) / 20)
      return point
    }
  }

  private func differences(memory: Int = 1 << 20, threads: Int = 1) -> WeightDifferences {
    let points = points
    return WeightDifferences(
      centre: points[6], count: 7, memory: memory, pool: WorkerPool(threadCount: threads)
    ) { points[$0] }
  }

  /// The scatter matrix itself, d x d, and its eigenpairs.
  @Test func componentsAreEigenpairsOfTheScatterMatrix() throws {
    let rows = points.map { $0.array.map(Double.init) }
    let mean = (0..<dimension).map { i in rows.reduce(0) { $0 + $1[i] } / 7 }
    var scatter = SymmetricMatrix(zeros: dimension)
    for i in 0..<dimension {
      for j in 0...i {
        scatter[i, j] = rows.reduce(0) { $0 + ($1[i] - mean[i]) * ($1[j] - mean[j]) }
      }
    }
    let (values, vectors) = try scatter.eigenpairs()
    let differences = differences()
    let components = try PrincipalComponents(gram: differences.gramMatrix())
    // Differences are rounded to single precision, everything else is Double.
    let scale = values[dimension - 1] * 1e-6
    #expect(components.variances.count == 6)
    for k in 0..<6 {
      #expect(abs(components.variances[k] - values[dimension - 1 - k]) <= scale)
    }
    #expect(abs(components.total - values.reduce(0, +)) <= scale)
    let axes = try differences.axes([0, 1].map(components.coefficients))
    for k in 0..<2 {
      let expected = vectors[dimension - 1 - k]
      let cosine = zip(axes[k].array, expected).reduce(0) { $0 + Double($1.0) * $1.1 }
      #expect(abs(abs(cosine) - 1) < 1e-6)
      #expect(abs(axes[k].norm - 1) < 1e-6)
    }
    #expect(abs(axes[0].dot(axes[1])) < 1e-7)
  }

  @Test func componentsDoNotDependOnTheOrigin() throws {
    let gram = try differences().gramMatrix()
    var fromZero = SymmetricMatrix(zeros: 7)
    for i in 0..<7 { for j in 0...i { fromZero[i, j] = points[i].dot(points[j]) } }
    let (a, b) = (
      try PrincipalComponents(gram: gram), try PrincipalComponents(gram: fromZero)
    )
    for (x, y) in zip(a.variances, b.variances) { #expect(abs(x - y) <= 1e-6 * a.total) }
    for k in 0..<2 {
      #expect(abs(a.coefficients(of: k).reduce(0, +)) < 1e-9)
      #expect(abs(b.coefficients(of: k).reduce(0, +)) < 1e-9)
    }
  }

  @Test(arguments: [0, 3 * 160, 5 * 160], [1, 3])
  func littleMemoryAndManyThreadsGiveTheSameBits(memory: Int, threads: Int) throws {
    let whole = differences()
    let parts = differences(memory: memory, threads: threads)
    let gram = try whole.gramMatrix()
    #expect(try parts.gramMatrix() == gram)
    let coefficients = [0, 1].map(try PrincipalComponents(gram: gram).coefficients)
    #expect(try whole.axes(coefficients) == parts.axes(coefficients))
    #expect(try whole.difference(3) == parts.difference(3))
  }

  @Test func checkpointsAreReadAsOftenAsIsSaid() throws {
    for memory in [0, 3 * 160, 5 * 160, 1 << 20] {
      var reads = 0
      let points = points
      let differences = WeightDifferences(
        centre: points[6], count: 7, memory: memory, pool: .callerAlone
      ) {
        reads += 1
        return points[$0]
      }
      let components = try PrincipalComponents(gram: differences.gramMatrix())
      _ = try differences.axes([components.coefficients(of: 0)])
      for index in 0..<7 { _ = try differences.difference(index) }
      #expect(reads == differences.readCount)
    }
  }

  @Test func aPositionAndItsDistanceMakeThePointAgain() throws {
    let differences = differences()
    let components = try PrincipalComponents(gram: differences.gramMatrix())
    let axes = try differences.axes([0, 1].map(components.coefficients))
    for index in 0..<7 {
      let difference = try differences.difference(index)
      let position = PlanePosition(of: difference, axes: axes)
      let squares =
        position.coordinates.reduce(position.distance * position.distance) { $0 + $1 * $1 }
      #expect(abs(squares.squareRoot() - difference.norm) <= 1e-6 * (difference.norm + 1))
    }
    #expect(PlanePosition(of: try differences.difference(6), axes: axes).distance == 0)
    // Off the plane by a vector that is orthogonal to it.
    var off = Vector<Float>(zeros: dimension)
    off.add(axes[0], scaledBy: 3)
    var stream = RandomStream(seed: 8, label: "test")
    var normal = stream.normalVector(count: dimension, as: Float.self)
    for axis in axes { normal.add(axis, scaledBy: Float(-axis.dot(normal))) }
    off.add(normal)
    let position = PlanePosition(of: off, axes: axes)
    #expect(abs(position.coordinates[0] - 3) < 1e-5 && abs(position.coordinates[1]) < 1e-5)
    #expect(abs(position.distance - normal.norm) < 1e-5)
  }

  @Test func equalPointsHaveNoVariance() throws {
    let components = try PrincipalComponents(gram: SymmetricMatrix(zeros: 4))
    #expect(components.variances == [0, 0, 0] && components.shares == [0, 0, 0])
  }

  // MARK: - Random walks

  /// Antognini and Sohl-Dickstein 2018: the limit of many dimensions.
  @Test func aWalkInManyDimensionsHasTheSharesOfTheLimit() throws {
    let steps = 20
    let walk = RandomWalk(
      stepLengths: [Double](repeating: 0.3, count: steps), dimension: 100_000_000)
    let limits = (1...steps).map { k in
      pow(sin(Double.pi * Double(k) / Double(2 * (steps + 1))), -2)
    }
    let total = limits.reduce(0, +)
    let (means, deviations) = try walk.shares(walks: 4, seed: 1)
    for k in 0..<steps {
      // Steps are orthogonal up to 1 / sqrt(d) = 1e-4.
      #expect(abs(means[k] - limits[k] / total) < 1e-3 && deviations[k] < 1e-3)
    }
    #expect(abs(limits[0] / total - 6 / (Double.pi * Double.pi)) < 5e-3)
  }

  /// In few dimensions: against walks whose steps are drawn coordinate by coordinate.
  @Test func aWalkInFewDimensionsIsDistributedAsOneStepByStep() throws {
    let lengths = [1.0, 0.5, 2, 1, 0.25, 1.5]
    for dimension in [1, 3, 12] {
      let walks = 600
      let (means, deviations) = try RandomWalk(stepLengths: lengths, dimension: dimension)
        .shares(walks: walks, seed: 3)
      var drawn: [[Double]] = []
      for index in 0..<walks {
        var stream = RandomStream(seed: 9, label: "steps", index: index)
        var point = Vector<Double>(zeros: dimension)
        var points = [point]
        for length in lengths {
          let step = stream.normalVector(count: dimension, as: Double.self)
          point.add(step, scaledBy: length / step.norm)
          points.append(point)
        }
        var gram = SymmetricMatrix(zeros: points.count)
        for i in points.indices { for j in 0...i { gram[i, j] = points[i].dot(points[j]) } }
        drawn.append(try PrincipalComponents(gram: gram).shares)
      }
      for k in means.indices {
        let mean = drawn.reduce(0) { $0 + $1[k] } / Double(walks)
        // Five standard errors of a difference of two means.
        let error = deviations[k] * (2 / Double(walks)).squareRoot()
        #expect(abs(means[k] - mean) <= 5 * error + 1e-12)
      }
    }
  }

  @Test func stepsOfAWalkHaveTheirLengths() {
    let lengths = [1.0, 0, 3, 0.5]
    for dimension in [1, 2, 1000] {
      var stream = RandomStream(seed: 4, label: "test")
      let gram = RandomWalk(stepLengths: lengths, dimension: dimension).gramMatrix(&stream)
      for (index, length) in lengths.enumerated() {
        let square =
          gram[index, index] + gram[index + 1, index + 1] - 2 * gram[index + 1, index]
        #expect(abs(square - length * length) < 1e-12 * (1 + gram[index, index]))
      }
    }
  }

  @Test func equalSeedsGiveEqualWalks() throws {
    let walk = RandomWalk(stepLengths: [1, 2, 3], dimension: 50)
    #expect(try walk.shares(walks: 5, seed: 1).means == walk.shares(walks: 5, seed: 1).means)
    #expect(try walk.shares(walks: 5, seed: 1).means != walk.shares(walks: 5, seed: 2).means)
  }
}
