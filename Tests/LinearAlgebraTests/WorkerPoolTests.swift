import LinearAlgebra
import Synchronization
import Testing

private final class Counters: Sendable {
  let total = Atomic<Int>(0)
  let weighted = Atomic<Int>(0)
  let overlapping = Atomic<Int>(0)
  let worstWorker = Atomic<Int>(0)
}

@Suite struct WorkerPoolTests {
  @Test(arguments: [1, 2, 3]) func everyTaskRunsOnce(threads: Int) {
    let pool = WorkerPool(threadCount: threads)
    for count in [0, 1, 2, 3, 64, 257] {
      let runs = Mutex([Int](repeating: 0, count: count))
      pool.run(count: count) { task, _ in runs.withLock { $0[task] += 1 } }
      #expect(runs.withLock { $0 } == [Int](repeating: 1, count: count))
    }
  }

  @Test(arguments: [1, 2, 3]) func repeatedRunsOfEmptyTasksAllFinish(threads: Int) {
    let pool = WorkerPool(threadCount: threads)
    let counters = Counters()
    for _ in 0..<2000 {
      pool.run(count: 5) { task, worker in
        counters.total.add(1, ordering: .relaxed)
        counters.weighted.add(task, ordering: .relaxed)
        counters.worstWorker.max(worker, ordering: .relaxed)
      }
    }
    #expect(counters.total.load(ordering: .relaxed) == 10_000)
    #expect(counters.weighted.load(ordering: .relaxed) == 20_000)
    #expect(counters.worstWorker.load(ordering: .relaxed) < threads)
  }

  @Test func callsOfOneWorkerNeverOverlap() {
    let pool = WorkerPool(threadCount: 3)
    let busy = Mutex([Bool](repeating: false, count: 3))
    let counters = Counters()
    pool.run(count: 500) { _, worker in
      let entered = busy.withLock { state in
        defer { state[worker] = true }
        return !state[worker]
      }
      if !entered { counters.overlapping.add(1, ordering: .relaxed) }
      busy.withLock { $0[worker] = false }
    }
    #expect(counters.overlapping.load(ordering: .relaxed) == 0)
  }

  @Test func poolsComeAndGo() {
    let counters = Counters()
    for _ in 0..<50 {
      let pool = WorkerPool(threadCount: 3)
      pool.run(count: 4) { _, _ in counters.total.add(1, ordering: .relaxed) }
    }
    #expect(counters.total.load(ordering: .relaxed) == 200)
  }
}
