internal import LinearAlgebra

/// Requires that two products with the same vector give the same bits.
///
/// Finds augmentation, dropout and batch statistics that change between passes. Costs two
/// products.
///
/// - Parameters:
///   - symmetricOperator: The operator to check.
///   - seed: Seed of the vector.
/// - Throws: `KrylovError.notDeterministic`, `.nonFiniteProduct`, and what the operator throws.
public func verifyDeterminism<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, seed: UInt64 = 0
) throws {
  var stream = RandomStream(seed: seed, label: "verify.determinism")
  let x = stream.normalVector(
    count: symmetricOperator.dimension, as: Operator.Scalar.self)
  let first = try symmetricOperator.product(with: x)
  let second = try symmetricOperator.product(with: x)
  guard first != second else { return }
  let index = (0..<first.count).first { first[$0] != second[$0] } ?? 0
  throw KrylovError.notDeterministic(
    index: index, first: Double(first[index]), second: Double(second[index]))
}

/// Largest relative asymmetry `|<u, A v> - <v, A u>| / (||u|| ||A v|| + ||v|| ||A u||)` seen.
///
/// About the relative rounding error of a product for a symmetric operator (1e-7 in Float), of
/// order 1/sqrt(d) or more for one that is not.
///
/// - Parameters:
///   - symmetricOperator: The operator to check.
///   - pairs: Pairs of random vectors; two products each.
///   - seed: Seed of the vectors.
/// - Returns: The largest asymmetry over the pairs; 0 for a zero operator.
/// - Throws: `KrylovError`, and what the operator throws.
public func symmetryDefect<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, pairs: Int = 1, seed: UInt64 = 0
) throws -> Double {
  try requirePositive(pairs, "pairs")
  var worst = 0.0
  for index in 0..<pairs {
    var stream = RandomStream(seed: seed, label: "verify.symmetry", index: index)
    let dimension = symmetricOperator.dimension
    let u = stream.normalVector(count: dimension, as: Operator.Scalar.self)
    let v = stream.normalVector(count: dimension, as: Operator.Scalar.self)
    let products = try symmetricOperator.products(with: [u, v])
    let scale = u.norm * products[1].norm + v.norm * products[0].norm
    if scale > 0 { worst = max(worst, abs(u.dot(products[1]) - v.dot(products[0])) / scale) }
  }
  return worst
}
