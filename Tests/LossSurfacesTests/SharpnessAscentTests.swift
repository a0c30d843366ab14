import LinearAlgebra
import LossSurfaces
import Testing

/// Ascents on quadratic losses, whose maxima over balls are known.
@Suite struct SharpnessAscentTests {
  /// `f(w) = g w + w A w / 2`.
  private struct Quadratic {
    let gradient: [Double]
    let matrix: SymmetricMatrix

    init(_ order: Int, seed: UInt64, isConvex: Bool) {
      var stream = RandomStream(seed: seed, label: "quadratic")
      gradient = (0..<order).map { _ in stream.normal() }
      let factor = (0..<order).map { _ in (0..<order).map { _ in stream.normal() } }
      var matrix = SymmetricMatrix(zeros: order)
      for i in 0..<order {
        for j in 0...i {
          matrix[i, j] =
            isConvex
            ? zip(factor[i], factor[j]).reduce(0) { $0 + $1.0 * $1.1 } / Double(order)
            : factor[i][j]
        }
      }
      self.matrix = matrix
    }

    func value(_ w: [Double]) -> Double {
      zip(w, zip(gradient, matrix.product(w))).reduce(0) { $0 + $1.0 * ($1.1.0 + $1.1.1 / 2) }
    }

    func objective(
      _ ball: PerturbationBall, center: [Double]
    ) -> (Vector<Float>) -> (value: Double, gradient: Vector<Float>) {
      { v in
        let w = ball.weights(v).array.map(Double.init)
        let slope = zip(gradient, matrix.product(w)).map { Float($0 + $1) }
        return (value(w) - value(center), ball.gradient(Vector(slope)))
      }
    }

    /// Maximum over the Euclidean ball of a radius around 0, where it lies on the sphere: `w = (mu - A)^-1 g` with mu
    /// above the largest eigenvalue such that `||w|| = rho`.
    func maximum(radius: Double) throws -> Double {
      let (values, vectors) = try matrix.eigenpairs()
      let parts = vectors.map { zip($0, gradient).reduce(0) { $0 + $1.0 * $1.1 } }
      func size(_ mu: Double) -> Double {
        zip(values, parts).reduce(0) { sum, pair in
          let x = pair.1 / (mu - pair.0)
          return sum + x * x
        }.squareRoot()
      }
      let largest = values[values.count - 1]
      var (low, high) = (largest, largest + 1)
      while size(high) > radius { high += high - largest }
      for _ in 0..<200 {
        let middle = (low + high) / 2
        if size(middle) > radius { low = middle } else { high = middle }
      }
      return zip(values, parts).reduce(0) { sum, pair in
        let x = pair.1 / (high - pair.0)
        return sum + pair.1 * x + pair.0 * x * x / 2
      }
    }
  }

  private func ball(
    _ order: Int, _ norm: PerturbationBall.Norm, radius: Double
  ) -> PerturbationBall {
    PerturbationBall(
      around: Vector(zeros: order), norm: norm, radius: radius, isAdaptive: false)
  }

  /// The best of several ascents.
  private func best(
    _ quadratic: Quadratic, in ball: PerturbationBall, steps: Int, starts: Int
  ) throws -> Double {
    let center = [Double](repeating: 0, count: ball.dimension)
    return try (0..<starts).map { number in
      var stream = RandomStream(seed: 1, label: "starts", index: number)
      let start = number == 0 ? Vector(zeros: ball.dimension) : ball.randomPoint(&stream)
      return try SharpnessAscent(in: ball, steps: steps).climb(
        from: start, quadratic.objective(ball, center: center)
      ).value
    }.max() ?? .nan
  }

  @Test(arguments: [UInt64](0..<6))
  func theMaximumOverABallIsFoundAndNeverPassed(seed: UInt64) throws {
    let quadratic = Quadratic(8, seed: seed, isConvex: false)
    for radius in [0.1, 1, 3] {
      let exact = try quadratic.maximum(radius: radius)
      let found = try best(
        quadratic, in: ball(8, .l2, radius: radius), steps: 100, starts: 5)
      // Points are rounded to Float, and so may lie outside by 1e-7 of the radius.
      #expect(found <= exact * (1 + 1e-5), "\(radius)")
      #expect(found >= exact * (1 - 1e-3), "\(radius)")
    }
  }

