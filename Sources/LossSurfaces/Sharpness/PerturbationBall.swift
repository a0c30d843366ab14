internal import Foundation
package import LinearAlgebra

/// Perturbations of weights up to a size: `w + s * v` with `||v|| <= rho`, where s is 1 or, adaptive, `|w|`.
///
/// Everything but `weights` and `gradient` is in terms of v. With `s = |w|` a scale of the weights that the network
/// is free to choose does not matter (Kwon et al. 2021).
package struct PerturbationBall: Sendable {
  /// How the size of a perturbation is measured.
  package enum Norm: String, Codable, Sendable {
    /// Euclidean.
    case l2
    /// The largest element.
    case linf
  }

  /// How the size is measured.
  package let norm: Norm
  /// rho.
  package let radius: Double
  private let center: Vector<Float>
  private let scale: Vector<Float>?

  /// Creates a ball around weights.
  ///
  /// - Precondition: A radius above 0.
  package init(around center: Vector<Float>, norm: Norm, radius: Double, isAdaptive: Bool) {
    precondition(radius > 0, "a ball has a radius")
    self.norm = norm
    self.radius = radius
    self.center = center
    scale = isAdaptive ? center.map { abs($0) } : nil
  }

  /// Number of weights.
  package var dimension: Int { center.count }

  /// `w + s * v`.
  package func weights(_ v: Vector<Float>) -> Vector<Float> {
    var result = v
    if let scale { result.multiplyElements(by: scale) }
    result.add(center)
    return result
  }

  /// The gradient in v from that in the weights: `s * g`.
  package func gradient(_ gradient: Vector<Float>) -> Vector<Float> {
    guard let scale else { return gradient }
    var result = gradient
    result.multiplyElements(by: scale)
    return result
  }

  /// `rho ||g||` in the dual norm: how far a linear loss with this gradient in v rises in the ball.
  package func linearRise(_ gradient: Vector<Float>) -> Double {
    switch norm {
    case .l2: radius * gradient.norm
    case .linf: radius * gradient.map { abs($0) }.sum
    }
  }

  /// The steepest direction of size 1 for a gradient in v; 0 for a gradient of 0.
  func steepest(_ gradient: Vector<Float>) -> Vector<Float> {
    switch norm {
    case .l2:
      let size = gradient.norm
      return size > 0 ? gradient.scaled(by: 1 / size) : gradient
    case .linf: return gradient.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
    }
  }

  /// The nearest point of the ball.
  func projected(_ v: Vector<Float>) -> Vector<Float> {
    switch norm {
    case .l2:
      let size = v.norm
      return size > radius ? v.scaled(by: radius / size) : v
    case .linf:
      let limit = Float(radius)
      return v.map { min(max($0, -limit), limit) }
    }
  }

  /// A random point: uniform on the sphere, or in the cube.
  package func randomPoint(_ stream: inout RandomStream) -> Vector<Float> {
    let draw: Vector<Float> = stream.normalVector(count: dimension)
    switch norm {
    case .l2: return draw.scaled(by: radius / draw.norm)
    // Phi(x) of a normal number is uniform.
    case .linf:
      return draw.map { Float(radius * erf(Double($0) * 0.5.squareRoot())) }
    }
  }
}
