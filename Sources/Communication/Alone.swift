internal import Foundation

/// The only rank of a run: a process that nobody has to wait for.
package final class Alone: Communicator {
  package let rank = 0
  package let size = 1
  package var host: String { machineName() }

  /// Creates the rank.
  package init() {}

  package func exchange(_ outgoing: [OutgoingBytes], _ incoming: [IncomingBytes]) {
    precondition(outgoing.isEmpty && incoming.isEmpty, "there is no other rank")
  }

  package func post(_ message: [UInt8], to rank: Int) {
    preconditionFailure("a rank that is alone has nobody to write to")
  }

  package func nextMail() -> Mail { preconditionFailure("nobody writes to a rank that is alone") }

  package func report(_ failure: RankFailure) {}

  package func check() {}
}

/// Name of this machine; unlike that of `ProcessInfo` it is not asked of the network.
package func machineName() -> String {
  var name = [CChar](repeating: 0, count: 256)
  guard gethostname(&name, name.count - 1) == 0 else { return "this machine" }
  return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