  @Test(arguments: [UInt64](0..<6))
  func theMaximumOverACubeIsThatOfItsBestCorner(seed: UInt64) throws {
    let quadratic = Quadratic(6, seed: seed, isConvex: true)
    let exact =
      (0..<64).map { corner in
        quadratic.value((0..<6).map { corner >> $0 & 1 == 0 ? -0.5 : 0.5 })
      }.max() ?? .nan
    let found = try best(quadratic, in: ball(6, .linf, radius: 0.5), steps: 60, starts: 12)
    #expect(found <= exact * (1 + 1e-6) && found >= exact * (1 - 1e-5))
  }

  @Test func aLinearLossRisesByTheDualNormInOneStep() throws {
    let slope = Vector<Float>([3, -4, 0])
    for (norm, expected) in [(PerturbationBall.Norm.l2, 5.0), (.linf, 7.0)] {
      let ball = ball(3, norm, radius: 0.25)
      #expect(ball.linearRise(slope) == 0.25 * expected)
      let result = try SharpnessAscent(in: ball, steps: 1).climb(from: Vector(zeros: 3)) {
        ($0.dot(slope), slope)
      }
      #expect(abs(result.value - 0.25 * expected) < 1e-6 && result.evaluations == 2)
    }
  }

  @Test func adaptiveBallsAreBallsOfScaledWeights() throws {
    let center = [2.0, -0.5, 0, 1]
    let quadratic = Quadratic(4, seed: 9, isConvex: false)
    let adaptive = PerturbationBall(
      around: Vector(center.map(Float.init)), norm: .l2, radius: 0.3, isAdaptive: true)
    let found = try SharpnessAscent(in: adaptive, steps: 60).climb(
      from: Vector(zeros: 4), quadratic.objective(adaptive, center: center))
    // The same loss as one of v, written out.
    let plain = ball(4, .l2, radius: 0.3)
    let scaled = try SharpnessAscent(in: plain, steps: 60).climb(from: Vector(zeros: 4)) { v in
      let w = zip(center, v.array).map { $0 + abs($0) * Double($1) }
      let slope = zip(center, zip(quadratic.gradient, quadratic.matrix.product(w))).map {
        Float(abs($0) * ($1.0 + $1.1))
      }
      return (quadratic.value(w) - quadratic.value(center), Vector(slope))
    }
    #expect(abs(found.value - scaled.value) < 1e-5 * scaled.value)
    // A weight of 0 does not move.
    #expect(adaptive.weights(found.point)[2] == 0)
  }

  @Test func ascentsGoBackFromLossesThatAreNotFinite() throws {
    let ball = ball(2, .l2, radius: 1)
    let result = try SharpnessAscent(in: ball, steps: 40).climb(from: Vector(zeros: 2)) { v in
      (v[0] > 0.5 ? .infinity : Double(v[0]), Vector<Float>([1, 0]))
    }
    #expect(result.nonFinite > 0 && result.value.isFinite)
    #expect(result.value > 0.4 && result.value <= 0.5)
  }

  @Test func randomPointsLieOnTheSphereAndInTheCube() {
    var stream = RandomStream(seed: 3, label: "points")
    let sphere = ball(1000, .l2, radius: 2).randomPoint(&stream)
    #expect(abs(sphere.norm - 2) < 1e-6)
    let cube = ball(10_000, .linf, radius: 2).randomPoint(&stream).array.map(Double.init)
    #expect(cube.allSatisfy { abs($0) <= 2 })
    // Uniform in -2 ... 2: mean 0, variance 4/3, up to five standard errors.
    let mean = cube.reduce(0, +) / 1e4
    let square = cube.reduce(0) { $0 + $1 * $1 } / 1e4
    let variance = 4.0 / 3
    let error = (variance / 1e4).squareRoot()
    #expect(abs(mean) < 5 * error)
    // The variance of x^2 is 16/5 - 16/9.
    let squareError = (1.4222 / 1e4).squareRoot()
    #expect(abs(square - variance) < 5 * squareError)
  }
}
