package import Artifacts
package import Communication
internal import Foundation
internal import GraphRuntime

/// The ranks that do a run together, and where they are.
package struct RunRanks: Sendable {
  /// This rank's wires to the others.
  package let communicator: any Communicator
  /// Machine of each rank.
  package let hosts: [String]
  /// Threads of each rank.
  package let threads: [Int]

  /// A run of this process.
  package init(threads: Int) {
    communicator = Alone()
    hosts = [communicator.host]
    self.threads = [threads]
  }

  /// Asks all ranks where they are.
  ///
  /// - Parameters:
  ///   - communicator: Who takes part; all call this at the same time.
  ///   - threads: Threads of this rank.
  /// - Throws: `RankFailure`.
  package init(_ communicator: any Communicator, threads: Int) throws {
    self.communicator = communicator
    hosts = try communicator.gather(Array(communicator.host.utf8)).map {
      String(decoding: $0, as: UTF8.self)
    }
    self.threads = try communicator.gather([threads]).map { $0[0] }
  }

  /// What a result says of them; nil where one process did it.
  package var distribution: Provenance.Distribution? {
    hosts.count == 1
      ? nil
      : Provenance.Distribution(
        ranks: hosts.count, hosts: Set(hosts).sorted(), threads: threads.reduce(0, +))
  }
}

extension RunContext {
  /// The folder on the rank that writes files; nil on all others.
  func own(_ folder: RunFolder?) -> RunFolder? { ranks.communicator.isFirst ? folder : nil }

  /// Checks that all ranks are about to compute the same.
  ///
  /// - Parameters:
  ///   - dependencies: Everything that the results depend on.
  ///   - sharesSums: Whether ranks send each other parts of sums, which lie in blocks as wide as the vectors
  ///     of the CPU.
  /// - Throws: `AnalysisError` that says which rank has other files, options, libraries or vectors; on all
  ///   ranks.
  func agree(on dependencies: some Encodable, sharesSums: Bool = false) throws {
    guard ranks.hosts.count > 1 else { return }
    let blocks = try ranks.communicator.gather([sharesSums ? GraphExecutor.channelBlock : 0])
    if let other = blocks.firstIndex(where: { $0 != blocks[0] }) {
      throw AnalysisError(
        "rank \(other) on \(ranks.hosts[other]) and rank 0 on \(ranks.hosts[0]) have CPUs of which one has "
          + "AVX-512 and the other has not; take machines that are alike")
    }
    try ranks.communicator.agree(on: dependencies)
  }
}

extension Communicator {
  /// Checks that all ranks have the same.
  ///
  /// - Parameter dependencies: What has to be the same, by names.
  /// - Throws: `AnalysisError` that says which rank has other files, options or libraries; on all ranks.
  func agree(on dependencies: some Encodable) throws {
    guard size > 1 else { return }
    let all = try gather(Array(JSON.encode(dependencies, onOneLine: true).utf8))
    let hosts = try gather(Array(host.utf8)).map { String(decoding: $0, as: UTF8.self) }
    guard let other = all.firstIndex(where: { $0 != all[0] }) else { return }
    let fields = try all.map { bytes in
      let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
      return try object.mapValues {
        try JSONSerialization.data(withJSONObject: [$0], options: .sortedKeys)
      }
    }
    let differing = Set(fields[0].keys).union(fields[other].keys).filter {
      fields[0][$0] != fields[other][$0]
    }
    throw AnalysisError(
      "rank \(other) on \(hosts[other]) differs from rank 0 on \(hosts[0]) in "
        + "\(differing.sorted().joined(separator: ", ")); give all ranks the same files, options and libraries"
    )
  }
}
