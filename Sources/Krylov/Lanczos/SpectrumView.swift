/// The wanted ends of a spectrum: which pairs count and which a restart keeps.
struct SpectrumEnds: Sendable {
  let settings: LanczosSettings

  /// Half way between the wanted pairs and a full basis, shared between the ends.
  ///
  /// Keeping more than the wanted pairs makes them converge faster (Wu and Simon 2000, 4).
  func keptByRestart(_ ascending: [RitzPair]) -> [RitzPair] {
    let wanted = settings.largest + settings.smallest
    let size = ascending.count
    let kept = max(0, min(size - 1, wanted + max(0, size - wanted) / 2))
    let low = wanted == 0 ? 0 : min(kept, (kept * settings.smallest + wanted / 2) / wanted)
    return Array(ascending.prefix(low)) + Array(ascending.suffix(kept - low))
  }
}

/// Ritz values of a factorization, judged by the settings.
struct SpectrumView {
  private let ascending: [RitzPair]
  private let ends: SpectrumEnds
  private let floor: Double
  private let operatorDefect: Double
  private let isInvariant: Bool
  private let settledCount: Int
  private let dimension: Int

  init<Scalar>(_ factorization: LanczosFactorization<Scalar>, ends: SpectrumEnds) throws {
    ascending = try factorization.ritzPairs()
    self.ends = ends
    floor = factorization.roundingFloor
    operatorDefect = factorization.operatorDefect
    isInvariant = factorization.isInvariant
    settledCount = factorization.activeStart
    dimension = factorization.dimension
  }

  /// Bound of at most `tolerance |theta|`, or lost in the rounding of the products.
  private func isConverged(_ pair: RitzPair) -> Bool {
    // Pairs of an invariant space are as good as the products allow.
    pair.isSettled || isInvariant
      || pair.residualBound <= max(ends.settings.tolerance * abs(pair.value), 16 * floor)
  }

  private func judged(_ pair: RitzPair) -> RitzValue {
    RitzValue(
      value: pair.value, residualBound: pair.residualBound, isConverged: isConverged(pair))
  }

  private var largest: [RitzPair] { ascending.suffix(ends.settings.largest).reversed() }
  private var smallest: [RitzPair] { Array(ascending.prefix(ends.settings.smallest)) }

  private var requested: Int { max(ends.settings.largest, ends.settings.smallest) }

  /// Why to stop now, apart from the limit of steps.
  var stopReason: LanczosStopReason? {
    let whole = LanczosStopReason.invariantSubspace(dimension: ascending.count)
    if isInvariant && ascending.count == dimension { return whole }
    if isInvariant { return settledCount >= requested && !blockContributes ? whole : nil }
    guard ascending.count >= requested, (largest + smallest).allSatisfy(isConverged) else {
      return nil
    }
    return settledCount == 0 || blockEndsHaveConverged ? .converged : nil
  }

  private var block: [RitzPair] { ascending.filter { !$0.isSettled } }

  /// Whether the block since the last breakdown beats a wanted pair that was there before.
  private var blockContributes: Bool {
    let settled = ascending.filter(\.isSettled)
    let margin = 16 * floor
    if let top = block.last, ends.settings.largest > 0, settled.count >= ends.settings.largest {
      let weakest = settled[settled.count - ends.settings.largest].value
      if top.value > weakest + margin { return true }
    }
    if let bottom = block.first, ends.settings.smallest > 0,
      settled.count >= ends.settings.smallest
    {
      let weakest = settled[ends.settings.smallest - 1].value
      if bottom.value < weakest - margin { return true }
    }
    return false
  }

  private var blockEndsHaveConverged: Bool {
    (ends.settings.largest == 0 || block.last.map(isConverged) ?? false)
      && (ends.settings.smallest == 0 || block.first.map(isConverged) ?? false)
  }

  func result<Scalar>(
    of iteration: LanczosIteration<Scalar>, reason: LanczosStopReason
  ) -> LanczosResult {
    LanczosResult(
      largest: largest.map(judged), smallest: smallest.map(judged), all: ascending.map(judged),
      stopReason: reason, applications: iteration.applications, restarts: iteration.restarts,
      basisSize: iteration.factorization.count, roundingFloor: floor,
      operatorDefect: operatorDefect)
  }

  func progress<Scalar>(of iteration: LanczosIteration<Scalar>) -> LanczosProgress {
    let none = RitzValue(value: .nan, residualBound: .infinity, isConverged: false)
    return LanczosProgress(
      step: iteration.applications, maximumSteps: ends.settings.maximumSteps,
      largest: ascending.last.map(judged) ?? none, smallest: ascending.first.map(judged) ?? none,
      convergedCount: (largest + smallest).filter(isConverged).count,
      wantedCount: ends.settings.largest + ends.settings.smallest)
  }
}
