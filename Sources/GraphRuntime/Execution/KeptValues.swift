internal import Synchronization

/// Stands for one plan for as long as anybody remembers it.
final class PlanIdentity: Sendable {}

/// What plans have computed that does not depend on a direction, kept from one evaluation to the
/// next as far as memory allows.
///
/// Owned by whoever knows that weights, samples and statistics stay the same. Sums over all
/// micro-batches are always kept, values of single micro-batches as long as there is room; those
/// past it are computed again. The first two evaluations compute everything, so that a check
/// whether two products agree means something; the bits are the same either way.
package final class KeptValues: Sendable {
  private struct Key: Hashable {
    let plan: ObjectIdentifier
    let batch: Int
  }

  /// Evaluations of one plan over the same micro-batches.
  struct Series {
    fileprivate var evaluations = 0
    /// The sums over them.
    let sums: FloatBlock
    /// Those of one element in `Double`, by their numbers.
    fileprivate(set) var scalars: [Int: Double] = [:]

    /// Whether what is kept need not be computed again.
    var isFilled: Bool { evaluations > KeptValues.evaluationsBeforeReuse }
  }

  private struct State {
    var bytesLeft: Int
    var blocks: [Key: FloatBlock] = [:]
    var series: [Key: Series] = [:]
    /// Plans that are known, so that no other one can get their identifiers.
    var plans: [PlanIdentity] = []
  }

  private static let evaluationsBeforeReuse = 2
  private let state: Mutex<State>

  /// Nothing is kept yet.
  ///
  /// - Parameter bytes: Largest memory; sums are kept even where they need more.
  package init(bytes: Int) {
    state = Mutex(State(bytesLeft: max(bytes, 0)))
  }

  /// Starts an evaluation.
  ///
  /// - Parameters:
  ///   - plan: Whose values they are.
  ///   - batch: Its first micro-batch.
  ///   - sumCount: Floats of the sums that are kept.
  /// - Returns: Memory for the sums, and whether they are there.
  func begin(_ plan: PlanIdentity, batch: Int, sumCount: Int) -> Series {
    state.withLock { state in
      let key = Key(plan: ObjectIdentifier(plan), batch: batch)
      if !state.plans.contains(where: { $0 === plan }) { state.plans.append(plan) }
      if state.series[key] == nil { state.bytesLeft = max(0, state.bytesLeft - 4 * sumCount) }
      var series = state.series[key] ?? Series(sums: FloatBlock(count: sumCount))
      series.evaluations += 1
      state.series[key] = series
      return series
    }
  }

  /// Keeps the sums of one element; the others are where `begin` said.
  func store(_ scalars: [Int: Double], of plan: PlanIdentity, batch: Int) {
    state.withLock { $0.series[Key(plan: ObjectIdentifier(plan), batch: batch)]?.scalars = scalars }
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

  /// The block of a micro-batch; nil past the memory, in every evaluation.
  func block(of plan: PlanIdentity, batch: Int, count: Int) -> FloatBlock? {
    let key = Key(plan: ObjectIdentifier(plan), batch: batch)
    return state.withLock { state in
      if let known = state.blocks[key] { return known }
      guard 4 * count <= state.bytesLeft else {
        // What did not fit once does not fit later either: room never comes back.
        state.bytesLeft = min(state.bytesLeft, 4 * count - 1)
        return nil
      }
      state.bytesLeft -= 4 * count
      let block = FloatBlock(count: count)
      state.blocks[key] = block
      return block
    }
  }
}
