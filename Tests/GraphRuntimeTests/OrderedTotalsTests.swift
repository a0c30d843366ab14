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

  /// Large sums are in `Float`, small ones in `Double`.
  @Test(arguments: [5000, 7], [0, 2, 100])
  func `summands are added in order, whoever is early`(count: Int, copies: Int) {
    let batches = 24
    let summands = (0..<batches).map { summand($0, count: count) }
    var expected = [Float](repeating: 0, count: count)
    for i in 0..<count {
      expected[i] =
        count > 4096
        ? summands.reduce(0) { $0 + $1.pointer[i] }
        : Float(summands.reduce(0.0) { $0 + Double($1.pointer[i]) })
    }
    let result = FloatRows([Float](repeating: .nan, count: count))
    let totals = OrderedTotals(
      targets: [nil, .init(count: count, total: result.pointer)], room: copies * count)
    #expect(totals.takesSums)
    let started = Atomic(0)
    WorkerPool(threadCount: 4).run(count: batches) { _, _ in
      let batch = started.wrappingAdd(1, ordering: .relaxed).oldValue
      // Every third one comes much later than those behind it.
      if batch % 3 == 0 { Thread.sleep(forTimeInterval: 2e-3) }
      totals.add(summands[batch].pointer, index: 0, batch: batch)
      totals.add(summands[batch].pointer, index: 1, batch: batch)
    }
    #expect(totals.finish().isEmpty)
    #expect((0..<count).map { result.pointer[$0] } == expected)
  }
}
