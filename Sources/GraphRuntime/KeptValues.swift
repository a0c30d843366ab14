internal import Synchronization

/// Stands for one plan for as long as anybody remembers it.
final class PlanIdentity: Sendable {}

/// What plans have computed that does not depend on a direction, kept from one evaluation to the
/// next as far as memory allows.
///
/// Owned by whoever knows that weights, samples and statistics stay the same. Micro-batches past
/// the memory compute everything again. The first two evaluations compute everything, so that a
/// check whether two products agree means something; the bits are the same either way.
package final class KeptValues: Sendable {
  private struct Key: Hashable {
    let plan: ObjectIdentifier
    let batch: Int
  }

  private struct State {
    var bytesLeft: Int
    var blocks: [Key: (block: FloatBlock, evaluations: Int)] = [:]
    /// Plans with blocks, so that no other one can get their identifiers.
    var plans: [PlanIdentity] = []
  }

  private static let evaluationsBeforeReuse = 2
  private let state: Mutex<State>

  /// Nothing is kept yet.
  ///
  /// - Parameter bytes: Largest memory for values.
  package init(bytes: Int) {
    state = Mutex(State(bytesLeft: max(bytes, 0)))
  }

  /// Whether memory suffices for all of some micro-batches.
  func hasRoom(for batches: Range<Int>, of plan: PlanIdentity, count: Int) -> Bool {
    state.withLock { state in
      let known = batches.count {
        state.blocks[Key(plan: ObjectIdentifier(plan), batch: $0)] != nil
      }
      return 4 * count * (batches.count - known) <= state.bytesLeft
    }
  }

  /// The block of a micro-batch, and whether it need not be computed again; nil past the memory.
  func block(
    of plan: PlanIdentity, batch: Int, count: Int
  ) -> (block: FloatBlock, isFilled: Bool)? {
    let key = Key(plan: ObjectIdentifier(plan), batch: batch)
    return state.withLock { state in
      if var known = state.blocks[key] {
        let isFilled = known.evaluations >= Self.evaluationsBeforeReuse
        known.evaluations += 1
        state.blocks[key] = known
        return (known.block, isFilled)
      }
      guard 4 * count <= state.bytesLeft else { return nil }
      state.bytesLeft -= 4 * count
      let block = FloatBlock(count: count)
      state.blocks[key] = (block, 1)
      if !state.plans.contains(where: { $0 === plan }) { state.plans.append(plan) }
      return (block, false)
    }
  }
}
