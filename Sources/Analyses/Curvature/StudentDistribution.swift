internal import Foundation

/// Student's distribution for a whole number of degrees of freedom.
struct StudentDistribution {
  /// Degrees of freedom.
  let degreesOfFreedom: Int

  /// Probability of the interval from -t to t (Abramowitz and Stegun 26.7.3 and 26.7.4).
  ///
  /// With `theta = atan(t / sqrt(nu))`, for even nu `sin theta (1 + 1/2 cos^2 theta + 1 3 / (2 4) cos^4 theta
  /// + ...)`, for odd nu `2/pi (theta + sin theta (cos theta + 2/3 cos^3 theta + ...))`, up to the power
  /// nu - 2.
  func probability(within t: Double) -> Double {
    let theta = atan(t / Double(degreesOfFreedom).squareRoot())
    let (sine, cosine) = (sin(theta), cos(theta))
    let isOdd = degreesOfFreedom % 2 == 1
    var power = isOdd ? 1 : 0
    var term = isOdd ? cosine : 1
    var sum = 0.0
    while power <= degreesOfFreedom - 2 {
      sum += term
      power += 2
      term *= cosine * cosine * Double(power - 1) / Double(power)
    }
    return isOdd ? 2 / Double.pi * (theta + sine * sum) : sine * sum
  }

  /// The t within which lies a share of the probability.
  ///
  /// - Complexity: Some 60 sums of as many terms as there are degrees of freedom.
  func centralQuantile(_ share: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    while probability(within: high) < share { high *= 2 }
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if probability(within: middle) < share { low = middle } else { high = middle }
    }
    return high
  }
}
