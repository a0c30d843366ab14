import Communication
import Testing

/// Operations that all ranks take part in, between threads.
struct CollectiveTests {
  @Test(arguments: 1...5) func `every rank gets the bytes of all, in their order`(size: Int) throws
  {
    let rows = try ThreadRanks.run(size) { ranks in
      try ranks.gather([UInt8](repeating: UInt8(ranks.rank), count: 2 * ranks.rank))
    }
    let expected = (0..<size).map { [UInt8](repeating: UInt8($0), count: 2 * $0) }
    #expect(rows == (0..<size).map { _ in expected })
  }

  @Test(arguments: 1...5) func `any rank can give all others its numbers`(size: Int) throws {
    for root in 0..<size {
      let values = try ThreadRanks.run(size) { ranks in
        var values = [Double(ranks.rank), 10 * Double(ranks.rank)]
        try ranks.broadcast(&values, from: root)
        return values
      }
      #expect(values == (0..<size).map { _ in [Double(root), 10 * Double(root)] })
    }
  }

  @Test(arguments: 1...5) func `whole numbers are added, and negative ones stay negative`(
    size: Int
  ) throws {
    let sums = try ThreadRanks.run(size) { try $0.sum([$0.rank, -1]) }
    #expect(sums == (0..<size).map { _ in [size * (size - 1) / 2, -size] })
    #expect(try ThreadRanks.run(size) { try $0.all($0.rank < size - 1) }.allSatisfy { !$0 })
    #expect(try ThreadRanks.run(size) { try $0.all(true) }.allSatisfy(\.self))
  }

  @Test(arguments: 2...5) func `nobody leaves a barrier before all have come`(size: Int) throws {
    for _ in 0..<20 {
      let arrivals = Arrivals()
      let seen = try ThreadRanks.run(size) { ranks in
        arrivals.add()
        try ranks.barrier()
        return arrivals.count
      }
      #expect(seen.allSatisfy { $0 == size })
    }
  }

  @Test func `what a rank throws ends those that wait for it, and is what all say`() throws {
    struct Fault: Error, CustomStringConvertible { let description = "no disk" }
    let seen = Failures()
    #expect(throws: Fault.self) {
      try ThreadRanks.run(3) { ranks in
        if ranks.rank == 2 { throw Fault() }
        do {
          try ranks.barrier()
        } catch let failure as RankFailure {
          seen.add(failure)
          throw failure
        }
      }
    }
    #expect(
      seen.all.map(\.description) == ["rank 2 on thread 2: no disk", "rank 2 on thread 2: no disk"])
  }

  @Test func `a failure is read as it was written`() {
    for failure in [
      RankFailure(rank: 3, host: "node7", reason: "two\nlines"),
      RankFailure(rank: 3, host: "", reason: "", isInterruption: true),
    ] {
      #expect(RankFailure(message: failure.message, from: 3) == failure)
    }
  }
}
