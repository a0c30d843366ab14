package import Krylov
internal import LinearAlgebra

/// Checks the contract of `SymmetricOperator` on random vectors.
///
/// The laws: linear, symmetric, deterministic, overwrites its output, zero to zero, and products
/// of several vectors at once equal those one by one.
///
/// - Parameters:
///   - subject: The operator to check.
///   - tolerance: Rounding error of a product, relative to the norms of its terms.
///   - seed: Seed of the vectors.
/// - Returns: One line for each law that fails; empty when all hold.
/// - Throws: What the operator throws.
package func checkSymmetricOperator<Operator: SymmetricOperator>(
  _ subject: Operator, tolerance: Double, seed: UInt64 = 0
) throws -> [String] {
  typealias Scalar = Operator.Scalar
  let dimension = subject.dimension
  var violations: [String] = []
  func require(_ holds: Bool, _ law: String) { if !holds { violations.append(law) } }
  func product(_ x: Vector<Scalar>, over fill: Scalar = 0) throws -> Vector<Scalar> {
    var y = Vector<Scalar>(repeating: fill, count: dimension)
    try subject.apply(to: x, into: &y)
    return y
  }
  func distance(_ a: Vector<Scalar>, _ b: Vector<Scalar>) -> Double {
    var difference = a
    difference.add(b, scaledBy: -1)
    return difference.norm
  }

  var stream = RandomStream(seed: seed, label: "symmetric operator laws")
  let x = stream.normalVector(count: dimension, as: Scalar.self)
  let y = stream.normalVector(count: dimension, as: Scalar.self)
  let ax = try product(x)
  let ay = try product(y)
  require(ax.count == dimension, "the product has \(ax.count) elements, not \(dimension)")
  guard ax.count == dimension, ay.count == dimension else { return violations }

  require(try product(x) == ax, "deterministic: a second product differs")
  require(
    try product(x, over: 7) == ax && product(x, over: .nan) == ax,
    "overwrites its output: the old elements of y show in the product")
  let zero = try product(Vector(zeros: dimension))
  require(zero.norm == 0, "zero to zero: A 0 has norm \(zero.norm)")

  var combination = x.scaled(by: 2)
  combination.add(y, scaledBy: -3)
  var expected = ax.scaled(by: 2)
  expected.add(ay, scaledBy: -3)
  let nonlinearity = distance(try product(combination), expected)
  require(
    nonlinearity <= tolerance * (2 * ax.norm + 3 * ay.norm),
    "linear: A(2x - 3y) is off by \(nonlinearity)")

  let asymmetry = abs(x.dot(ay) - y.dot(ax))
  require(
    asymmetry <= tolerance * (x.norm * ay.norm + y.norm * ax.norm),
    "symmetric: <x, A y> and <y, A x> differ by \(asymmetry)")

  var several = (0..<3).map { _ in Vector<Scalar>(repeating: .nan, count: dimension) }
  try subject.apply(toEach: [x, y, combination], into: &several)
  require(
    distance(several[0], ax) <= tolerance * ax.norm
      && distance(several[1], ay) <= tolerance * ay.norm
      && distance(several[2], expected) <= tolerance * (2 * ax.norm + 3 * ay.norm),
    "several at once: the products differ from those one by one")
  return violations
}
