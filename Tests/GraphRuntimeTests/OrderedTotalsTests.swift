import Communication
import Foundation
import LinearAlgebra
import Synchronization
import Testing

@testable import GraphRuntime

@Suite struct OrderedTotalsTests {
  /// Sums whose bits depend on the order: the summands differ in size by 2^24.
  private func summand(_ batch: Int, count: Int) -> FloatRows {
    FloatRows(
      (0..<count).map { i in
        let value = Float((i &* 31 &+ batch &* 17) % 101) - 50
        return (i + batch) % 3 == 0 ? value * 0x1p24 : value
      })
  }

  /// The sum over some groups of summands as the tree takes it, by recursion.
  private func expected<Scalar: BinaryFloatingPoint>(
    _ tree: SumTree, _ groups: Range<Int>, _ summand: (Int) -> Scalar
  ) -> Scalar {
    if groups.count == 1 {
      let batches = tree.batches(of: groups.lowerBound)
      return batches.dropFirst().reduce(summand(batches.lowerBound)) { $0 + summand($1) }
    }
    let middle = (groups.lowerBound + groups.upperBound) / 2
    return expected(tree, groups.lowerBound..<middle, summand)
      + expected(tree, middle..<groups.upperBound, summand)
  }

  /// Large sums are in `Float`, small ones in `Double`.
  @Test(
    arguments: [(5000, 0), (5000, 2), (5000, 100), (7, 0)], [(5, 1), (24, 4), (70, 3)])
  func `summands are added by the tree, whoever is early`(
    size: (count: Int, copies: Int), run: (batches: Int, threads: Int)
  ) throws {
    let (count, copies) = size
    let summands = (0..<run.batches).map { summand($0, count: count) }
    let tree = SumTree(batches: run.batches)
    let sums = (0..<count).map { i in
      count > 4096
        ? expected(tree, 0..<tree.groups) { summands[$0].pointer[i] }
        : Float(expected(tree, 0..<tree.groups) { Double(summands[$0].pointer[i]) })
    }
    let result = FloatRows([Float](repeating: .nan, count: count))
    let totals = OrderedTotals(
      targets: [nil, .init(count: count, total: result.pointer)], tree: tree,
      room: copies * count)
    #expect(totals.takesSums)
    let started = Atomic(0)
    WorkerPool(threadCount: run.threads).run(count: run.batches) { _, _ in
      let batch = started.wrappingAdd(1, ordering: .relaxed).oldValue
      // Every third one comes much later than those behind it.
      if batch % 3 == 0 { Thread.sleep(forTimeInterval: 2e-3) }
      totals.add(summands[batch].pointer, index: 0, batch: batch)
      totals.add(summands[batch].pointer, index: 1, batch: batch)
    }
    #expect(try totals.finish().isEmpty)
    #expect((0..<count).map { result.pointer[$0] } == sums)
  }

  @Test(
    arguments: [5000, 7, 1],
    [
      (1, 3, false), (31, 2, false), (70, 3, false), (100, 4, false), (999, 5, false), (8, 3, true),
      (3, 4, true),
    ])
  func `the sum of several ranks has the bits of one, on all of them`(
    count: Int, run: (batches: Int, ranks: Int, isStep: Bool)
  ) throws {
    @Sendable func sum(_ ranks: any Communicator) throws -> (values: [Float], scalar: Double?) {
      let summands = (0..<run.batches).map { summand($0, count: count) }
      let result = [FloatRows([Float](repeating: .nan, count: count)), FloatRows([.nan])]
      let totals = OrderedTotals(
        targets: [.init(count: count, total: result[0].pointer), nil]
          + [.init(count: 1, total: result[1].pointer)],
        tree: SumTree(batches: run.batches, isStep: run.isStep), room: 0, ranks: ranks
      )
      for batch in totals.batches {
        totals.add(summands[batch].pointer, index: 0, batch: batch)
        totals.add(summands[batch].pointer, index: 2, batch: batch)
      }
      let scalars = try totals.finish()
      return ((0..<count).map { result[0].pointer[$0] } + [result[1].pointer[0]], scalars[2])
    }
    let alone = try sum(Alone())
    for each in try ThreadRanks.run(run.ranks, sum) {
      #expect(each.values == alone.values && each.scalar == alone.scalar)
    }
  }

  @Test(arguments: [1, 15, 16, 100, 999], 1...7)
  func `every micro-batch belongs to one rank, and the subtrees of all ranks are side by side`(
    batches: Int, ranks: Int
  ) {
    let tree = SumTree(batches: batches)
    let groups = (0..<ranks).map { tree.groups(of: $0, among: ranks) }
    #expect(groups.flatMap { Array(tree.batches(of: $0)) } == Array(0..<batches))
    let subtrees = groups.map(tree.subtrees)
    #expect(
      subtrees.flatMap { $0.flatMap { Array($0.first..<$0.first + 1 << $0.level) } }
        == Array(0..<tree.groups))
    // No rank has two halves of one subtree apart.
    for own in subtrees {
      for (left, right) in zip(own, own.dropFirst()) {
        #expect(left.level != right.level || left.first >> left.level % 2 == 1)
      }
    }
  }

  @Test func `groups depend on the number of micro-batches alone, and there are at most 64`() {
    #expect(
      [1, 8, 15, 16, 31, 32, 511, 512, 100_000].map { SumTree(batches: $0).groups } == [
        1, 1, 1, 2, 2, 4, 32, 64, 64,
      ])
    for batches in [1, 17, 100, 999] {
      let tree = SumTree(batches: batches)
      #expect((0..<tree.groups).flatMap { Array(tree.batches(of: $0)) } == Array(0..<batches))
    }
  }

  @Test func `thirty-two summands are four groups of eight, combined in pairs`() {
    // In Float, 2^24 + 1 is 2^24: how often a 1 is lost says in which order was summed.
    let big: Float = 0x1p24
    var values = [Float](repeating: 1, count: 32)
    values[0] = big
    values[8] = 0
    values[31] = -big
    let total = FloatRows([.nan])
    var sum = TreeSum<Float>(
      SumTree(batches: 32), total: SumMemory(of: total.pointer), count: 1)
    for (batch, value) in values.enumerated() {
      withUnsafePointer(to: value) { sum.add($0, batch: batch) }
    }
    // Groups: 2^24 (seven ones lost); 7; 8; 7 - 2^24. Pairs: 2^24 + 7 rounds to 2^24 + 8; 15 - 2^24.
    // In order alone, all ones behind the first would be lost: -1 + ... = 0.
    #expect(total.pointer[0] == 8 + 15)
  }
}
