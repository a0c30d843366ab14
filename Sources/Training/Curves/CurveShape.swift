internal import Foundation

/// How control points make a curve in the space of weights.
///
/// Garipov et al. 2018, "Loss Surfaces, Mode Connectivity, and Fast Ensembling of DNNs" (arXiv:1802.10026),
/// section 3.2. The first and the last control point are the curve's ends.
public enum CurveShape: String, Codable, CaseIterable, Sendable {
  /// `phi(t) = sum_i C(n, i) (1 - t)^(n - i) t^i w_i`.
  case bezier
  /// Straight from one control point to the next, each in an equal share of `0 ... 1`.
  case polygon

  /// The name in texts.
  public var name: String {
    switch self {
    case .bezier: "Bezier curve"
    case .polygon: "polygonal chain"
    }
  }

  /// The weights `b_i(t)` of the control points; their sum is 1.
  ///
  /// - Parameters:
  ///   - t: The place on the curve, 0 to 1.
  ///   - points: Number of control points.
  /// - Returns: A weight for each point.
  /// - Precondition: There are at least two points.
  public func coefficients(at t: Double, points: Int) -> [Double] {
    precondition(points >= 2 && (0...1).contains(t), "\(points) points at \(t)")
    let degree = points - 1
    switch self {
    case .bezier:
      var binomial = 1.0
      return (0...degree).map { i in
        defer { binomial *= Double(degree - i) / Double(i + 1) }
        return binomial * pow(1 - t, Double(degree - i)) * pow(t, Double(i))
      }
    case .polygon:
      let place = t * Double(degree)
      return (0...degree).map { max(0, 1 - abs(place - Double($0))) }
    }
  }
}
