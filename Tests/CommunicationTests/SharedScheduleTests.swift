import Communication
import Foundation
import Testing

/// Pieces of work that ranks take from a shared schedule.
struct SharedScheduleTests {
  @Test(arguments: [1, 2, 3, 4, 7]) func `every piece is done once and kept on rank 0`(size: Int)
    throws
  {
    let kept = Kept()
    let items = [4, 2, 9, 0, 7]
    let done = try ThreadRanks.run(size) { ranks in
      var own: [Int] = []
      try SharedSchedule(among: ranks).run(
        ranks.isFirst ? items : [], check: {},
        compute: { item in
          own.append(item)
          return [Double(item), .infinity, -0.0]
        }, keep: { kept.add($0, $1) })
      return own
    }
    #expect(done.flatMap(\.self).sorted() == items.sorted())
    #expect(kept.values.keys.sorted() == items.sorted())
    for (item, values) in kept.values {
      #expect(values.map(\.bitPattern) == [Double(item), .infinity, -0.0].map(\.bitPattern))
    }
  }

  @Test func `a slow rank gets fewer pieces`() throws {
    let done = try ThreadRanks.run(2) { ranks in
      var count = 0
      try SharedSchedule(among: ranks).run(
        Array(0..<40), check: {},
        compute: { _ in
          count += 1
          Thread.sleep(forTimeInterval: ranks.rank == 0 ? 0.05 : 0.002)
          return []
        }, keep: { _, _ in })
      return count
    }
    #expect(done[0] + done[1] == 40)
    #expect(done[0] < done[1])
  }

  @Test(arguments: 0..<3) func `a piece that fails ends all ranks, and what came before is kept`(
    failing: Int
  ) throws {
    struct Fault: Error {}
    let kept = Kept()
    #expect(throws: Fault.self) {
      try ThreadRanks.run(3) { ranks in
        var count = 0
        try SharedSchedule(among: ranks).run(
          Array(0..<1000), check: { try ranks.check() },
          compute: { item in
            Thread.sleep(forTimeInterval: 0.001)
            count += 1
            if ranks.rank == failing, count == 3 { throw Fault() }
            try ranks.check()
            return [Double(item)]
          }, keep: { kept.add($0, $1) })
      }
    }
    #expect(kept.values.count >= 2 && kept.values.count < 1000)
  }

  @Test func `a piece that cannot be kept ends all ranks`() throws {
    struct Full: Error {}
    #expect(throws: (any Error).self) {
      try ThreadRanks.run(3) { ranks in
        try SharedSchedule(among: ranks).run(
          Array(0..<1000), check: { try ranks.check() },
          compute: { _ in
            Thread.sleep(forTimeInterval: 0.001)
            return []
          }, keep: { item, _ in if item == 20 { throw Full() } })
      }
    }
  }
}
