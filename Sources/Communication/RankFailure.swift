/// Why a rank could not go on; what all others end with.
package struct RankFailure: Error, Equatable, CustomStringConvertible {
  /// The rank.
  package let rank: Int
  /// Its machine.
  package let host: String
  /// What was wrong, in one line.
  package let reason: String
  /// Whether it was asked to end, and nothing was wrong.
  package let isInterruption: Bool

  /// Joins the parts.
  package init(rank: Int, host: String, reason: String, isInterruption: Bool = false) {
    self.rank = rank
    self.host = host
    self.reason = reason
    self.isInterruption = isInterruption
  }

  /// One line for the user.
  package var description: String { "rank \(rank) on \(host): \(reason)" }

  /// The message that `init(message:from:)` reads.
  package var message: [UInt8] {
    Array("\(isInterruption ? 1 : 0)\n\(host)\n\(reason)".utf8)
  }

  /// Reads the message of a rank.
  package init(message: [UInt8], from rank: Int) {
    let parts = String(decoding: message, as: UTF8.self)
      .split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    self.init(
      rank: rank, host: parts.count > 1 ? parts[1] : "", reason: parts.count > 2 ? parts[2] : "",
      isInterruption: parts.first == "1")
  }
}
