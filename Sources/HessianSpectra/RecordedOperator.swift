package import Communication
package import Krylov
package import LinearAlgebra

/// Passes products through, records them, and plays back those of an earlier, interrupted run.
///
/// Among ranks the first has the journal, and tells the others what it plays back.
package final class RecordedOperator<Base: SymmetricOperator>: SymmetricOperator
where Base.Scalar == Float {
  /// The operator whose products are recorded.
  package let base: Base
  private let journal: ProductJournal?
  private let counter: ProductCounter
  private let ranks: any Communicator
  private let beforeProduct: () throws -> Void

  /// Creates the operator.
  ///
  /// - Parameters:
  ///   - base: The operator A.
  ///   - journal: Where products are kept; nil to keep none, as on all ranks but the first.
  ///   - counter: Counts products, also those of other operators.
  ///   - ranks: Who has this operator and asks for the same products.
  ///   - beforeProduct: Called before a product is played back or computed; may throw to interrupt.
  package init(
    _ base: Base, journal: ProductJournal?, counter: ProductCounter,
    ranks: any Communicator = Alone(), beforeProduct: @escaping () throws -> Void = {}
  ) {
    self.base = base
    self.journal = journal
    self.counter = counter
    self.ranks = ranks
    self.beforeProduct = beforeProduct
  }

  /// Number of rows and columns.
  package var dimension: Int { base.dimension }

  /// The threads of the operator.
  package var pool: WorkerPool? { base.pool }

  /// `y <- A x`, computed or played back.
  package func apply(to x: Vector<Float>, into y: inout Vector<Float>) throws {
    var ys = [y]
    try apply(toEach: [x], into: &ys)
    y = ys[0]
  }

  /// `ys[k] <- A xs[k]`, all computed together or all played back.
  package func apply(toEach xs: [Vector<Float>], into ys: inout [Vector<Float>]) throws {
    try beforeProduct()
    if let known = try playedBack(with: xs) {
      ys = known
      counter.playedBack += xs.count
      return
    }
    try base.apply(toEach: xs, into: &ys)
    counter.computed += xs.count
    if let journal, counter.recordingError == nil {
      // A full disk costs the continuation, not the run.
      do {
        for (x, y) in zip(xs, ys) { try journal.append(y, with: x) }
      } catch {
        counter.recordingError = "\(error)"
      }
    }
  }
}

extension RecordedOperator {
  /// The products that the first rank has recorded; nil where it has none.
  ///
  /// All ranks agree on it: what one computes, all compute.
  private func playedBack(with xs: [Vector<Float>]) throws -> [Vector<Float>]? {
    var known = try journal?.recorded(with: xs, count: dimension)
    guard ranks.size > 1 else { return known }
    var isKnown = [known == nil ? 0.0 : 1.0]
    try ranks.broadcast(&isKnown)
    guard isKnown == [1] else { return nil }
    var products = known ?? xs.map { Vector(zeros: $0.count) }
    known = nil
    for index in products.indices {
      unsafe try products[index].withUnsafeMutableBuffer {
        unsafe try ranks.broadcast(UnsafeMutableRawBufferPointer($0))
      }
    }
    return products
  }
}

/// Numbers of products, for reports.
package final class ProductCounter {
  /// Products that were computed.
  package internal(set) var computed = 0
  /// Products from the journal.
  package internal(set) var playedBack = 0
  /// Why products are not recorded any more.
  package internal(set) var recordingError: String?

  /// Creates counters at zero.
  package init() {}

  /// All products.
  package var total: Int { computed + playedBack }
}
