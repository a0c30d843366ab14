package import Communication
internal import LinearAlgebra

/// Spectral density by stochastic Lanczos quadrature.
///
/// Each probe is a random sign vector; m Lanczos steps from it, with full reorthogonalisation,
/// give the Gauss quadrature of its spectral measure (Golub and Meurant 2010; Ubaru, Chen and
/// Saad 2017, doi:10.1137/16M1104974). A breakdown makes the quadrature of a probe exact.
///
/// - Parameters:
///   - symmetricOperator: The operator A.
///   - probes: Random vectors.
///   - steps: Lanczos steps per probe at most.
///   - seed: Probe i uses the stream `density.probe` i, whatever the other arguments.
///   - completed: Probes of an earlier, interrupted run with the same steps and seed.
///   - blockSize: Probes that go forward together, for operators that share work between
///     directions; the memory is `blockSize` bases.
///   - progress: Called after each block with the density so far; may save it, may throw.
/// - Returns: Nodes and weights of every probe.
/// - Throws: `KrylovError`, and what the operator or `progress` throws.
/// - Complexity: probes * steps products, O(d steps^2) per probe, d steps elements of memory.
public func spectralDensity<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, probes: Int, steps: Int, seed: UInt64,
  continuing completed: SpectralDensity? = nil, blockSize: Int = 1,
  progress: (SpectralDensity) throws -> Void = { _ in }
) throws -> SpectralDensity {
  try spectralDensity(
    of: symmetricOperator, probes: probes, steps: steps, seed: seed, continuing: completed,
    blockSize: blockSize, ranks: Alone(), progress: progress)
}

/// The same by ranks that take the same steps, and some rows of the bases.
package func spectralDensity<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, probes: Int, steps: Int, seed: UInt64,
  continuing completed: SpectralDensity?, blockSize: Int = 1, ranks: any Communicator,
  progress: (SpectralDensity) throws -> Void = { _ in }
) throws -> SpectralDensity {
  try requirePositive(probes, "probes")
  try requirePositive(steps, "steps")
  try requirePositive(blockSize, "block size")
  let dimension = symmetricOperator.dimension
  guard dimension > 0 else {
    throw KrylovError.invalidSetting(name: "operator", reason: "has no rows")
  }
  if let completed, completed.dimension != dimension {
    throw KrylovError.wrongLength(
      of: "the saved density", expected: dimension, found: completed.dimension)
  }
  var density =
    completed ?? SpectralDensity(dimension: dimension, probes: [], applications: 0)
  while density.probes.count < probes {
    let first = density.probes.count
    let block = first..<min(first + blockSize, probes)
    let (quadratures, applications) = try lanczosQuadratures(
      of: symmetricOperator, probes: block, steps: steps, seed: seed, ranks: ranks)
    density = SpectralDensity(
      dimension: dimension, probes: density.probes + quadratures,
      applications: density.applications + applications)
    try progress(density)
  }
  return density
}

/// Quadratures of a range of probes that step together.
private func lanczosQuadratures<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, probes: Range<Int>, steps: Int, seed: UInt64,
  ranks: any Communicator
) throws -> (quadratures: [SpectralDensity.Quadrature], applications: Int) {
  var factorizations = try probes.map { index in
    var stream = RandomStream(seed: seed, label: "density.probe", index: index)
    return try LanczosFactorization<Operator.Scalar>(
      start: stream.signVector(count: symmetricOperator.dimension), ranks: ranks)
  }
  var applications = 0
  for _ in 0..<steps {
    let moving = factorizations.indices.filter { !factorizations[$0].isInvariant }
    if moving.isEmpty { break }
    let directions = moving.compactMap { factorizations[$0].direction }
    let products = try symmetricOperator.products(with: directions)
    applications += moving.count
    for (index, product) in zip(moving, products) {
      try factorizations[index].expand(byProduct: product)
    }
  }
  return (try factorizations.map { try $0.quadrature() }, applications)
}
