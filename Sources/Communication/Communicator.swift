/// One of several processes that do one run together, and its wires to the others.
///
/// All ranks call the same operations in the same order; bytes between two ranks arrive in the order in
/// which they were sent. Everything else (`broadcast`, `gather`, `barrier`, `sum`, `SharedSchedule`) is
/// built on these few, and so the same between processes and between threads.
///
/// A rank that cannot go on says so (`report`); whoever waits for it then gets that `RankFailure` instead
/// of waiting for ever.
package protocol Communicator: AnyObject, Sendable {
  /// Number of this rank, from 0.
  var rank: Int { get }
  /// How many ranks there are.
  var size: Int { get }
  /// Name of the machine.
  var host: String { get }

  /// Sends and receives at once; returns when all bytes have arrived, and those sent may be overwritten.
  ///
  /// - Parameters:
  ///   - outgoing: What others get; nothing for this rank itself.
  ///   - incoming: Where what they send goes. Both sides know how much it is.
  /// - Throws: `RankFailure` when another rank has failed, or the wires have.
  func exchange(_ outgoing: [OutgoingBytes], _ incoming: [IncomingBytes]) throws

  /// Sends a short message that its receiver need not expect; also to this rank itself.
  ///
  /// - Throws: As `exchange`.
  func post(_ message: [UInt8], to rank: Int) throws

  /// Waits for a posted message.
  ///
  /// May be called from one thread while another one uses the other operations.
  ///
  /// - Throws: As `exchange`.
  func nextMail() throws -> Mail

  /// Tells all others that this rank cannot go on; the first time counts.
  func report(_ failure: RankFailure)

  /// Throws what another rank has reported.
  ///
  /// - Throws: `RankFailure`.
  func check() throws
}

/// Bytes for another rank.
package struct OutgoingBytes {
  /// Whom they are for.
  package let rank: Int
  /// The bytes.
  package let bytes: UnsafeRawBufferPointer

  /// Addresses bytes.
  package init(to rank: Int, _ bytes: UnsafeRawBufferPointer) {
    self.rank = rank
    self.bytes = bytes
  }
}

/// Memory for bytes of another rank.
package struct IncomingBytes {
  /// Whom they are from.
  package let rank: Int
  /// Where they go, as many as there are.
  package let bytes: UnsafeMutableRawBufferPointer

  /// Expects bytes.
  package init(from rank: Int, _ bytes: UnsafeMutableRawBufferPointer) {
    self.rank = rank
    self.bytes = bytes
  }
}

/// A message that was posted.
package struct Mail: Equatable, Sendable {
  /// Who posted it.
  package let from: Int
  /// What it says.
  package let message: [UInt8]

  /// Joins the parts.
  package init(from: Int, message: [UInt8]) {
    self.from = from
    self.message = message
  }
}
