internal import Foundation
package import LinearAlgebra

/// The largest value that an ascent found in a ball.
package struct AscentResult: Sendable {
  /// The value: a lower bound of the maximum over the ball.
  package let value: Double
  /// Where it was found.
  package let point: Vector<Float>
  /// Value at the start.
  package let startValue: Double
  /// Evaluations of value and gradient.
  package let evaluations: Int
  /// Evaluations that were not finite; the ascent goes back from such a point.
  package let nonFinite: Int
}

/// Projected gradient ascent with momentum and a step that is halved where it does not help (APGD).
///
/// Croce and Hein 2020, algorithm 1, as Andriushchenko et al. 2023 use it for sharpness:
/// `z = P(x_k + eta d_k)`, `x_{k+1} = P(x_k + 0.75 (z - x_k) + 0.25 (x_k - x_{k-1}))` with d the steepest direction of
/// size 1 and `eta = 2 rho` at first. At checkpoints eta is halved and the ascent goes on from the best point, if
/// fewer than three quarters of the steps since the last one rose, or neither eta nor the best value has changed.
///
/// The result is the best point seen, a lower bound of the maximum, which nobody knows for a network.
package struct SharpnessAscent: Sendable {
  private static let momentum: Float = 0.75
  private static let wantedRises = 0.75

  private let ball: PerturbationBall
  private let steps: Int

  /// Creates an ascent of some steps in a ball.
  ///
  /// - Precondition: At least one step.
  package init(in ball: PerturbationBall, steps: Int) {
    precondition(steps > 0, "an ascent has a step")
    self.ball = ball
    self.steps = steps
  }

  /// Steps after which eta may be halved, in shrinking distances; the first after 22 % of all.
  var checkpoints: Set<Int> {
    var shares = [0.0, 0.22]
    while shares[shares.count - 1] < 1 {
      let distance = shares[shares.count - 1] - shares[shares.count - 2]
      shares.append(shares[shares.count - 1] + max(distance - 0.03, 0.06))
    }
    return Set(shares.dropFirst().map { Int(($0 * Double(steps)).rounded(.up)) })
  }

  /// Climbs from a start.
  ///
  /// - Parameters:
  ///   - start: A point of the ball.
  ///   - objective: Value and gradient in v at a point.
  /// - Returns: The best point seen, the start included.
  /// - Throws: What the objective throws.
  /// - Complexity: `steps + 1` evaluations.
  package func climb(
    from start: Vector<Float>,
    _ objective: (Vector<Float>) throws -> (value: Double, gradient: Vector<Float>)
  ) throws -> AscentResult {
    typealias State = (point: Vector<Float>, value: Double, gradient: Vector<Float>)
    let first = try objective(start)
    var current: State = (start, first.value, first.gradient)
    var best = current
    var previous = start
    var eta = Float(2 * ball.radius)
    var last = (eta: eta, value: best.value)
    var (rises, since, nonFinite) = (0, 0, first.value.isFinite ? 0 : 1)
    for step in 1...steps {
      var next =
        step == 1
        ? ball.projected(moved(current.point, by: eta, along: current.gradient))
        : momentumStep(from: current.point, previous, eta, current.gradient)
      var found = try objective(next)
      since += 1
      if found.value.isFinite && found.gradient.firstNonFiniteIndex == nil {
        if found.value > current.value { rises += 1 }
        previous = current.point
      } else {
        nonFinite += 1
        eta /= 2
        (next, found) = (best.point, (best.value, best.gradient))
        previous = best.point
      }
      current = (next, found.value, found.gradient)
      if current.value > best.value || !best.value.isFinite { best = current }
      if checkpoints.contains(step) {
        let isStuck = last.eta == eta && last.value == best.value
        if Double(rises) < Self.wantedRises * Double(since) || isStuck {
          eta /= 2
          current = best
          previous = best.point
        }
        last = (eta, best.value)
        (rises, since) = (0, 0)
      }
    }
    return AscentResult(
      value: best.value, point: best.point, startValue: first.value, evaluations: steps + 1,
      nonFinite: nonFinite)
  }

  private func moved(
    _ point: Vector<Float>, by eta: Float, along gradient: Vector<Float>
  ) -> Vector<Float> {
    var result = point
    result.add(ball.steepest(gradient), scaledBy: eta)
    return result
  }

  private func momentumStep(
    from point: Vector<Float>, _ previous: Vector<Float>, _ eta: Float, _ gradient: Vector<Float>
  ) -> Vector<Float> {
    // x + a (z - x) + (1 - a) (x - x') = a z + 2 (1 - a) x - (1 - a) x'
    var result = ball.projected(moved(point, by: eta, along: gradient))
    result.scale(by: Self.momentum)
    result.add(point, scaledBy: 2 * (1 - Self.momentum))
    result.add(previous, scaledBy: -(1 - Self.momentum))
    return ball.projected(result)
  }
}
