package import Communication
internal import Foundation

/// Finished pieces of a long computation that several ranks share; all of them know the same ones.
///
/// The first rank has the file. Pieces are computed by whoever takes them (`compute`), or by all ranks
/// together (`append`); a killed run goes on with any number of ranks.
package final class SharedJournal: @unchecked Sendable {
  // `@unchecked`: what changes is under the lock.
  private let journal: Journal?
  private let ranks: any Communicator
  private let lock = NSLock()
  private var known: [Int: [Double]] = [:]

  /// Opens the journal and reads what it holds.
  ///
  /// - Parameters:
  ///   - path: Path of the file; created when missing. nil to keep none; only that of the first rank
  ///     counts.
  ///   - configuration: Everything that the values depend on.
  ///   - ranks: Who takes part; all open it at the same time.
  ///   - isValid: Whether a record is one of this computation; others are computed again.
  /// - Throws: `ArtifactError` when the journal belongs to another configuration, cannot be written or is
  ///   held elsewhere; `RankFailure`.
  package init(
    path: String?, configuration: some Encodable, ranks: any Communicator,
    isValid: (Journal.Record) -> Bool
  ) throws {
    self.ranks = ranks
    journal =
      ranks.isFirst ? try path.map { try Journal(path: $0, configuration: configuration) } : nil
    for record in journal?.records ?? [] where isValid(record) {
      known[record.key] = record.values
    }
    try tellOthers()
  }

  /// The values of all finished pieces.
  package var records: [Int: [Double]] { lock.withLock { known } }

  /// How many pieces are finished, as far as this rank knows.
  package var count: Int { lock.withLock { known.count } }

  /// The values of a piece; nil where it is not finished.
  package subscript(key: Int) -> [Double]? { lock.withLock { known[key] } }

  /// Adds a piece that all ranks have computed together.
  ///
  /// - Throws: `ArtifactError` when it cannot be written.
  package func append(_ key: Int, _ values: [Double]) throws {
    try lock.withLock {
      known[key] = values
      try journal?.append(Journal.Record(key: key, values: values))
    }
  }

  /// Has ranks compute in turn what is not finished; afterwards all of them know it.
  ///
  /// - Parameters:
  ///   - keys: The pieces, in the order in which they are begun.
  ///   - check: Called before each piece, and while this rank waits for others; may throw to end.
  ///   - body: Computes a piece on one rank.
  /// - Throws: What the closures throw, `ArtifactError`, `RankFailure`; finished pieces are kept.
  package func compute(
    _ keys: [Int], check: () throws -> Void, _ body: (Int) throws -> [Double]
  ) throws {
    try SharedSchedule(among: ranks).run(
      keys.filter { self[$0] == nil }, check: check,
      compute: { key in
        try check()
        return try body(key)
      }, keep: { try self.append($0, $1) })
    try tellOthers()
  }

  /// Waits until the disk holds everything.
  ///
  /// - Throws: `ArtifactError`.
  package func synchronize() throws { try journal?.synchronize() }

  /// Gives all ranks what the first one knows.
  private func tellOthers() throws {
    guard ranks.size > 1 else { return }
    var rows: [Double] = []
    if ranks.isFirst {
      for (key, values) in records.sorted(by: { $0.key < $1.key }) {
        rows += [Double(key), Double(values.count)] + values
      }
    }
    var count = [Double(rows.count)]
    try ranks.broadcast(&count)
    if !ranks.isFirst { rows = [Double](repeating: 0, count: Int(count[0])) }
    try ranks.broadcast(&rows)
    var all: [Int: [Double]] = [:]
    var place = 0
    while place < rows.count {
      let size = Int(rows[place + 1])
      all[Int(rows[place])] = Array(rows[place + 2..<place + 2 + size])
      place += 2 + size
    }
    lock.withLock { known = all }
  }
}
