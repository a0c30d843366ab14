/// Eigenvalues at one or both ends of the spectrum by Lanczos with full reorthogonalisation.
///
/// Stops early when the wanted pairs have converged. When the basis is full it restarts thickly.
/// When the basis breaks down (spans an invariant space) it goes on in a new random direction
/// outside that space, and stops when a whole such block has brought no wanted value: this finds
/// repeated eigenvalues, of which a single Krylov space has only one copy. A search that
/// converges before any breakdown cannot know of further copies; that is a limit of every
/// single-vector Krylov method.
///
/// - Parameters:
///   - symmetricOperator: The operator A.
///   - iteration: Start, or a state to continue. It is left at the last step, also when an error
///     is thrown, and gives the eigenvectors on request.
///   - settings: What is wanted.
///   - progress: Called after each step; may save the state, may throw to interrupt.
/// - Returns: Values with residual bounds and flags; not converging is a result, not an error.
/// - Throws: `KrylovError`, and what the operator or `progress` throws.
/// - Complexity: At most `maximumSteps` products; O(d m) per step and O(d m) memory for dimension
///   d and basis size m.
package func extremalEigenpairs<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, continuing iteration: inout LanczosIteration<Operator.Scalar>,
  settings: LanczosSettings,
  progress: (LanczosProgress, LanczosIteration<Operator.Scalar>) throws -> Void = {
    _, _ in
  }
) throws -> LanczosResult {
  let dimension = symmetricOperator.dimension
  let requested = max(settings.largest, settings.smallest)
  guard requested <= dimension else {
    throw KrylovError.tooManyPairs(requested: requested, dimension: dimension)
  }
  guard iteration.factorization.dimension == dimension else {
    throw KrylovError.wrongLength(
      of: "the start vector", expected: dimension, found: iteration.factorization.dimension)
  }
  let selection = SpectrumEnds(settings: settings)
  var view = try SpectrumView(iteration.factorization, ends: selection)
  while true {
    if iteration.applications > 0, let reason = view.stopReason,
      settings.stopsEarly || reason != .converged
        || iteration.applications >= settings.maximumSteps
    {
      return view.result(of: iteration, reason: reason)
    }
    guard iteration.applications < settings.maximumSteps else {
      return view.result(of: iteration, reason: .reachedMaximumSteps)
    }
    let moved = try iteration.advance(
      with: symmetricOperator, maximumBasisSize: settings.maximumBasisSize,
      choose: selection.keptByRestart)
    guard moved else {
      return view.result(
        of: iteration, reason: .invariantSubspace(dimension: iteration.factorization.count))
    }
    view = try SpectrumView(iteration.factorization, ends: selection)
    try progress(view.progress(of: iteration), iteration)
  }
}

/// Eigenvalues at the ends of the spectrum from a random start.
///
/// - Parameters:
///   - symmetricOperator: The operator A.
///   - settings: What is wanted.
///   - seed: Seed of the start vector.
/// - Returns: Values with residual bounds and flags.
/// - Throws: `KrylovError`, and what the operator throws.
public func extremalEigenpairs<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, settings: LanczosSettings, seed: UInt64
) throws -> LanczosResult {
  var iteration = try LanczosIteration<Operator.Scalar>(
    dimension: symmetricOperator.dimension, seed: seed)
  return try extremalEigenpairs(
    of: symmetricOperator, continuing: &iteration, settings: settings)
}
